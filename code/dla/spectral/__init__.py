"""Time-frequency representations and masks on them."""

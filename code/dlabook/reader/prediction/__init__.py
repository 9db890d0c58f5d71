"""What a reader expects before the outcome of a prediction is open, and how often it was right."""

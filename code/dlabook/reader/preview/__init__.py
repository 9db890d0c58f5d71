"""What a link refers to is shown where it is."""

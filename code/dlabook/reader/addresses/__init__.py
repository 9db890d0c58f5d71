"""What moved is found."""

"""Code that is not the idea, folded to one line that says what is in it."""

"""Pages as notebooks to take away."""

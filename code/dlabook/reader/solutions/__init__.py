"""A switch that hides the solutions of all exercises."""

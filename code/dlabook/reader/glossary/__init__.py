"""Words become links to their definitions."""

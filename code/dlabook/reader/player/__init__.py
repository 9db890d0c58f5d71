"""Sounds are heard and compared."""

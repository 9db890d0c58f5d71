"""Signals as few numbers, and back (synthesis/phase-and-likelihood)."""

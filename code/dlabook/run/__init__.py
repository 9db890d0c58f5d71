"""Chapters are executed once, and kept whole."""

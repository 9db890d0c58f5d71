"""Losses: what is minimised."""

"""Formulas that are copied."""

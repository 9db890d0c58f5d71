"""Measures: what is reported, beside the losses that are minimised."""

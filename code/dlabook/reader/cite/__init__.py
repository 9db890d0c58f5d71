"""Permanent addresses, and references to them."""

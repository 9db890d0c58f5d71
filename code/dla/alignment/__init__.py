"""Alignment: which moments of two recordings belong together."""

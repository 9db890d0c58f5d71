"""Differences are heard, or not: a blind test."""

"""Losses: how far an estimate is from its target."""

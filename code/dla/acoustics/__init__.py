"""Rooms: what they do to a sound."""

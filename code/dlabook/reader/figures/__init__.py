"""The figures of the book for the slides of others."""

"""Asking a model a question: plant, train, cut, and how sure to be."""

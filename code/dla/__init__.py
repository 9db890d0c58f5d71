"""Deep learning for audio: what a reader of the book learns.

One concept, one file, the field's name for it.
"""

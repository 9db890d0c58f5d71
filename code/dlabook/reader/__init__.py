"""The reader's tools, one folder each: its Python, its script, its style."""

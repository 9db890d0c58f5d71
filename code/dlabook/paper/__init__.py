"""The book as one LaTeX document, and as a PDF."""

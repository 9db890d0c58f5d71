"""What the sources say: chapters, labels, pages, versions, the library."""

"""Material and experiments of the chapter on chord recognition."""

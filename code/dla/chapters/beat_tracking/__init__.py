"""Material and experiments of the chapter on beat tracking."""

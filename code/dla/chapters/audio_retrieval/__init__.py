"""Material and experiments of the chapter on audio retrieval."""

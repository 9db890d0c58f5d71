"""Room of the chapter comparison/audio-retrieval."""

"""Search by words, names and symbols."""

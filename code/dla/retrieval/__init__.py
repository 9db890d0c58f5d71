"""Which of many sounds is this: fingerprints, their index, the search."""

"""Material of the chapter on permutation-invariant training."""

"""Room of the chapter synthesis/phase-and-likelihood."""

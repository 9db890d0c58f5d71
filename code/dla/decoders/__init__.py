"""From activations to events: what is known about sequences, as a search."""

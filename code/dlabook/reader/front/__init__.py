"""The first page: what there is, computed, and something to hear."""

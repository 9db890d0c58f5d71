"""Twenty minutes: one page a chapter, for the last look before an examination."""

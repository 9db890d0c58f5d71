"""Material of the chapter on speech signals and measures."""

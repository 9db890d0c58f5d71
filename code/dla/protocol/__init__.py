"""What every experiment shares: plant, train, cut, and how sure to be."""

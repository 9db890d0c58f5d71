"""Material and experiments of the chapter on melody and pitch."""

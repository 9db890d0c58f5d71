"""Sound that the chapters use: recorded corpora that ship with dla."""

"""The oral examination is practised: trainer, deck, sheets."""

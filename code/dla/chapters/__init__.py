"""One room a chapter: what only its experiments need. Its pages import it."""

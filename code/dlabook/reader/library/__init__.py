"""Pages of the library dla."""

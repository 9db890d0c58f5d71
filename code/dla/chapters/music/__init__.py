"""Arms of the chapter on music processing."""

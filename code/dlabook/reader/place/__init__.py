"""Where a reader is: on the page, in the contents, and where to go on."""

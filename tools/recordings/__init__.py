"""How each recorded corpus is made: one module per corpus, with its written rule."""

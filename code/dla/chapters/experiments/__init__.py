"""Material of the chapter on asking a model a question."""

"""What a cell may return: sounds, scores, figures, results."""

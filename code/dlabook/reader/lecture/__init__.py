"""What a lecturer shows of a chapter in ninety minutes."""

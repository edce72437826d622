"""What findings are worth: the score."""

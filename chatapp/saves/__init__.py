"""What somebody keeps for themselves: messages saved to come back to."""

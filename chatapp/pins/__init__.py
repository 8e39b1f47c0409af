"""What a room keeps in sight: messages that its admins pin."""

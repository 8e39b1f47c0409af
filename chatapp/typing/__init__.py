"""Who is writing just now: told to the room, and kept nowhere."""

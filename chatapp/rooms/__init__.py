"""Rooms: who is in them, who runs them, and the gate to all that is inside."""

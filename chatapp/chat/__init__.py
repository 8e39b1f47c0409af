"""Messages: posting them, and reading what was said."""

"""Reactions to messages: an emoji, and who gave it."""

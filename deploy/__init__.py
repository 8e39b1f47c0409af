"""How the chat is run: several processes of it, and what stands in front."""

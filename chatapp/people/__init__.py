"""How people show themselves to others, and how they like the chat to be."""

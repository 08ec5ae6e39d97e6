"""How long readings are kept, and what they take."""

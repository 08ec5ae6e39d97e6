"""Edge agents: what they say of themselves, and what follows when they say nothing."""

"""What too many alerts do to people: groups, chatter, floods."""

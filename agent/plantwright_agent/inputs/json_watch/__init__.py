"""JSON Lines files that grow: one object per line."""

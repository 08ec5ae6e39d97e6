"""JSON files that grow or are dropped in: one document per line, or one per file."""

"""How readings come in: bodies to columns, columns to segments, segments into the log."""

"""Files of readings, out and in."""

"""Merging of the log, and the rollups of what is merged."""

"""The 0-100 health score and machine status."""

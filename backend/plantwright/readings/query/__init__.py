"""Looking at readings over a window."""

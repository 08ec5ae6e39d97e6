"""Watches a machine as a whole: Hotelling's T² and Q over all of its metrics."""

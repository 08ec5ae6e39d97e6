"""Findings derived again: late readings, replays, and settings tried on history."""

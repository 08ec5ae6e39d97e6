"""Finds what is unusual in readings: a pure function `(state, readings, config) -> (state, findings)`."""

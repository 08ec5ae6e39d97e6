"""Plantwright: two append-only logs and their consumers."""

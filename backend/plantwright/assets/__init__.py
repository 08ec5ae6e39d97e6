"""Machines and their metrics."""

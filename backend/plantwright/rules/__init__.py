"""Composite rules: conditions over metrics of one or several machines, joined by AND and OR."""

"""Tenants, people, keys: who is asking, and as whom."""

"""Readings on disk from the moment they are taken in until the server has them."""

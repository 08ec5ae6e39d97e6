"""Frames of the readings log that are made once and sent to every subscriber of the same selection."""

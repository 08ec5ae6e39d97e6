"""The life cycle of alerts."""

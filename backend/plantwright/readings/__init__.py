"""The readings log: what machines said."""

"""Schema assembly: no business rules."""

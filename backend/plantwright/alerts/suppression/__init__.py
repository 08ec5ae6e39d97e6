"""What keeps an alert from calling: shelved, suppressed by design, out of service."""

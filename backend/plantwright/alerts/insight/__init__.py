"""What is known around an alert, and how well alarms work."""

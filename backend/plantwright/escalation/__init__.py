"""Who is told next when nobody takes care of an alert."""

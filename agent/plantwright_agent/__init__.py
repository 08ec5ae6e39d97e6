"""Edge agent of Plantwright."""

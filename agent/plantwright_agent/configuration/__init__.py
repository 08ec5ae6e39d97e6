"""From files and environment to checked values, with the line each value stands on."""

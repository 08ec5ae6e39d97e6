"""Ground floor: settings, database, bus, clock, ids, errors. Imports no other room."""

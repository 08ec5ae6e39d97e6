"""Alembic migrations; run by `plantwright migrate` as the database owner."""

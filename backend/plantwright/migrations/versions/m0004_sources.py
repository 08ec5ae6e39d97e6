"""Ingest sources: devices that the server itself reads.

Revision ID: 0004
"""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in by the room that owns it."""


def downgrade() -> None:
    """Filled in by the room that owns it."""

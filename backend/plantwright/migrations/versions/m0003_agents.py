"""Edge agents: what they say of themselves.

Revision ID: 0003
"""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled in by the room that owns it."""


def downgrade() -> None:
    """Filled in by the room that owns it."""

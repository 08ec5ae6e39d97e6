"""Agents: since when an agent is in its state, which tells of silence what the old column told.

Revision ID: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE agent RENAME COLUMN silent_since TO state_since")
    op.execute("ALTER TABLE agent DROP CONSTRAINT agent_check")
    op.execute("UPDATE agent SET state_since = last_seen_at WHERE state_since IS NULL")
    op.execute("ALTER TABLE agent ALTER COLUMN state_since SET NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE agent ALTER COLUMN state_since DROP NOT NULL")
    op.execute("UPDATE agent SET state_since = NULL WHERE state <> 'silent'")
    op.execute("ALTER TABLE agent RENAME COLUMN state_since TO silent_since")
    op.execute("ALTER TABLE agent ADD CONSTRAINT agent_check CHECK ((silent_since IS NULL) = (state <> 'silent'))")

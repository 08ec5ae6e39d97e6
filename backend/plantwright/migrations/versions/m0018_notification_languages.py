"""The worker removes browsers that have taken no notifications for as long as the delivery log is kept.

Revision ID: 0018
"""

from alembic import op

from plantwright.migrations.tenancy import database_role, grant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    grant("notification_channel", worker="DELETE")


def downgrade() -> None:
    op.execute(f"REVOKE DELETE ON notification_channel FROM {database_role('worker')}")

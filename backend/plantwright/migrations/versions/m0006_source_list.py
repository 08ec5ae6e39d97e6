"""Ingest sources: the worker's list of all tenants is there only while it works for none.

Revision ID: 0006
"""

from alembic import op

from plantwright.migrations.tenancy import TENANT_SETTING

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(f"ALTER POLICY source_list ON ingest_source_runtime USING (is_wanted AND {TENANT_SETTING} IS NULL)")


def downgrade() -> None:
    op.execute("ALTER POLICY source_list ON ingest_source_runtime USING (is_wanted)")

"""What the machine-level chart remembers.

Revision ID: 0014
"""

from alembic import op

from plantwright.migrations.tenancy import grant, protect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE machine_chart (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            machine_id uuid NOT NULL,
            live bytea NOT NULL,
            learnt bytea NOT NULL,
            PRIMARY KEY (tenant_id, machine_id),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id) ON DELETE CASCADE
        )""")
    # Random bytes: compressing them would only cost time.
    op.execute("ALTER TABLE machine_chart ALTER COLUMN live SET STORAGE EXTERNAL")
    protect("machine_chart")
    grant("machine_chart", app="SELECT, INSERT, UPDATE, DELETE", worker="SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.execute("DROP TABLE machine_chart")

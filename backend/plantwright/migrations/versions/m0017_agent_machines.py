"""Which machines an agent reads, and what operators did with alerts.

Revision ID: 0017
"""

from alembic import op

from plantwright.migrations.tenancy import grant, protect

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _machines()
    _alerts()


def downgrade() -> None:
    op.execute("ALTER TABLE alert DROP COLUMN opened_at, DROP COLUMN acknowledged_unopened, DROP COLUMN outcome")
    op.execute("DROP TABLE agent_machine")


def _machines() -> None:
    """Readings of an agent may come before its first heartbeat, so the agent is no foreign key."""
    op.execute("""
        CREATE TABLE agent_machine (
            tenant_id uuid NOT NULL,
            agent_id uuid NOT NULL,
            machine_id uuid NOT NULL,
            last_read_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, agent_id, machine_id),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ON agent_machine (tenant_id, machine_id)")
    protect("agent_machine")
    grant("agent_machine", app="SELECT, INSERT, UPDATE, DELETE", worker="SELECT")


def _alerts() -> None:
    """`opened_at` is when somebody first looked, nobody's name. `acknowledged_unopened` is null where nobody has
    acknowledged, and where that was before this was noted.
    """
    op.execute("""
        ALTER TABLE alert
            ADD COLUMN opened_at timestamptz,
            ADD COLUMN acknowledged_unopened boolean,
            ADD COLUMN outcome text CHECK (outcome IN ('genuine', 'nuisance', 'false_alarm'))""")

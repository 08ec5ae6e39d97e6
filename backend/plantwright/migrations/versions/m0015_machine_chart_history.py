"""From what the findings of the machine-level chart are derived again: statements, snapshots, and late machines.

Revision ID: 0015
"""

from alembic import op

from plantwright.migrations.tenancy import grant, protect

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ALL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"
TABLES = ("machine_chart_late", "machine_chart_snapshot", "machine_reference_statement")


def upgrade() -> None:
    op.execute("ALTER TABLE machine_chart ADD COLUMN settings bytea NOT NULL DEFAULT ''")
    _statements()
    _snapshots()
    _late()


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE machine_chart DROP COLUMN settings")


def _statements() -> None:
    op.execute("""
        CREATE TABLE machine_reference_statement (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id bigint GENERATED ALWAYS AS IDENTITY,
            machine_id uuid NOT NULL,
            holds_from_ms bigint NOT NULL,
            drawn bytea,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id) ON DELETE CASCADE
        )""")
    op.execute("CREATE INDEX ON machine_reference_statement (tenant_id, machine_id, id)")
    protect("machine_reference_statement")
    grant("machine_reference_statement", app="SELECT, INSERT", worker="SELECT")


def _snapshots() -> None:
    op.execute("""
        CREATE TABLE machine_chart_snapshot (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            machine_id uuid NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            known_ms bigint NOT NULL,
            next_ms bigint NOT NULL,
            is_daily boolean NOT NULL,
            is_edge boolean NOT NULL,
            state bytea NOT NULL,
            PRIMARY KEY (tenant_id, machine_id, id),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id) ON DELETE CASCADE
        )""")
    op.execute("CREATE INDEX ON machine_chart_snapshot (tenant_id, machine_id, known_ms)")
    # Numbers of full precision do not get smaller by compressing them.
    op.execute("ALTER TABLE machine_chart_snapshot ALTER COLUMN state SET STORAGE EXTERNAL")
    protect("machine_chart_snapshot")
    grant("machine_chart_snapshot", app="SELECT", worker=ALL_RIGHTS)


def _late() -> None:
    op.execute("""
        CREATE TABLE machine_chart_late (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            machine_id uuid NOT NULL,
            from_ms bigint NOT NULL,
            notes bigint NOT NULL DEFAULT 1,
            first_noted_at timestamptz NOT NULL DEFAULT now(),
            last_noted_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, machine_id),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id) ON DELETE CASCADE
        )""")
    protect("machine_chart_late")
    grant("machine_chart_late", app="SELECT", worker=ALL_RIGHTS)

"""Composite rules.

Revision ID: 0009
"""

from alembic import op

from plantwright.migrations.tenancy import grant, protect

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ALL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    """`alert_rule_book` tells with one row whether anything of a tenant's rules has changed."""
    op.execute("""
        CREATE TABLE alert_rule (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id uuid NOT NULL,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
            description text NOT NULL CHECK (length(description) <= 2000),
            is_enabled boolean NOT NULL,
            machine_id uuid,
            machine_kind text CHECK (num_nonnulls(machine_id, machine_kind) = 1),
            definition jsonb NOT NULL,
            version integer NOT NULL,
            effective_at timestamptz NOT NULL,
            created_by uuid,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ON alert_rule (tenant_id, name, id)")
    op.execute("""
        CREATE TABLE alert_rule_book (
            tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenant (id),
            revision bigint NOT NULL
        )""")
    op.execute("""
        CREATE TABLE alert_rule_state (
            tenant_id uuid NOT NULL,
            rule_id uuid NOT NULL,
            machine_id uuid NOT NULL,
            version integer NOT NULL,
            through timestamptz NOT NULL,
            due timestamptz,
            active_since timestamptz,
            severity text,
            last_started timestamptz,
            state bytea NOT NULL,
            PRIMARY KEY (tenant_id, rule_id, machine_id),
            FOREIGN KEY (tenant_id, rule_id) REFERENCES alert_rule (tenant_id, id) ON DELETE CASCADE
        )""")
    op.execute("CREATE INDEX ON alert_rule_state (tenant_id, due) WHERE due IS NOT NULL")
    op.execute("""
        CREATE TABLE alert_rule_snapshot (
            tenant_id uuid NOT NULL,
            rule_id uuid NOT NULL,
            machine_id uuid NOT NULL,
            through timestamptz NOT NULL,
            state bytea NOT NULL,
            PRIMARY KEY (tenant_id, rule_id, machine_id, through),
            FOREIGN KEY (tenant_id, rule_id, machine_id)
                REFERENCES alert_rule_state (tenant_id, rule_id, machine_id) ON DELETE CASCADE
        )""")
    for table in ("alert_rule", "alert_rule_book", "alert_rule_state", "alert_rule_snapshot"):
        protect(table)
        grant(table, app=ALL_RIGHTS)
    grant("alert_rule", worker="SELECT")
    grant("alert_rule_book", worker="SELECT, INSERT, UPDATE")
    grant("alert_rule_state", worker=ALL_RIGHTS)
    grant("alert_rule_snapshot", worker=ALL_RIGHTS)


def downgrade() -> None:
    for table in ("alert_rule_snapshot", "alert_rule_state", "alert_rule_book", "alert_rule"):
        op.execute(f"DROP TABLE {table}")

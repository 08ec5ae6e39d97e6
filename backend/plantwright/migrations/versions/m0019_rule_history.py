"""Versions of rules by the time from which they hold.

What is remembered of a version goes on until readings can no longer come late for it, so states are kept by version.
Earlier states for late readings are taken anew from the log.

Revision ID: 0019
"""

from uuid import UUID

from alembic import op
from sqlalchemy import text

from plantwright.migrations.tenancy import grant, protect

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_SNAPSHOT = """
    CREATE TABLE alert_rule_snapshot (
        tenant_id uuid NOT NULL,
        rule_id uuid NOT NULL,
        {version}
        machine_id uuid NOT NULL,
        through timestamptz NOT NULL,
        state bytea NOT NULL,
        PRIMARY KEY (tenant_id, rule_id, {key} machine_id, through),
        FOREIGN KEY (tenant_id, rule_id, {key} machine_id)
            REFERENCES alert_rule_state (tenant_id, rule_id, {key} machine_id) ON DELETE CASCADE
    )"""
_ALL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE alert_rule_version (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            rule_id uuid NOT NULL,
            version integer NOT NULL,
            name text NOT NULL,
            definition jsonb NOT NULL,
            holds_from timestamptz NOT NULL,
            holds_until timestamptz,
            end_reason text CHECK (num_nonnulls(holds_until, end_reason) <> 1),
            PRIMARY KEY (tenant_id, rule_id, version)
        )""")
    protect("alert_rule_version")
    grant("alert_rule_version", app="SELECT, INSERT, UPDATE", worker="SELECT")
    _for_each_tenant("""
        INSERT INTO alert_rule_version (tenant_id, rule_id, version, name, definition, holds_from)
        SELECT tenant_id, id, version, name, definition, effective_at FROM alert_rule
        WHERE tenant_id = :tenant_id AND is_enabled""")
    op.execute("DROP TABLE alert_rule_snapshot")
    op.execute("ALTER TABLE alert_rule_state DROP CONSTRAINT alert_rule_state_tenant_id_rule_id_fkey")
    op.execute("ALTER TABLE alert_rule_state DROP CONSTRAINT alert_rule_state_pkey")
    op.execute("ALTER TABLE alert_rule_state ADD PRIMARY KEY (tenant_id, rule_id, version, machine_id)")
    op.execute("ALTER TABLE alert_rule_state ADD FOREIGN KEY (tenant_id) REFERENCES tenant (id)")
    _make_snapshots(version="version integer NOT NULL,", key="version,")


def downgrade() -> None:
    """Only what is remembered of present versions stays."""
    op.execute("DROP TABLE alert_rule_snapshot")
    _for_each_tenant("""
        DELETE FROM alert_rule_state s WHERE tenant_id = :tenant_id AND NOT EXISTS (
            SELECT FROM alert_rule r WHERE r.tenant_id = s.tenant_id AND r.id = s.rule_id AND r.version = s.version)""")
    op.execute("ALTER TABLE alert_rule_state DROP CONSTRAINT alert_rule_state_tenant_id_fkey")
    op.execute("ALTER TABLE alert_rule_state DROP CONSTRAINT alert_rule_state_pkey")
    op.execute("ALTER TABLE alert_rule_state ADD PRIMARY KEY (tenant_id, rule_id, machine_id)")
    op.execute("""
        ALTER TABLE alert_rule_state ADD FOREIGN KEY (tenant_id, rule_id)
        REFERENCES alert_rule (tenant_id, id) ON DELETE CASCADE""")
    _make_snapshots(version="", key="")
    op.execute("DROP TABLE alert_rule_version")


def _make_snapshots(*, version: str, key: str) -> None:
    op.execute(_SNAPSHOT.format(version=version, key=key))
    protect("alert_rule_snapshot")
    grant("alert_rule_snapshot", app=_ALL_RIGHTS, worker=_ALL_RIGHTS)


def _for_each_tenant(statement: str) -> None:
    """Also the owner of the tables sees the rows of one tenant at a time."""
    bind = op.get_bind()
    for tenant_id in bind.execute(text("SELECT id FROM tenant")).scalars().all():
        bind.execute(text(f"SET LOCAL app.tenant_id = '{UUID(str(tenant_id))}'"))
        bind.execute(text(statement), {"tenant_id": tenant_id})
    bind.execute(text("SET LOCAL app.tenant_id = ''"))

"""Every score a machine had, in columns.

Revision ID: 0013
"""

from alembic import op

from plantwright.migrations.tenancy import grant, protect

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _changes()
    _episodes()


def downgrade() -> None:
    raise NotImplementedError("The journal is append-only: going back means restoring a backup.")


def _changes() -> None:
    """The journal has them too, with all that led to each; a year of them is read from the key of this table alone."""
    op.execute("""
        CREATE TABLE machine_health_change (
            tenant_id uuid NOT NULL,
            machine_id uuid NOT NULL,
            changed_at timestamptz NOT NULL,
            sequence bigint NOT NULL,
            old_score smallint NOT NULL CHECK (old_score BETWEEN 0 AND 100),
            score smallint NOT NULL CHECK (score BETWEEN 0 AND 100),
            alert_score smallint NOT NULL,
            anomaly_score smallint NOT NULL,
            PRIMARY KEY (tenant_id, machine_id, changed_at, sequence)
                INCLUDE (old_score, score, alert_score, anomaly_score),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id)
        )""")
    # Rather an error than rows left behind, should the owner not stand above row-level security.
    op.execute("SET LOCAL row_security = off")
    op.execute("""
        INSERT INTO machine_health_change
        SELECT a.tenant_id, a.machine_id, (a.payload ->> 'computed_at')::timestamptz, a.sequence,
               (a.payload ->> 'old_score')::smallint, (a.payload ->> 'score')::smallint,
               (a.payload ->> 'alert_score')::smallint, (a.payload ->> 'anomaly_score')::smallint
        FROM audit_record a
        JOIN machine m ON m.tenant_id = a.tenant_id AND m.id = a.machine_id
        WHERE a.action = 'health.changed'""")
    protect("machine_health_change")
    grant("machine_health_change", app="SELECT", worker="SELECT, INSERT")


def _episodes() -> None:
    """By machine, since an episode of several metrics together belongs to none of them."""
    op.execute("DROP INDEX audit_record_episodes")
    op.execute("""
        CREATE INDEX audit_record_episodes ON audit_record (tenant_id, machine_id, created_at)
        WHERE action = 'finding.started'""")

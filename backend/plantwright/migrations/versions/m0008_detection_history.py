"""Settings of the detectors by the time from which they hold, snapshots of their state, and series with late readings.

Revision ID: 0008
"""

from alembic import op

from plantwright.migrations.tenancy import grant, protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ALL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    _settings()
    _snapshots()
    _late()


def downgrade() -> None:
    for table in ("detection_late", "detection_snapshot", "detection_settings_seen", "detection_settings"):
        op.execute(f"DROP TABLE {table}")


def _settings() -> None:
    op.execute("""
        CREATE TABLE detection_settings (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id bigint GENERATED ALWAYS AS IDENTITY,
            metric_id uuid,
            holds_from timestamptz NOT NULL,
            settings jsonb,
            replaced jsonb,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, metric_id) REFERENCES metric (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ON detection_settings (tenant_id, holds_from)")
    op.execute("CREATE INDEX ON detection_settings (tenant_id, metric_id, holds_from)")
    protect("detection_settings")
    grant("detection_settings", app="SELECT, INSERT", worker="SELECT")
    op.execute("""
        CREATE TABLE detection_settings_seen (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            shard integer NOT NULL,
            seen bigint NOT NULL,
            PRIMARY KEY (tenant_id, shard)
        )""")
    protect("detection_settings_seen")
    grant("detection_settings_seen", app="SELECT", worker=ALL_RIGHTS)


def _snapshots() -> None:
    op.execute("""
        CREATE TABLE detection_snapshot (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            day date NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            is_daily boolean NOT NULL,
            is_edge boolean NOT NULL DEFAULT false,
            is_thinned boolean NOT NULL DEFAULT false,
            series_ids integer[] NOT NULL,
            last_times bigint[] NOT NULL,
            state bytea NOT NULL,
            PRIMARY KEY (tenant_id, day, id)
        )""")
    # Numbers of full precision do not get smaller by compressing them.
    op.execute("ALTER TABLE detection_snapshot ALTER COLUMN state SET STORAGE EXTERNAL")
    protect("detection_snapshot")
    grant("detection_snapshot", app="SELECT", worker=ALL_RIGHTS)


def _late() -> None:
    op.execute("""
        CREATE TABLE detection_late (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            series_id integer NOT NULL,
            from_ms bigint NOT NULL,
            notes bigint NOT NULL DEFAULT 1,
            first_noted_at timestamptz NOT NULL DEFAULT now(),
            last_noted_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, series_id)
        )""")
    protect("detection_late")
    grant("detection_late", app="SELECT", worker=ALL_RIGHTS)

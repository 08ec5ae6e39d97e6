"""Merged segments, rollups, remembered batches, and what is stored.

Revision ID: 0002
"""

from alembic import op

from plantwright.migrations.partitioning import lay_out_segments, make_partition_functions
from plantwright.migrations.tenancy import TENANT_NUMBER, grant, protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ALL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    _segments()
    _rollups()
    _batches()
    _storage()
    make_partition_functions()


def downgrade() -> None:
    raise NotImplementedError("Merged segments have no flushes to go back to: going back means restoring a backup.")


def _segments() -> None:
    op.execute("DROP VIEW reading")
    lay_out_segments()
    op.execute("""
        CREATE VIEW reading WITH (security_invoker = true) AS
        SELECT s.tenant_no, s.series_id,
               s.start + coalesce(r.milliseconds, s.period * (r.position - 1)) * interval '1 millisecond' AS time,
               r.value, coalesce(r.quality, 0)::smallint AS quality, s.flush_id, s.start AS segment_start
        FROM segment s, unnest(s.offsets, s.values, s.quality)
             WITH ORDINALITY AS r (milliseconds, value, quality, position)""")
    grant("reading", app="SELECT", worker="SELECT")


def _rollups() -> None:
    op.execute("""
        CREATE TABLE rollup (
            tenant_no integer NOT NULL REFERENCES tenant (number),
            series_id integer NOT NULL,
            bucket_seconds integer NOT NULL CHECK (bucket_seconds IN (60, 3600, 86400)),
            start timestamptz NOT NULL,
            places smallint[] NOT NULL,
            counts integer[] NOT NULL,
            lasts double precision[] NOT NULL,
            sums double precision[],
            minimums double precision[],
            maximums double precision[],
            PRIMARY KEY (tenant_no, bucket_seconds, series_id, start)
        )""")
    _protect_by_number("rollup")
    grant("rollup", app="SELECT", worker=ALL_RIGHTS)


def _batches() -> None:
    op.execute("ALTER TABLE ingest_batch ADD COLUMN digest bytea")
    grant("ingest_batch", worker="DELETE")
    op.execute("""
        CREATE TABLE ingest_stream (
            tenant_no integer NOT NULL REFERENCES tenant (number),
            agent uuid NOT NULL,
            stream text NOT NULL,
            forgotten_through bigint NOT NULL,
            updated_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_no, agent, stream)
        )""")
    _protect_by_number("ingest_stream")
    grant("ingest_stream", app="SELECT", worker=ALL_RIGHTS)


def _storage() -> None:
    op.execute("""
        CREATE TABLE storage_usage (
            tenant_no integer NOT NULL REFERENCES tenant (number),
            day timestamptz NOT NULL,
            segments bigint NOT NULL,
            unmerged bigint NOT NULL,
            readings bigint NOT NULL,
            bytes bigint NOT NULL,
            minute_bytes bigint NOT NULL,
            hour_bytes bigint NOT NULL,
            day_bytes bigint NOT NULL,
            oldest timestamptz,
            newest timestamptz,
            measured_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_no, day)
        )""")
    _protect_by_number("storage_usage")
    grant("storage_usage", app="SELECT", worker=ALL_RIGHTS)
    op.execute("""
        CREATE TABLE storage_state (
            tenant_no integer PRIMARY KEY REFERENCES tenant (number),
            measured_through bigint NOT NULL,
            measured_at timestamptz NOT NULL DEFAULT now(),
            deleted_before timestamptz
        )""")
    _protect_by_number("storage_state")
    grant("storage_state", app="SELECT", worker="SELECT, INSERT, UPDATE")
    op.execute("""
        CREATE TABLE storage_cleanup (
            tenant_no integer PRIMARY KEY REFERENCES tenant (number),
            requested_at timestamptz NOT NULL DEFAULT now(),
            requested_by uuid NOT NULL,
            started_at timestamptz,
            claimed_until timestamptz,
            finished_at timestamptz,
            segments bigint NOT NULL DEFAULT 0,
            readings bigint NOT NULL DEFAULT 0,
            rollups bigint NOT NULL DEFAULT 0
        )""")
    _protect_by_number("storage_cleanup")
    grant("storage_cleanup", app="SELECT, INSERT, UPDATE", worker="SELECT, UPDATE")


def _protect_by_number(table: str) -> None:
    protect(table, f"tenant_no = {TENANT_NUMBER}")

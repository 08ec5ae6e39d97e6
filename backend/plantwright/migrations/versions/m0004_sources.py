"""Ingest sources: devices that the server itself reads.

Revision ID: 0004
"""

from alembic import op

from plantwright.migrations.tenancy import database_role, grant, protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ALL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    _configuration()
    _runtime()
    # A metric is made at its first reading, and the worker is who takes the readings of a source; it also closes the
    # stream of a source to whoever polled it before.
    grant("metric", worker="INSERT")
    grant("ingest_batch", worker="INSERT")


def downgrade() -> None:
    for table in ("opcua_identity", "ingest_source_gap", "ingest_source_runtime", "tag_mapping", "ingest_source"):
        op.execute(f"DROP TABLE {table}")
    for table in ("metric", "ingest_batch"):
        op.execute(f"REVOKE INSERT ON {table} FROM {database_role('worker')}")


def _configuration() -> None:
    op.execute("""
        CREATE TABLE ingest_source (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id uuid NOT NULL,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
            machine_id uuid NOT NULL,
            protocol text NOT NULL CHECK (protocol IN ('opc_ua', 'modbus_tcp')),
            address text NOT NULL,
            settings jsonb NOT NULL,
            credentials bytea,
            is_paused boolean NOT NULL,
            version integer NOT NULL,
            created_by uuid,
            updated_by uuid,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, name),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id),
            FOREIGN KEY (tenant_id, created_by) REFERENCES user_account (tenant_id, id),
            FOREIGN KEY (tenant_id, updated_by) REFERENCES user_account (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ON ingest_source (tenant_id, machine_id)")
    protect("ingest_source")
    grant("ingest_source", app=ALL_RIGHTS, worker="SELECT")
    op.execute("""
        CREATE TABLE tag_mapping (
            tenant_id uuid NOT NULL,
            source_id uuid NOT NULL,
            tag text NOT NULL CHECK (length(tag) BETWEEN 1 AND 4096),
            place integer NOT NULL,
            metric_name text NOT NULL CHECK (length(metric_name) BETWEEN 1 AND 255),
            unit text NOT NULL CHECK (length(unit) <= 64),
            scale double precision NOT NULL,
            "offset" double precision NOT NULL,
            is_enabled boolean NOT NULL,
            options jsonb NOT NULL,
            PRIMARY KEY (tenant_id, source_id, tag),
            FOREIGN KEY (tenant_id, source_id) REFERENCES ingest_source (tenant_id, id) ON DELETE CASCADE
        )""")
    protect("tag_mapping")
    grant("tag_mapping", app=ALL_RIGHTS, worker="SELECT")
    op.execute("""
        CREATE TABLE opcua_identity (
            tenant_id uuid PRIMARY KEY REFERENCES tenant (id),
            certificate bytea NOT NULL,
            private_key bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        )""")
    protect("opcua_identity")
    grant("opcua_identity", app="SELECT, INSERT, UPDATE", worker="SELECT")


def _runtime() -> None:
    """Apart from the configuration, so that polling does not touch the rows that people edit."""
    op.execute("""
        CREATE TABLE ingest_source_runtime (
            tenant_id uuid NOT NULL,
            source_id uuid NOT NULL,
            is_wanted boolean NOT NULL,
            version integer NOT NULL,
            holder uuid,
            epoch bigint NOT NULL,
            lease_until timestamptz,
            state text NOT NULL DEFAULT 'waiting'
                CHECK (state IN ('waiting', 'starting', 'ok', 'recoverable', 'permanent')),
            since timestamptz NOT NULL DEFAULT now(),
            last_error text NOT NULL,
            last_error_at timestamptz,
            last_reading_at timestamptz,
            readings bigint NOT NULL,
            gaps bigint NOT NULL,
            restarts integer NOT NULL,
            PRIMARY KEY (tenant_id, source_id),
            FOREIGN KEY (tenant_id, source_id) REFERENCES ingest_source (tenant_id, id) ON DELETE CASCADE
        )""")
    op.execute("CREATE INDEX ON ingest_source_runtime (lease_until) WHERE is_wanted")
    protect("ingest_source_runtime")
    grant("ingest_source_runtime", app="SELECT, INSERT")
    app, worker = database_role("app"), database_role("worker")
    op.execute(f"GRANT UPDATE (is_wanted, version) ON ingest_source_runtime TO {app}")
    lease = "holder, epoch, lease_until, last_reading_at, readings, gaps"
    health = "state, since, last_error, last_error_at, restarts"
    op.execute(f"GRANT UPDATE ({lease}, {health}) ON ingest_source_runtime TO {worker}")
    op.execute(f"GRANT SELECT (tenant_id, source_id, is_wanted, version, {lease}) ON ingest_source_runtime TO {worker}")
    # One question for all tenants: which sources nobody polls. Taking one is done as its tenant.
    op.execute(f"""
        CREATE POLICY source_list ON ingest_source_runtime FOR SELECT TO {worker} USING (is_wanted)""")
    op.execute("""
        CREATE TABLE ingest_source_gap (
            tenant_id uuid NOT NULL,
            source_id uuid NOT NULL,
            started_at timestamptz NOT NULL,
            tag text NOT NULL,
            reason text NOT NULL,
            ended_at timestamptz NOT NULL,
            count integer NOT NULL,
            PRIMARY KEY (tenant_id, source_id, started_at, tag, reason),
            FOREIGN KEY (tenant_id, source_id) REFERENCES ingest_source (tenant_id, id) ON DELETE CASCADE
        )""")
    protect("ingest_source_gap")
    grant("ingest_source_gap", app="SELECT", worker=ALL_RIGHTS)

"""Edge agents: what they say of themselves, and alerts about them.

Revision ID: 0003
"""

from alembic import op

from plantwright.migrations.tenancy import grant, protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ALL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    _agents()
    _gaps()
    _alerts()


def downgrade() -> None:
    raise NotImplementedError("Alerts about agents have no older form: going back means restoring a backup.")


def _agents() -> None:
    op.execute("""
        CREATE TABLE agent (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id uuid NOT NULL,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
            given_name text CHECK (length(given_name) BETWEEN 1 AND 100),
            version text NOT NULL,
            platform text NOT NULL,
            api_key_id uuid NOT NULL,
            state text NOT NULL CHECK (state IN ('online', 'buffering', 'degraded', 'silent')),
            started_at timestamptz NOT NULL,
            first_seen_at timestamptz NOT NULL,
            last_seen_at timestamptz NOT NULL,
            silent_since timestamptz CHECK ((silent_since IS NULL) = (state <> 'silent')),
            interval_seconds double precision NOT NULL,
            clock_offset_ms double precision,
            certificate_expires_at timestamptz,
            uplink jsonb NOT NULL,
            buffer jsonb NOT NULL,
            sources jsonb NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, api_key_id) REFERENCES api_key (tenant_id, id)
        )""")
    protect("agent")
    grant("agent", app=ALL_RIGHTS, worker="SELECT, UPDATE (state, silent_since)")


def _gaps() -> None:
    op.execute("""
        CREATE TABLE agent_gap (
            tenant_id uuid NOT NULL,
            agent_id uuid NOT NULL,
            id bigint NOT NULL,
            source text NOT NULL,
            tag text NOT NULL,
            reason text NOT NULL,
            start_at timestamptz NOT NULL,
            end_at timestamptz NOT NULL,
            count bigint NOT NULL,
            PRIMARY KEY (tenant_id, agent_id, id),
            FOREIGN KEY (tenant_id, agent_id) REFERENCES agent (tenant_id, id) ON DELETE CASCADE
        )""")
    op.execute("CREATE INDEX ON agent_gap (tenant_id, agent_id, end_at, id)")
    protect("agent_gap")
    grant("agent_gap", app=ALL_RIGHTS)


def _alerts() -> None:
    """An alert is about a metric of a machine, or about an agent. It outlives an agent that is forgotten, so the agent
    is no foreign key.
    """
    op.execute("""
        ALTER TABLE alert
            ALTER COLUMN machine_id DROP NOT NULL,
            ALTER COLUMN metric_id DROP NOT NULL,
            ADD COLUMN agent_id uuid,
            ADD CONSTRAINT alert_one_subject CHECK (
                num_nulls(machine_id, metric_id) = CASE WHEN agent_id IS NULL THEN 0 ELSE 2 END)""")
    op.execute("""
        CREATE UNIQUE INDEX alert_one_open_of_agent ON alert (tenant_id, agent_id, cause)
        WHERE cleared_at IS NULL AND agent_id IS NOT NULL""")
    op.execute("CREATE INDEX ON alert (tenant_id, agent_id, raised_at) WHERE agent_id IS NOT NULL")

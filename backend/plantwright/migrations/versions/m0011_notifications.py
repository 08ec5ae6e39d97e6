"""Notification channels, routes and deliveries.

Revision ID: 0011
"""

from alembic import op

from plantwright.migrations.tenancy import grant, protect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ALL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    _channels()
    _routes()
    _deliveries()


def downgrade() -> None:
    tables = ("attempt", "delivery", "template", "route", "channel_runtime", "channel")
    for table in tables:
        op.execute(f"DROP TABLE notification_{table}")


def _channels() -> None:
    """The worker makes channels too: the addresses of users, when an escalation names them."""
    op.execute("""
        CREATE TABLE notification_channel (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id uuid NOT NULL,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
            type text NOT NULL,
            config jsonb NOT NULL,
            secrets bytea,
            language text NOT NULL,
            rate_per_minute integer NOT NULL CHECK (rate_per_minute BETWEEN 1 AND 600),
            keeps_order boolean NOT NULL,
            max_hold_minutes integer NOT NULL CHECK (max_hold_minutes BETWEEN 1 AND 1440),
            is_active boolean NOT NULL,
            user_id uuid,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        )""")
    op.execute("CREATE UNIQUE INDEX ON notification_channel (tenant_id, name) WHERE user_id IS NULL")
    op.execute("CREATE INDEX ON notification_channel (tenant_id, user_id) WHERE user_id IS NOT NULL")
    protect("notification_channel")
    grant("notification_channel", app=ALL_RIGHTS, worker="SELECT, INSERT, UPDATE")
    op.execute("""
        CREATE TABLE notification_channel_runtime (
            tenant_id uuid NOT NULL,
            channel_id uuid NOT NULL,
            sequence bigint NOT NULL,
            tokens double precision NOT NULL,
            tokens_at timestamptz NOT NULL,
            failures integer NOT NULL,
            failing_since timestamptz,
            paused_until timestamptz,
            disabled_reason text,
            last_success_at timestamptz,
            last_error text,
            last_error_at timestamptz,
            next_at timestamptz,
            holder uuid,
            epoch bigint NOT NULL,
            lease_until timestamptz,
            PRIMARY KEY (tenant_id, channel_id),
            FOREIGN KEY (tenant_id, channel_id) REFERENCES notification_channel (tenant_id, id) ON DELETE CASCADE
        )""")
    op.execute("CREATE INDEX ON notification_channel_runtime (tenant_id, next_at) WHERE next_at IS NOT NULL")
    protect("notification_channel_runtime")
    grant("notification_channel_runtime", app="SELECT, INSERT, UPDATE", worker="SELECT, INSERT, UPDATE")


def _routes() -> None:
    op.execute("""
        CREATE TABLE notification_route (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id uuid NOT NULL,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
            is_active boolean NOT NULL,
            events text[] NOT NULL,
            severities text[] NOT NULL,
            sites text[] NOT NULL,
            machine_ids uuid[] NOT NULL,
            channel_ids uuid[] NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, name)
        )""")
    protect("notification_route")
    grant("notification_route", app=ALL_RIGHTS, worker="SELECT")
    op.execute("""
        CREATE TABLE notification_template (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            event text NOT NULL,
            language text NOT NULL,
            subject text NOT NULL,
            text text NOT NULL,
            updated_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, event, language)
        )""")
    protect("notification_template")
    grant("notification_template", app=ALL_RIGHTS, worker="SELECT")


def _deliveries() -> None:
    op.execute("""
        CREATE TABLE notification_delivery (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            channel_id uuid NOT NULL,
            sequence bigint NOT NULL,
            record_sequence bigint,
            event text NOT NULL,
            alert_id uuid,
            machine_id uuid,
            severity text,
            subject text NOT NULL,
            text text NOT NULL,
            link text,
            payload jsonb NOT NULL,
            dedup_key text NOT NULL,
            language text NOT NULL,
            is_test boolean NOT NULL,
            status text NOT NULL CHECK (status IN ('pending', 'delivered', 'dead', 'cancelled')),
            detail text NOT NULL,
            attempts integer NOT NULL,
            tries integer NOT NULL,
            due_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            finished_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, channel_id, sequence),
            UNIQUE (tenant_id, channel_id, record_sequence),
            FOREIGN KEY (tenant_id, channel_id) REFERENCES notification_channel (tenant_id, id) ON DELETE CASCADE
        )""")
    op.execute("""
        CREATE INDEX ON notification_delivery (tenant_id, channel_id, due_at) WHERE status = 'pending'""")
    op.execute("CREATE INDEX ON notification_delivery (tenant_id, created_at, id)")
    op.execute("CREATE INDEX ON notification_delivery (tenant_id, alert_id) WHERE alert_id IS NOT NULL")
    protect("notification_delivery")
    grant("notification_delivery", app="SELECT, INSERT, UPDATE", worker=ALL_RIGHTS)
    op.execute("""
        CREATE TABLE notification_attempt (
            tenant_id uuid NOT NULL,
            delivery_id uuid NOT NULL,
            number integer NOT NULL,
            started_at timestamptz NOT NULL,
            is_delivered boolean,
            status text NOT NULL,
            detail text NOT NULL,
            response text NOT NULL,
            latency_ms integer,
            PRIMARY KEY (tenant_id, delivery_id, number),
            FOREIGN KEY (tenant_id, delivery_id) REFERENCES notification_delivery (tenant_id, id) ON DELETE CASCADE
        )""")
    protect("notification_attempt")
    grant("notification_attempt", app="SELECT, INSERT", worker="SELECT, INSERT, UPDATE")

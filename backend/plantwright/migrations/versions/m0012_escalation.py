"""Escalation policies, on-call rotations, quiet hours.

Revision ID: 0012
"""

from alembic import op

from plantwright.migrations.tenancy import grant, protect

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ALL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"
SEVERITY = "severity IN ('info', 'warning', 'critical')"


def upgrade() -> None:
    _policies()
    _rotations()
    _escalations()
    _quiet_hours()


def downgrade() -> None:
    for table in (
        "held_notice",
        "quiet_hours",
        "escalation",
        "on_call_override",
        "on_call_rotation",
        "escalation_policy",
    ):
        op.execute(f"DROP TABLE {table}")


def _policies() -> None:
    op.execute("""
        CREATE TABLE escalation_policy (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id uuid NOT NULL,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
            severities text[] NOT NULL,
            sites text[] NOT NULL,
            machine_ids uuid[] NOT NULL,
            steps jsonb NOT NULL CHECK (jsonb_array_length(steps) BETWEEN 1 AND 10),
            rounds integer NOT NULL CHECK (rounds BETWEEN 1 AND 10),
            repeat_after_minutes integer NOT NULL CHECK (repeat_after_minutes BETWEEN 1 AND 1440),
            stops_on_clear boolean NOT NULL,
            is_active boolean NOT NULL,
            version integer NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )""")
    protect("escalation_policy")
    grant("escalation_policy", app=ALL_RIGHTS, worker="SELECT")


def _rotations() -> None:
    op.execute("""
        CREATE TABLE on_call_rotation (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id uuid NOT NULL,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
            time_zone text NOT NULL,
            layers jsonb NOT NULL CHECK (jsonb_array_length(layers) BETWEEN 1 AND 5),
            version integer NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, name)
        )""")
    protect("on_call_rotation")
    grant("on_call_rotation", app=ALL_RIGHTS, worker="SELECT")
    op.execute("""
        CREATE TABLE on_call_override (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            rotation_id uuid NOT NULL,
            user_id uuid NOT NULL,
            starts_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
            created_by uuid,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, rotation_id) REFERENCES on_call_rotation (tenant_id, id) ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ON on_call_override (tenant_id, rotation_id, ends_at)")
    protect("on_call_override")
    grant("on_call_override", app=ALL_RIGHTS, worker="SELECT")


def _escalations() -> None:
    """One row per alert and policy, whatever becomes of it; only a running one has a time at which it goes on."""
    op.execute(f"""
        CREATE TABLE escalation (
            tenant_id uuid NOT NULL,
            alert_id uuid NOT NULL,
            policy_id uuid NOT NULL,
            state text NOT NULL CHECK (state IN ('running', 'paused', 'ended')),
            reason text CHECK ((reason IS NULL) = (state = 'running')),
            severity text NOT NULL CHECK ({SEVERITY}),
            step integer NOT NULL,
            round integer NOT NULL,
            started_at timestamptz NOT NULL,
            waiting_since timestamptz NOT NULL,
            due_at timestamptz CHECK ((due_at IS NULL) = (state <> 'running')),
            last_told_at timestamptz,
            ended_at timestamptz CHECK ((ended_at IS NULL) = (state <> 'ended')),
            PRIMARY KEY (tenant_id, alert_id, policy_id),
            FOREIGN KEY (tenant_id, alert_id) REFERENCES alert (tenant_id, id),
            FOREIGN KEY (tenant_id, policy_id) REFERENCES escalation_policy (tenant_id, id) ON DELETE CASCADE
        )""")
    op.execute("CREATE INDEX ON escalation (tenant_id, due_at) WHERE state = 'running'")
    op.execute("CREATE INDEX ON escalation (tenant_id, policy_id)")
    protect("escalation")
    grant("escalation", app="SELECT, UPDATE", worker=ALL_RIGHTS)


def _quiet_hours() -> None:
    op.execute("""
        CREATE TABLE quiet_hours (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            subject_id uuid NOT NULL,
            scope text NOT NULL CHECK (scope IN ('tenant', 'user', 'channel')),
            setting jsonb NOT NULL,
            updated_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, subject_id)
        )""")
    protect("quiet_hours")
    grant("quiet_hours", app=ALL_RIGHTS, worker="SELECT")
    op.execute("""
        CREATE TABLE held_notice (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            recipient_kind text NOT NULL CHECK (recipient_kind IN ('user', 'channel')),
            recipient_id uuid NOT NULL,
            alert_id uuid NOT NULL,
            policy text NOT NULL,
            reason text NOT NULL CHECK (reason IN ('quiet_hours', 'flood')),
            held_at timestamptz NOT NULL,
            release_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, alert_id) REFERENCES alert (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ON held_notice (tenant_id, release_at)")
    op.execute("CREATE INDEX ON held_notice (tenant_id, recipient_id)")
    protect("held_notice")
    grant("held_notice", app="SELECT, UPDATE", worker=ALL_RIGHTS)

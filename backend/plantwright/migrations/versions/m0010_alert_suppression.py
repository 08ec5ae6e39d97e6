"""Alerts of rules, shelving, comments, assignment.

Revision ID: 0010
"""

from alembic import op

from plantwright.migrations.tenancy import database_role, grant, protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

READ_WRITE = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    _keys()
    _marks()
    _suppression()
    _running_conditions()
    _load()
    _comments()
    _links()


def downgrade() -> None:
    raise NotImplementedError("The journal is append-only: going back means restoring a backup.")


def _keys() -> None:
    """An alert is about a machine, one of its metrics, an agent, or a source. It outlives a rule, an agent or a source
    that is deleted, so these are no foreign keys.
    """
    op.execute("""
        ALTER TABLE alert
            ADD COLUMN rule_id uuid,
            ADD COLUMN source_id uuid,
            DROP CONSTRAINT alert_one_subject,
            ADD CONSTRAINT alert_one_subject CHECK (
                num_nonnulls(machine_id, agent_id, source_id) = 1 AND (metric_id IS NULL OR machine_id IS NOT NULL)),
            ADD CONSTRAINT alert_rule CHECK ((cause = 'rule') = (rule_id IS NOT NULL))""")
    op.execute("DROP INDEX alert_one_open")
    op.execute("DROP INDEX alert_one_open_of_agent")
    op.execute("""
        CREATE UNIQUE INDEX alert_one_open
        ON alert (tenant_id, machine_id, metric_id, agent_id, source_id, rule_id, cause)
        NULLS NOT DISTINCT WHERE cleared_at IS NULL""")
    op.execute("CREATE INDEX ON alert (tenant_id, rule_id, raised_at) WHERE rule_id IS NOT NULL")


def _marks() -> None:
    """`group_id` is the alert of the group that was out first, null for that one itself."""
    op.execute("""
        ALTER TABLE alert
            ADD COLUMN site text NOT NULL DEFAULT '',
            ADD COLUMN group_id uuid,
            ADD COLUMN shelf_id uuid,
            ADD COLUMN shelved_until timestamptz,
            ADD COLUMN design_reasons text[] NOT NULL DEFAULT '{}',
            ADD COLUMN out_of_service_id uuid,
            ADD COLUMN assignee_id uuid,
            ADD COLUMN assigned_at timestamptz,
            ADD COLUMN chatters integer NOT NULL DEFAULT 0,
            ADD COLUMN fleetings integer NOT NULL DEFAULT 0,
            ADD COLUMN changes timestamptz[] NOT NULL DEFAULT '{}',
            ADD FOREIGN KEY (tenant_id, assignee_id) REFERENCES user_account (tenant_id, id)""")
    op.execute("CREATE INDEX ON alert (tenant_id, group_id)")
    op.execute("CREATE INDEX ON alert (tenant_id, site, raised_at)")
    op.execute("""
        CREATE INDEX alert_suppressed ON alert (tenant_id, raised_at)
        WHERE shelf_id IS NOT NULL OR design_reasons <> '{}' OR out_of_service_id IS NOT NULL""")


def _suppression() -> None:
    op.execute("""
        CREATE TABLE alert_shelf (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            alert_id uuid NOT NULL,
            machine_id uuid,
            metric_id uuid,
            agent_id uuid,
            source_id uuid,
            rule_id uuid,
            cause text NOT NULL,
            severity text NOT NULL,
            site text NOT NULL,
            kind text NOT NULL CHECK (kind IN ('timed', 'one_shot')),
            state text NOT NULL CHECK (state IN ('requested', 'in_force', 'ended', 'refused')),
            reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
            requested_by uuid NOT NULL,
            requested_at timestamptz NOT NULL,
            seconds double precision NOT NULL CHECK (seconds > 0),
            decided_by uuid,
            began_at timestamptz,
            until timestamptz,
            ended_at timestamptz,
            ended_by uuid,
            end_reason text,
            PRIMARY KEY (tenant_id, id),
            CHECK (state <> 'in_force' OR (began_at IS NOT NULL AND until IS NOT NULL)),
            CHECK (severity <> 'critical' OR state <> 'in_force' OR decided_by <> requested_by),
            FOREIGN KEY (tenant_id, alert_id) REFERENCES alert (tenant_id, id),
            FOREIGN KEY (tenant_id, requested_by) REFERENCES user_account (tenant_id, id),
            FOREIGN KEY (tenant_id, decided_by) REFERENCES user_account (tenant_id, id),
            FOREIGN KEY (tenant_id, ended_by) REFERENCES user_account (tenant_id, id)
        )""")
    op.execute("""
        CREATE UNIQUE INDEX alert_shelf_one
        ON alert_shelf (tenant_id, machine_id, metric_id, agent_id, source_id, rule_id, cause)
        NULLS NOT DISTINCT WHERE state IN ('requested', 'in_force')""")
    op.execute("CREATE INDEX ON alert_shelf (tenant_id, until) WHERE state = 'in_force'")
    op.execute("CREATE INDEX ON alert_shelf (tenant_id, alert_id)")
    protect("alert_shelf")
    grant("alert_shelf", app=READ_WRITE, worker=READ_WRITE)
    op.execute("""
        CREATE TABLE out_of_service (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            machine_id uuid NOT NULL,
            metric_id uuid,
            work_order_id uuid,
            reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
            began_at timestamptz NOT NULL,
            began_by uuid,
            until timestamptz,
            ended_at timestamptz,
            ended_by uuid,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id),
            FOREIGN KEY (tenant_id, metric_id) REFERENCES metric (tenant_id, id),
            FOREIGN KEY (tenant_id, began_by) REFERENCES user_account (tenant_id, id),
            FOREIGN KEY (tenant_id, ended_by) REFERENCES user_account (tenant_id, id)
        )""")
    op.execute("""
        CREATE UNIQUE INDEX out_of_service_one ON out_of_service (tenant_id, machine_id, metric_id, work_order_id)
        NULLS NOT DISTINCT WHERE ended_at IS NULL""")
    op.execute("CREATE INDEX ON out_of_service (tenant_id, until) WHERE ended_at IS NULL")
    protect("out_of_service")
    grant("out_of_service", app=READ_WRITE, worker=READ_WRITE)


def _running_conditions() -> None:
    """`is_running` is what the last look found; null until the metric has a reading."""
    op.execute("""
        CREATE TABLE running_condition (
            tenant_id uuid NOT NULL,
            machine_id uuid NOT NULL,
            metric_id uuid NOT NULL,
            operator text NOT NULL CHECK (operator IN ('>', '>=', '<', '<=', '=', '<>')),
            value double precision NOT NULL,
            is_running boolean,
            since timestamptz,
            updated_by uuid,
            updated_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, machine_id),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id),
            FOREIGN KEY (tenant_id, metric_id) REFERENCES metric (tenant_id, id),
            FOREIGN KEY (tenant_id, updated_by) REFERENCES user_account (tenant_id, id)
        )""")
    protect("running_condition")
    grant("running_condition", app="SELECT, INSERT, UPDATE, DELETE", worker="SELECT, UPDATE")


def _load() -> None:
    """What the figures of alarm performance are computed from: the journal has it too, but not in columns."""
    op.execute("""
        CREATE TABLE alert_transition (
            tenant_id uuid NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            alert_id uuid NOT NULL,
            site text NOT NULL,
            severity text NOT NULL,
            is_activation boolean NOT NULL,
            is_suppressed boolean NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, alert_id) REFERENCES alert (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ON alert_transition (tenant_id, at) WHERE is_activation")
    op.execute("CREATE INDEX ON alert_transition (tenant_id, site, at) WHERE is_activation")
    op.execute("""
        INSERT INTO alert_transition (tenant_id, alert_id, site, severity, is_activation, is_suppressed, at)
        SELECT tenant_id, id, site, severity, true, false, raised_at FROM alert""")
    protect("alert_transition")
    grant("alert_transition", app="SELECT, INSERT", worker="SELECT, INSERT")
    op.execute("""
        CREATE TABLE alert_flood (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            site text NOT NULL,
            began_at timestamptz NOT NULL,
            quiet_at timestamptz NOT NULL,
            ended_at timestamptz,
            alerts integer NOT NULL,
            peak integer NOT NULL,
            PRIMARY KEY (tenant_id, id)
        )""")
    op.execute("CREATE UNIQUE INDEX alert_flood_one ON alert_flood (tenant_id, site) WHERE ended_at IS NULL")
    op.execute("CREATE INDEX ON alert_flood (tenant_id, began_at)")
    protect("alert_flood")
    grant("alert_flood", app=READ_WRITE, worker=READ_WRITE)


def _comments() -> None:
    op.execute("""
        CREATE TABLE alert_comment (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            alert_id uuid NOT NULL,
            author_id uuid NOT NULL,
            body text NOT NULL CHECK (length(body) BETWEEN 1 AND 10000),
            created_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, alert_id) REFERENCES alert (tenant_id, id),
            FOREIGN KEY (tenant_id, author_id) REFERENCES user_account (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ON alert_comment (tenant_id, alert_id, created_at)")
    protect("alert_comment")
    grant("alert_comment", app="SELECT, INSERT", worker="SELECT")


def _links() -> None:
    """`unreachable_since` is set while a source is polled in vain, `lost_at` while that is an alert."""
    op.execute("""
        ALTER TABLE ingest_source_runtime ADD COLUMN unreachable_since timestamptz, ADD COLUMN lost_at timestamptz""")
    worker = database_role("worker")
    op.execute(f"GRANT SELECT (state, last_error, unreachable_since, lost_at) ON ingest_source_runtime TO {worker}")
    op.execute(f"GRANT UPDATE (unreachable_since, lost_at) ON ingest_source_runtime TO {worker}")

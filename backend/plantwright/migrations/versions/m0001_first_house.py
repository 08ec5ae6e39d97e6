"""Tenants, journal, machines, readings, alerts, work orders.

Revision ID: 0001
"""

from alembic import op

from plantwright.migrations.tenancy import TENANT_NUMBER, TENANT_SETTING, database_role, grant, protect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

READ_WRITE = "SELECT, INSERT, UPDATE"
MONTHS_AHEAD = 3


def upgrade() -> None:
    _identity()
    _journal()
    _assets()
    _readings()
    _conclusions()


def downgrade() -> None:
    raise NotImplementedError("The journal is append-only: going back means restoring a backup.")


def _identity() -> None:
    op.execute("""
        CREATE TABLE tenant (
            id uuid PRIMARY KEY,
            number integer GENERATED ALWAYS AS IDENTITY UNIQUE,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
            tier text NOT NULL CHECK (tier IN ('free', 'pro', 'enterprise')),
            created_at timestamptz NOT NULL DEFAULT now()
        )""")
    protect("tenant", f"id = {TENANT_SETTING}")
    grant("tenant", app="SELECT, INSERT")
    # The worker has to know which tenants there are; everything else it sees only as one of them.
    op.execute(f"CREATE POLICY tenant_list ON tenant FOR SELECT TO {database_role('worker')} USING (true)")
    op.execute(f"GRANT SELECT (id, number, name, tier) ON tenant TO {database_role('worker')}")
    op.execute("""
        CREATE TABLE user_account (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id uuid NOT NULL,
            email text NOT NULL CHECK (email = lower(email)),
            full_name text NOT NULL,
            password_hash text NOT NULL,
            role text NOT NULL CHECK (role IN ('admin', 'operator', 'viewer')),
            is_active boolean NOT NULL DEFAULT true,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, email)
        )""")
    protect("user_account")
    grant("user_account", app=READ_WRITE, worker="SELECT")
    op.execute("""
        CREATE TABLE api_key (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id uuid NOT NULL,
            name text NOT NULL,
            prefix text NOT NULL,
            key_hash bytea NOT NULL,
            scopes text[] NOT NULL,
            created_by uuid,
            created_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz,
            revoked_at timestamptz,
            last_used_at timestamptz,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, key_hash),
            FOREIGN KEY (tenant_id, created_by) REFERENCES user_account (tenant_id, id)
        )""")
    protect("api_key")
    grant("api_key", app=READ_WRITE)
    op.execute("""
        CREATE TABLE credential_directory (
            lookup_hash bytea PRIMARY KEY,
            tenant_id uuid NOT NULL REFERENCES tenant (id)
        )""")
    # Before a login the tenant is unknown: exactly the row whose hash the caller already holds may be seen.
    lookup = "decode(nullif(current_setting('app.lookup_hash', true), ''), 'hex')"
    protect("credential_directory")
    op.execute(f"CREATE POLICY by_hash ON credential_directory FOR SELECT USING (lookup_hash = {lookup})")
    grant("credential_directory", app="SELECT, INSERT, DELETE")
    op.execute("""
        CREATE TABLE tenant_setting (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            name text NOT NULL,
            value jsonb NOT NULL,
            PRIMARY KEY (tenant_id, name)
        )""")
    protect("tenant_setting")
    grant("tenant_setting", app=READ_WRITE, worker="SELECT")


def _journal() -> None:
    op.execute("""
        CREATE TABLE audit_record (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            sequence bigint NOT NULL,
            prev_hash bytea NOT NULL,
            row_hash bytea NOT NULL,
            actor_id uuid,
            action text NOT NULL,
            resource_type text NOT NULL,
            resource_id text NOT NULL,
            payload jsonb NOT NULL,
            created_at timestamptz NOT NULL,
            machine_id uuid GENERATED ALWAYS AS ((payload ->> 'machine_id')::uuid) STORED,
            PRIMARY KEY (tenant_id, sequence)
        )""")
    op.execute("CREATE INDEX ON audit_record (tenant_id, action, sequence)")
    op.execute("CREATE INDEX ON audit_record (tenant_id, machine_id, sequence)")
    op.execute("CREATE INDEX ON audit_record (tenant_id, resource_type, resource_id, sequence)")
    # For the episodes of the past days, which the health score counts.
    op.execute("""
        CREATE INDEX audit_record_episodes ON audit_record (tenant_id, resource_id, created_at)
        WHERE action = 'finding.started'""")
    protect("audit_record")
    grant("audit_record", app="SELECT, INSERT", worker="SELECT, INSERT")
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the journal is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
        END $$""")
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_record
        FOR EACH ROW EXECUTE FUNCTION refuse_change()""")
    op.execute("""
        CREATE TRIGGER append_only_all BEFORE TRUNCATE ON audit_record
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""")
    op.execute("""
        CREATE TABLE journal_head (
            tenant_id uuid PRIMARY KEY REFERENCES tenant (id),
            sequence bigint NOT NULL,
            row_hash bytea NOT NULL,
            seal bytea NOT NULL
        )""")
    protect("journal_head")
    grant("journal_head", app=READ_WRITE, worker=READ_WRITE)
    op.execute("""
        CREATE TABLE consumer_cursor (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            consumer text NOT NULL,
            position bigint NOT NULL,
            updated_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, consumer)
        )""")
    protect("consumer_cursor")
    grant("consumer_cursor", app="SELECT", worker=READ_WRITE)


def _assets() -> None:
    op.execute("""
        CREATE TABLE machine (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            id uuid NOT NULL,
            identifier text NOT NULL CHECK (length(identifier) BETWEEN 1 AND 100),
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
            kind text NOT NULL CHECK (kind IN ('pump', 'spindle', 'compressor', 'conveyor', 'other')),
            protocol text NOT NULL CHECK (protocol IN ('opc_ua', 'modbus_tcp', 'csv', 'json')),
            location text,
            status text NOT NULL CHECK (status IN ('healthy', 'warning', 'critical', 'offline')),
            health_score integer NOT NULL CHECK (health_score BETWEEN 0 AND 100),
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, identifier)
        )""")
    protect("machine")
    grant("machine", app=READ_WRITE, worker=READ_WRITE)
    op.execute("""
        CREATE TABLE metric (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            series_id integer GENERATED ALWAYS AS IDENTITY,
            machine_id uuid NOT NULL,
            name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            unit text NOT NULL,
            detection jsonb,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, series_id),
            UNIQUE (tenant_id, machine_id, name),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id)
        )""")
    protect("metric")
    grant("metric", app=READ_WRITE, worker="SELECT")


def _readings() -> None:
    # A flush is one transaction, so its id is the transaction's: ids below the oldest running transaction
    # are settled for good, and a consumer that stays below it can skip nothing.
    # STABLE, as pg_current_xact_id is: COPY writes rows one by one when a default is volatile.
    op.execute("""
        CREATE FUNCTION current_flush_id() RETURNS bigint LANGUAGE sql STABLE
        AS 'SELECT pg_current_xact_id()::text::bigint'""")
    op.execute("""
        CREATE FUNCTION settled_flush_id() RETURNS bigint LANGUAGE sql STABLE
        AS 'SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1'""")
    op.execute("""
        CREATE TABLE segment (
            tenant_no integer NOT NULL,
            series_id integer NOT NULL,
            start timestamptz NOT NULL,
            flush_id bigint NOT NULL DEFAULT current_flush_id(),
            offsets integer[] NOT NULL,
            "values" double precision[] NOT NULL,
            quality smallint[],
            PRIMARY KEY (tenant_no, series_id, start, flush_id)
        ) PARTITION BY RANGE (start)""")
    op.execute("CREATE INDEX ON segment (tenant_no, flush_id)")
    op.execute("CREATE TABLE segment_unplanned PARTITION OF segment DEFAULT")
    _protect_by_number("segment")
    _protect_by_number("segment_unplanned")
    grant("segment", app="SELECT", worker="SELECT", ingest="INSERT")
    op.execute("""
        CREATE VIEW reading WITH (security_invoker = true) AS
        SELECT s.tenant_no, s.series_id, s.start + o.milliseconds * interval '1 millisecond' AS time,
               s.values[o.position] AS value, coalesce(s.quality[o.position], 0) AS quality, s.flush_id
        FROM segment s, unnest(s.offsets) WITH ORDINALITY AS o (milliseconds, position)""")
    grant("reading", app="SELECT", worker="SELECT")
    op.execute("""
        CREATE TABLE ingest_batch (
            tenant_no integer NOT NULL REFERENCES tenant (number),
            agent uuid NOT NULL,
            stream text NOT NULL,
            sequence bigint NOT NULL,
            accepted integer NOT NULL,
            errors jsonb,
            received_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_no, agent, stream, sequence)
        )""")
    _protect_by_number("ingest_batch")
    grant("ingest_batch", app="SELECT", worker="SELECT", ingest="INSERT")
    op.execute("""
        CREATE TABLE latest_reading (
            tenant_no integer NOT NULL REFERENCES tenant (number),
            series_id integer NOT NULL,
            time timestamptz NOT NULL,
            value double precision NOT NULL,
            quality smallint NOT NULL,
            PRIMARY KEY (tenant_no, series_id)
        )""")
    _protect_by_number("latest_reading")
    grant("latest_reading", app="SELECT", worker=READ_WRITE)
    _segment_partitions()


def _segment_partitions() -> None:
    # Runs as the owner, since no other role may create tables. A partition is shut to other tenants before it is
    # attached. A month that already has readings in the default partition stays there.
    op.execute(f"""
        CREATE FUNCTION ensure_segment_partitions(ahead integer) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
        DECLARE
            month timestamp;
            part text;
            own_rows text := $own$tenant_no = {TENANT_NUMBER}$own$;
            made integer := 0;
        BEGIN
            IF ahead NOT BETWEEN 0 AND 24 THEN
                RAISE EXCEPTION 'partitions are made 0 to 24 months ahead, not %', ahead;
            END IF;
            PERFORM pg_advisory_xact_lock(hashtext('ensure_segment_partitions'));
            FOR month IN SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + number * interval '1 month'
                         FROM generate_series(0, ahead) AS number LOOP
                part := 'segment_' || to_char(month, 'YYYY_MM');
                CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
                BEGIN
                    EXECUTE format('CREATE TABLE public.%I (LIKE public.segment INCLUDING ALL)', part);
                    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', part);
                    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', part);
                    EXECUTE format('CREATE POLICY tenant_isolation ON public.%1$I USING (%2$s) WITH CHECK (%2$s)',
                                   part, own_rows);
                    EXECUTE format('ALTER TABLE public.segment ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                                   part, month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
                    made := made + 1;
                EXCEPTION WHEN check_violation THEN
                    RAISE NOTICE 'readings of % are in the default partition already', part;
                END;
            END LOOP;
            RETURN made;
        END $$""")  # noqa: S608 - the inserted text is a constant
    op.execute("REVOKE ALL ON FUNCTION ensure_segment_partitions(integer) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION ensure_segment_partitions(integer) TO {database_role('worker')}")
    op.execute(f"SELECT ensure_segment_partitions({MONTHS_AHEAD})")


def _protect_by_number(table: str) -> None:
    protect(table, f"tenant_no = {TENANT_NUMBER}")


def _conclusions() -> None:
    op.execute("""
        CREATE TABLE detection_state (
            tenant_id uuid NOT NULL REFERENCES tenant (id),
            shard integer NOT NULL,
            series_ids integer[] NOT NULL,
            live bytea NOT NULL,
            buckets bytea NOT NULL,
            PRIMARY KEY (tenant_id, shard)
        )""")
    protect("detection_state")
    grant("detection_state", app="SELECT", worker=READ_WRITE)
    op.execute("""
        CREATE TABLE alert (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            machine_id uuid NOT NULL,
            metric_id uuid NOT NULL,
            cause text NOT NULL,
            severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
            message text NOT NULL,
            value double precision NOT NULL,
            score double precision NOT NULL,
            threshold double precision NOT NULL,
            occurrences integer NOT NULL,
            evidence jsonb NOT NULL,
            raised_at timestamptz NOT NULL,
            last_seen_at timestamptz NOT NULL,
            cleared_at timestamptz,
            acknowledged_at timestamptz,
            acknowledged_by uuid,
            acknowledge_note text,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id),
            FOREIGN KEY (tenant_id, metric_id) REFERENCES metric (tenant_id, id),
            FOREIGN KEY (tenant_id, acknowledged_by) REFERENCES user_account (tenant_id, id)
        )""")
    op.execute("""
        CREATE UNIQUE INDEX alert_one_open ON alert (tenant_id, machine_id, metric_id, cause)
        WHERE cleared_at IS NULL""")
    op.execute("CREATE INDEX ON alert (tenant_id, machine_id, raised_at)")
    op.execute("CREATE INDEX ON alert (tenant_id, raised_at, id)")
    protect("alert")
    grant("alert", app=READ_WRITE, worker=READ_WRITE)
    op.execute("""
        CREATE TABLE machine_health (
            tenant_id uuid NOT NULL,
            machine_id uuid NOT NULL,
            score integer NOT NULL CHECK (score BETWEEN 0 AND 100),
            alert_score double precision NOT NULL,
            anomaly_score double precision NOT NULL,
            anomaly_weight double precision NOT NULL,
            anomaly_episodes integer NOT NULL,
            deductions jsonb NOT NULL,
            computed_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, machine_id),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id)
        )""")
    protect("machine_health")
    grant("machine_health", app="SELECT", worker=READ_WRITE)
    op.execute("""
        CREATE TABLE work_order (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            number integer NOT NULL,
            machine_id uuid NOT NULL,
            alert_id uuid,
            title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
            description text NOT NULL,
            priority text NOT NULL CHECK (priority IN ('low', 'medium', 'high', 'critical')),
            status text NOT NULL CHECK (status IN ('open', 'in_progress', 'completed', 'cancelled')),
            assigned_to uuid,
            created_by uuid,
            version integer NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, number),
            FOREIGN KEY (tenant_id, machine_id) REFERENCES machine (tenant_id, id),
            FOREIGN KEY (tenant_id, alert_id) REFERENCES alert (tenant_id, id),
            FOREIGN KEY (tenant_id, assigned_to) REFERENCES user_account (tenant_id, id),
            FOREIGN KEY (tenant_id, created_by) REFERENCES user_account (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ON work_order (tenant_id, machine_id)")
    op.execute("CREATE INDEX ON work_order (tenant_id, alert_id)")
    protect("work_order")
    grant("work_order", app=READ_WRITE, worker="SELECT")

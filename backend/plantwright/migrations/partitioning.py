"""How the readings log is cut into parts by time; the only place that knows whether TimescaleDB is there."""

from alembic import op

from plantwright.migrations.tenancy import TENANT_NUMBER, database_role, grant, protect

MONTHS_AHEAD = 3


def become_hypertable() -> None:
    """With the extension TimescaleDB in the database, `segment` becomes a hypertable with the same columns and rights.

    Nothing may depend on the table when this is called. The extension has to be there before: making it needs a
    superuser and a preloaded library, and must not fail a migration that works without it.
    """
    if not _has_timescale():
        return
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute("CREATE TABLE segment_rows (LIKE segment INCLUDING ALL)")
    # Chunks inherit the grants of their table and not its row-level security, so they lie where nobody may look.
    op.execute("CREATE SCHEMA segment_chunk")
    op.execute("""
        SELECT create_hypertable('segment_rows', 'start', chunk_time_interval => interval '1 month',
                                 create_default_indexes => false, associated_schema_name => 'segment_chunk')""")
    op.execute("INSERT INTO segment_rows SELECT * FROM segment")
    op.execute("DROP TABLE segment")
    op.execute("ALTER TABLE segment_rows RENAME TO segment")
    protect("segment", f"tenant_no = {TENANT_NUMBER}")
    grant("segment", app="SELECT", worker="SELECT, INSERT, DELETE", ingest="INSERT")


def make_partition_functions() -> None:
    """Functions that make and drop parts of `segment`, run as the owner, since no other role may create tables."""
    if _has_timescale():
        _chunks()
    else:
        _ensure()
        _drop()
    _only_for_the_worker("ensure_segment_partitions(integer)")
    _only_for_the_worker("drop_segment_partitions(timestamptz)")
    op.execute(f"SELECT ensure_segment_partitions({MONTHS_AHEAD})")


def _has_timescale() -> bool:
    found = op.get_bind().exec_driver_sql("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')")
    return bool(found.scalar_one())


def _only_for_the_worker(function: str) -> None:
    op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {database_role('worker')}")


def _chunks() -> None:
    # The extension makes a chunk when its first row comes.
    op.execute("""
        CREATE OR REPLACE FUNCTION ensure_segment_partitions(ahead integer) RETURNS integer
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
        AS 'SELECT 0'""")
    op.execute("""
        CREATE FUNCTION drop_segment_partitions(keep_from timestamptz) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '200ms' AS $$
        BEGIN
            IF keep_from > now() - interval '7 days' THEN
                RAISE EXCEPTION 'partitions younger than the shortest retention are kept';
            END IF;
            RETURN (SELECT count(*) FROM drop_chunks('public.segment', older_than => keep_from));
        END $$""")


def _ensure() -> None:
    # A partition is shut to other tenants before it is attached. A month that already has readings in the default
    # partition stays there. Flush rows are replaced by merged ones, so their space must be free for others soon.
    op.execute(f"""
        CREATE OR REPLACE FUNCTION ensure_segment_partitions(ahead integer) RETURNS integer
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
                    EXECUTE format('CREATE TABLE public.%I (LIKE public.segment INCLUDING ALL)
                                    WITH (autovacuum_vacuum_scale_factor = 0.05)', part);
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


def _drop() -> None:
    # Dropping takes the lock of the whole table for a moment. Rather than queue behind a long reader, and hold up
    # everybody behind itself, it gives up at once and is called again. One partition per call: with two, the lock
    # got for the first would be held while waiting for the second.
    op.execute("""
        CREATE FUNCTION drop_segment_partitions(keep_from timestamptz) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '200ms' SET timezone = 'UTC' AS $$
        DECLARE
            part text;
        BEGIN
            IF keep_from > now() - interval '7 days' THEN
                RAISE EXCEPTION 'partitions younger than the shortest retention are kept';
            END IF;
            PERFORM pg_advisory_xact_lock(hashtext('ensure_segment_partitions'));
            SELECT c.relname INTO part FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'public.segment'::regclass AND c.relname ~ '^segment_[0-9]{4}_[0-9]{2}$'
              AND (to_timestamp(substr(c.relname, 9), 'YYYY_MM') + interval '1 month') <= keep_from
            ORDER BY c.relname LIMIT 1;
            IF part IS NULL THEN
                RETURN 0;
            END IF;
            EXECUTE format('DROP TABLE public.%I', part);
            RETURN 1;
        END $$""")

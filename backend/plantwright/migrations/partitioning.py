"""How the readings log is cut into parts by time; the only place that knows whether TimescaleDB is there."""

from alembic import op

from plantwright.migrations.tenancy import TENANT_NUMBER, database_role, grant, protect

MONTHS_AHEAD = 3

_OWN_ROWS = f"tenant_no = {TENANT_NUMBER}"


_COLUMNS = """
    tenant_no integer NOT NULL,
    series_id integer NOT NULL,
    start timestamptz NOT NULL,
    flush_id bigint NOT NULL DEFAULT current_flush_id(),
    offsets integer[],
    "values" double precision[] NOT NULL,
    quality smallint[],
    period integer,
    level smallint NOT NULL DEFAULT 0,
    CONSTRAINT segment_times CHECK (
        CASE WHEN period IS NULL THEN cardinality(offsets) = cardinality("values") ELSE offsets IS NULL END),
    PRIMARY KEY (tenant_no, series_id, start, flush_id, level)"""


def lay_out_segments() -> None:
    """Rows as flushed in one part, which stays small, and merged ones in a part per month.

    Merged rows among flushed ones would keep the nearly empty index pages that deleted flush rows leave behind. With
    the extension TimescaleDB in the database, `segment` is a hypertable with the same columns and rights instead. The
    extension has to be there before: making it needs a superuser and a preloaded library, and must not fail a
    migration that works without it.
    """
    op.execute("SET LOCAL statement_timeout = 0")
    # Rather an error than rows left behind, should the owner not stand above row-level security.
    op.execute("SET LOCAL row_security = off")
    op.execute("ALTER TABLE segment RENAME TO segment_as_flushed")
    op.execute("ALTER INDEX segment_pkey RENAME TO segment_as_flushed_pkey")
    if _has_timescale():
        _make_hypertable()
    else:
        _make_parts()
    op.execute("CREATE INDEX ON segment (tenant_no, flush_id)")
    protect("segment", _OWN_ROWS)
    grant("segment", app="SELECT", worker="SELECT, INSERT, DELETE", ingest="INSERT")
    op.execute("""
        INSERT INTO segment (tenant_no, series_id, start, flush_id, offsets, "values", quality)
        SELECT tenant_no, series_id, start, flush_id, offsets, "values", quality FROM segment_as_flushed""")
    op.execute("DROP TABLE segment_as_flushed")


def _make_hypertable() -> None:
    op.execute(f"CREATE TABLE segment ({_COLUMNS})")
    # Chunks inherit the grants of their table and not its row-level security, so they lie where nobody may look.
    op.execute("CREATE SCHEMA segment_chunk")
    op.execute("""
        SELECT create_hypertable('segment', 'start', chunk_time_interval => interval '1 month',
                                 create_default_indexes => false, associated_schema_name => 'segment_chunk')""")


def _make_parts() -> None:
    op.execute(f"CREATE TABLE segment ({_COLUMNS}) PARTITION BY LIST (level)")
    # Its rows live for an hour, so their space must be free for others soon.
    op.execute("""
        CREATE TABLE segment_recent PARTITION OF segment FOR VALUES IN (0, 1)
        WITH (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02)""")
    op.execute("CREATE TABLE segment_merged PARTITION OF segment FOR VALUES IN (2) PARTITION BY RANGE (start)")
    op.execute("CREATE TABLE segment_merged_unplanned PARTITION OF segment_merged DEFAULT")
    for part in ("segment_recent", "segment_merged", "segment_merged_unplanned"):
        protect(part, _OWN_ROWS)


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
    # partition stays there.
    op.execute(f"""
        CREATE OR REPLACE FUNCTION ensure_segment_partitions(ahead integer) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
        DECLARE
            month timestamp;
            part text;
            own_rows text := $own${_OWN_ROWS}$own$;
            made integer := 0;
        BEGIN
            IF ahead NOT BETWEEN 0 AND 24 THEN
                RAISE EXCEPTION 'partitions are made 0 to 24 months ahead, not %', ahead;
            END IF;
            PERFORM pg_advisory_xact_lock(hashtext('ensure_segment_partitions'));
            FOR month IN SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + number * interval '1 month'
                         FROM generate_series(0, ahead) AS number LOOP
                part := 'segment_merged_' || to_char(month, 'YYYY_MM');
                CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
                BEGIN
                    EXECUTE format('CREATE TABLE public.%I (LIKE public.segment_merged INCLUDING ALL)', part);
                    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', part);
                    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', part);
                    EXECUTE format('CREATE POLICY tenant_isolation ON public.%1$I USING (%2$s) WITH CHECK (%2$s)',
                                   part, own_rows);
                    EXECUTE format('ALTER TABLE public.segment_merged ATTACH PARTITION public.%I
                                    FOR VALUES FROM (%L) TO (%L)', part,
                                   month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
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
            WHERE i.inhparent = 'public.segment_merged'::regclass AND c.relname ~ '^segment_merged_[0-9]{4}_[0-9]{2}$'
              AND (to_timestamp(right(c.relname, 7), 'YYYY_MM') + interval '1 month') <= keep_from
            ORDER BY c.relname LIMIT 1;
            IF part IS NULL THEN
                RETURN 0;
            END IF;
            EXECUTE format('DROP TABLE public.%I', part);
            RETURN 1;
        END $$""")

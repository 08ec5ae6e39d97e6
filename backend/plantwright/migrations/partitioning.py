"""How the readings log is cut into parts by time; the only place that knows whether TimescaleDB is there."""

from alembic import op

from plantwright.migrations.tenancy import TENANT_NUMBER, database_role

MONTHS_AHEAD = 3


def make_partition_functions() -> None:
    """Functions that make and drop parts of `segment`, run as the owner, since no other role may create tables."""
    _ensure()
    _drop()
    op.execute(f"SELECT ensure_segment_partitions({MONTHS_AHEAD})")


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
    op.execute("REVOKE ALL ON FUNCTION ensure_segment_partitions(integer) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION ensure_segment_partitions(integer) TO {database_role('worker')}")


def _drop() -> None:
    # Dropping takes the table's lock for a moment; rather than queue behind a long reader, and hold up everybody
    # behind itself, it gives up at once and is called again.
    op.execute("""
        CREATE FUNCTION drop_segment_partitions(keep_from timestamptz) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '200ms' AS $$
        DECLARE
            part text;
            dropped integer := 0;
        BEGIN
            IF keep_from > now() - interval '7 days' THEN
                RAISE EXCEPTION 'partitions younger than the shortest retention are kept';
            END IF;
            PERFORM pg_advisory_xact_lock(hashtext('ensure_segment_partitions'));
            FOR part IN
                SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'public.segment'::regclass AND c.relname ~ '^segment_[0-9]{4}_[0-9]{2}$'
                  AND (to_timestamp(substr(c.relname, 9), 'YYYY_MM') + interval '1 month') <= keep_from
                ORDER BY c.relname LOOP
                EXECUTE format('DROP TABLE public.%I', part);
                dropped := dropped + 1;
            END LOOP;
            RETURN dropped;
        END $$""")
    op.execute("REVOKE ALL ON FUNCTION drop_segment_partitions(timestamptz) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION drop_segment_partitions(timestamptz) TO {database_role('worker')}")

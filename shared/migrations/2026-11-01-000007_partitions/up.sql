-- The monthly partitions of the logs, made ahead of time by their owner's function, so
-- that the roles which write the logs need no right to make tables.
-- Services have no rights on a partition itself: it would ignore its parent's policies.

CREATE FUNCTION log_partitions(around date) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE
        parent text;
        month date;
        child text;
        made integer := 0;
    BEGIN
        FOREACH parent IN ARRAY ARRAY['event_log', 'audit_entry'] LOOP
            FOR ahead IN 0..3 LOOP
                month := (date_trunc('month', around::timestamp) + make_interval(months => ahead))::date;
                child := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
                IF to_regclass(child) IS NULL THEN
                    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', child, parent,
                        month::timestamp AT TIME ZONE 'UTC',
                        (month + interval '1 month')::timestamp AT TIME ZONE 'UTC');
                    made := made + 1;
                END IF;
            END LOOP;
        END LOOP;
        RETURN made;
    END $$;
REVOKE ALL ON FUNCTION log_partitions(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log_partitions(date) TO threshold_worker;

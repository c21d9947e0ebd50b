-- An alert ends by itself when what it asks for is done: a reminder with its clock, the alert of a missing child
-- with the return. Until now it stood on everybody's list until somebody acknowledged it by hand, months after the
-- child was back. What ended is kept, under the state `ended`.

ALTER TABLE alert ADD ended_at timestamptz;
CREATE POLICY ended ON alert FOR UPDATE TO access_reader USING (true) WITH CHECK (true);
GRANT UPDATE (ended_at, version) ON alert TO access_reader;

-- Ends those of these kinds about a record that nobody has seen to. Not to be called by itself: it asks no leave.
CREATE FUNCTION alerts_over(of_record uuid, kinds text[], at timestamptz) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        WITH over AS (
            UPDATE alert a SET ended_at = greatest(at, a.raised_at), version = a.version + 1
                WHERE a.about_id = of_record AND a.kind = ANY (kinds) AND a.acknowledged_at IS NULL AND a.ended_at IS NULL
                RETURNING a.id
        )
        UPDATE record_scope s SET state = 'ended' FROM over o WHERE s.record_id = o.id;
    END $$;
ALTER FUNCTION alerts_over(uuid, text[], timestamptz) OWNER TO access_reader;
REVOKE ALL ON FUNCTION alerts_over(uuid, text[], timestamptz) FROM PUBLIC;

-- The same, for whoever changes the record.
CREATE FUNCTION alerts_end(of_record uuid, kinds text[], at timestamptz) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF app_user() IS NULL OR NOT record_is_mine(of_record) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        PERFORM alerts_over(of_record, kinds, at);
    END $$;
ALTER FUNCTION alerts_end(uuid, text[], timestamptz) OWNER TO access_reader;

-- However a clock is stopped, or started anew for later, the reminders of it have nothing more to remind of. An alert of the same kind that is
-- urgent asks for something else.
CREATE FUNCTION reminders_over() RETURNS trigger
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    -- The background work has no business time set.
    DECLARE at timestamptz := coalesce(nullif(current_setting('app.now', true), '')::timestamptz, NEW.met_at, NEW.started_at);
    BEGIN
        WITH over AS (
            UPDATE alert a SET ended_at = greatest(at, a.raised_at), version = a.version + 1
                WHERE a.about_id = NEW.record_id AND a.kind = NEW.code AND a.urgency = 'reminder'
                  AND a.acknowledged_at IS NULL AND a.ended_at IS NULL
                RETURNING a.id
        )
        UPDATE record_scope s SET state = 'ended' FROM over o WHERE s.record_id = o.id;
        RETURN NULL;
    END $$;
ALTER FUNCTION reminders_over() OWNER TO access_reader;
CREATE TRIGGER reminders_over AFTER UPDATE OF met_at ON deadline
    FOR EACH ROW WHEN (OLD.met_at IS NULL AND (NEW.met_at IS NOT NULL OR NEW.due_at > OLD.due_at)) EXECUTE FUNCTION reminders_over();

-- Those that stand on the lists for nothing today.
ALTER TABLE alert NO FORCE ROW LEVEL SECURITY;
ALTER TABLE record_scope NO FORCE ROW LEVEL SECURITY;
ALTER TABLE deadline NO FORCE ROW LEVEL SECURITY;
ALTER TABLE missing_episode NO FORCE ROW LEVEL SECURITY;
UPDATE alert a SET ended_at = greatest(d.met_at, a.raised_at), version = a.version + 1
    FROM deadline d
    WHERE d.record_id = a.about_id AND d.code = a.kind AND d.met_at IS NOT NULL AND a.urgency = 'reminder'
      AND a.acknowledged_at IS NULL;
UPDATE alert a SET ended_at = greatest(e.returned_at, a.raised_at), version = a.version + 1
    FROM missing_episode e
    WHERE e.id = a.about_id AND e.status <> 'missing' AND a.kind IN ('missing_child', 'missing_exploited_child')
      AND a.acknowledged_at IS NULL AND a.ended_at IS NULL;
UPDATE record_scope s SET state = 'ended' FROM alert a WHERE s.record_id = a.id AND a.ended_at IS NOT NULL;
ALTER TABLE alert FORCE ROW LEVEL SECURITY;
ALTER TABLE record_scope FORCE ROW LEVEL SECURITY;
ALTER TABLE deadline FORCE ROW LEVEL SECURITY;
ALTER TABLE missing_episode FORCE ROW LEVEL SECURITY;

-- What is due, at risk and overdue: the open clocks by the scopes whose work they are, so that the
-- work of a person, a team or a district is one index range. Kept by triggers, because a
-- clock and the scopes of its record come and go in different statements of different slices.
--
-- Two transactions that change one record's clocks and its scopes at the same time would not see
-- each other's rows. Both hold the row lock of the record they change, so one follows the other.

-- Who answers for a clock. None yet: its record's team does.
ALTER TABLE deadline ADD owner uuid;

-- What people call a clock, and whose work it is, by the first part of the scopes that hold its
-- record whole: 'front-door', 'hub', 'team', 'agency'. A clock that has no row here is the work of
-- everyone who has its record whole. A row that comes after clocks of its code have been started
-- needs work_renew.
CREATE TABLE clock (
    code text COLLATE "C" PRIMARY KEY,
    label text NOT NULL,
    whose text[]
);
GRANT SELECT ON clock TO threshold_web, threshold_worker, access_reader;

CREATE TABLE work_item (
    record_id uuid NOT NULL,
    code text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    -- When the last quarter of its time begins.
    at_risk_at timestamptz NOT NULL,
    owner uuid,
    PRIMARY KEY (record_id, code, scope)
);
-- at_risk_at is in it so that what is not at risk is passed over without looking at the row.
CREATE INDEX work_item_list ON work_item (scope, due_at, record_id, code, at_risk_at);

ALTER TABLE work_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE work_item FORCE ROW LEVEL SECURITY;
-- Through record_scope, whose own policies carry the restrictions.
CREATE POLICY seen ON work_item FOR SELECT TO threshold_web
    USING (scope = ANY ((SELECT app_scopes())::text[])
           AND EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = work_item.record_id AND s.view = 'full'));
CREATE POLICY reader ON work_item TO access_reader USING (true) WITH CHECK (true);
CREATE POLICY worker ON work_item FOR SELECT TO threshold_worker USING (true);
GRANT SELECT ON work_item TO threshold_web, threshold_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON work_item TO access_reader;
CREATE POLICY reader ON deadline FOR SELECT TO access_reader USING (true);
GRANT SELECT ON deadline TO access_reader;

-- What there should be. In seconds, because a quarter of a day and of a month are not the same
-- everywhere.
CREATE VIEW work_wanted AS
    SELECT d.record_id, d.code, s.scope, s.kind, d.started_at, d.due_at,
           d.due_at - make_interval(secs => greatest(extract(epoch FROM d.due_at - d.started_at), 0)::double precision / 4) AS at_risk_at,
           d.owner
    FROM deadline d
    JOIN record_scope s ON s.record_id = d.record_id AND s.view = 'full'
    LEFT JOIN clock c ON c.code = d.code
    WHERE d.met_at IS NULL
      AND (c.whose IS NULL OR split_part(s.scope, ':', 1) = ANY (c.whose) OR s.scope = 'user:' || d.owner)
    UNION ALL
    SELECT d.record_id, d.code, 'user:' || d.owner, s.kind, d.started_at, d.due_at,
           d.due_at - make_interval(secs => greatest(extract(epoch FROM d.due_at - d.started_at), 0)::double precision / 4),
           d.owner
    FROM deadline d
    CROSS JOIN LATERAL (SELECT kind FROM record_scope WHERE record_id = d.record_id LIMIT 1) s
    WHERE d.met_at IS NULL AND d.owner IS NOT NULL;
ALTER VIEW work_wanted OWNER TO access_reader;
REVOKE ALL ON work_wanted FROM PUBLIC;

-- Makes the items of these clocks anew; of all, if none are named.
CREATE FUNCTION work_renew(codes text[]) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        DELETE FROM work_item WHERE codes IS NULL OR code = ANY (codes);
        INSERT INTO work_item (record_id, code, scope, kind, started_at, due_at, at_risk_at, owner)
            SELECT record_id, code, scope, kind, started_at, due_at, at_risk_at, owner
            FROM work_wanted WHERE codes IS NULL OR code = ANY (codes)
            ON CONFLICT DO NOTHING;
    END $$;
REVOKE ALL ON FUNCTION work_renew(text[]) FROM PUBLIC;

-- The triggers name the records in an array: joined with what was changed, the planner would read
-- the whole of a table whose size it can't know when it keeps a plan.

CREATE FUNCTION work_make(records uuid[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
    AS $$
    BEGIN
        INSERT INTO work_item (record_id, code, scope, kind, started_at, due_at, at_risk_at, owner)
            SELECT record_id, code, scope, kind, started_at, due_at, at_risk_at, owner
            FROM work_wanted WHERE record_id = ANY (records)
            ON CONFLICT DO NOTHING;
    END $$;

CREATE FUNCTION work_clock_started() RETURNS trigger
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        PERFORM work_make(ARRAY(SELECT record_id FROM fresh WHERE met_at IS NULL));
        RETURN NULL;
    END $$;

CREATE FUNCTION work_clock_changed() RETURNS trigger
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE running uuid[] := ARRAY(SELECT record_id FROM fresh WHERE met_at IS NULL);
    BEGIN
        DELETE FROM work_item w
            WHERE record_id = ANY (ARRAY(SELECT record_id FROM fresh))
              AND EXISTS (SELECT 1 FROM fresh f WHERE f.record_id = w.record_id AND f.code = w.code);
        IF running <> '{}' THEN
            PERFORM work_make(running);
        END IF;
        RETURN NULL;
    END $$;

CREATE FUNCTION work_clock_gone() RETURNS trigger
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        DELETE FROM work_item w
            WHERE record_id = ANY (ARRAY(SELECT record_id FROM gone))
              AND EXISTS (SELECT 1 FROM gone g WHERE g.record_id = w.record_id AND g.code = w.code);
        RETURN NULL;
    END $$;

-- Most records that are given to somebody have no clock: then it ends at the first look.
CREATE FUNCTION work_scope_given() RETURNS trigger
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE given uuid[] := ARRAY(SELECT record_id FROM fresh WHERE view = 'full');
    BEGIN
        IF EXISTS (SELECT 1 FROM deadline WHERE record_id = ANY (given) AND met_at IS NULL) THEN
            PERFORM work_make(given);
        END IF;
        RETURN NULL;
    END $$;

CREATE FUNCTION work_scope_widened() RETURNS trigger
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        DELETE FROM work_item WHERE record_id = NEW.record_id AND scope = NEW.scope;
        PERFORM work_make(ARRAY[NEW.record_id]);
        RETURN NULL;
    END $$;

CREATE FUNCTION work_scope_gone() RETURNS trigger
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        DELETE FROM work_item w
            WHERE record_id = ANY (ARRAY(SELECT record_id FROM gone))
              AND EXISTS (SELECT 1 FROM gone g WHERE g.record_id = w.record_id AND g.scope = w.scope);
        RETURN NULL;
    END $$;

DO $$
DECLARE f text;
BEGIN
    FOREACH f IN ARRAY ARRAY['work_renew(text[])', 'work_make(uuid[])', 'work_clock_started()', 'work_clock_changed()', 'work_clock_gone()',
                             'work_scope_given()', 'work_scope_widened()', 'work_scope_gone()'] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO access_reader', f);
    END LOOP;
END $$;

CREATE TRIGGER work_started AFTER INSERT ON deadline
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION work_clock_started();
CREATE TRIGGER work_changed AFTER UPDATE ON deadline
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION work_clock_changed();
CREATE TRIGGER work_gone AFTER DELETE ON deadline
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION work_clock_gone();
CREATE TRIGGER work_given AFTER INSERT ON record_scope
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION work_scope_given();
-- By row, because only then the many changes of state can be passed over unseen.
CREATE TRIGGER work_widened AFTER UPDATE ON record_scope
    FOR EACH ROW WHEN (OLD.view IS DISTINCT FROM NEW.view) EXECUTE FUNCTION work_scope_widened();
CREATE TRIGGER work_gone AFTER DELETE ON record_scope
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION work_scope_gone();

SELECT work_renew(NULL);

-- Who may see which record, decided once for every table of the service.
--
-- record_scope is the only table a visibility policy looks at. A record is seen
-- by those who hold one of its scopes; lists are led by it. Its own policies
-- carry the restrictions, so that nothing which asks it can forget them.

CREATE TABLE record_scope (
    record_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    view text COLLATE "C" NOT NULL CHECK (view IN ('full', 'involvement', 'status')),
    -- A copy of the record's status, so that a worklist is one index range.
    state text COLLATE "C" NOT NULL,
    sort_at timestamptz NOT NULL,
    PRIMARY KEY (record_id, scope)
);
CREATE INDEX record_scope_list ON record_scope (scope, kind, sort_at DESC, record_id DESC);
CREATE INDEX record_scope_worklist ON record_scope (scope, kind, state, sort_at DESC, record_id DESC);

-- Whom a record is about. The audit of a read names them from here.
CREATE TABLE record_subject (
    record_id uuid NOT NULL,
    person_id uuid NOT NULL,
    PRIMARY KEY (record_id, person_id)
);
CREATE INDEX record_subject_person ON record_subject (person_id);

-- Restrictions of one record (or one person): 'exclude' a named user always wins;
-- 'restrict' hides it from all but those with a dated 'allow'.
CREATE TABLE access (
    id uuid PRIMARY KEY,
    record_id uuid NOT NULL,
    effect text COLLATE "C" NOT NULL CHECK (effect IN ('exclude', 'restrict', 'allow')),
    user_id uuid CHECK ((effect = 'restrict') = (user_id IS NULL)),
    valid_from timestamptz NOT NULL,
    valid_until timestamptz,
    reason text NOT NULL,
    set_by uuid NOT NULL,
    lifted_by uuid,
    lifted_because text
);
CREATE INDEX access_record ON access (record_id, effect, user_id);

ALTER TABLE record_scope ENABLE ROW LEVEL SECURITY;
ALTER TABLE record_scope FORCE ROW LEVEL SECURITY;
ALTER TABLE record_subject ENABLE ROW LEVEL SECURITY;
ALTER TABLE record_subject FORCE ROW LEVEL SECURITY;
ALTER TABLE access ENABLE ROW LEVEL SECURITY;
ALTER TABLE access FORCE ROW LEVEL SECURITY;

-- One sees a restriction only as "this is restricted" or as about oneself.
CREATE POLICY own_access ON access FOR SELECT TO threshold_web
    USING (user_id IS NULL OR user_id = (SELECT app_user()));

CREATE POLICY held_scope ON record_scope FOR SELECT TO threshold_web
    USING (scope = ANY ((SELECT app_scopes())::text[]));
-- A scalar subquery and not NOT EXISTS, which the planner may turn into one hash of the
-- whole table for each statement: this is one look at an index for each row that is shown.
CREATE POLICY not_restricted ON record_scope AS RESTRICTIVE FOR SELECT TO threshold_web
    USING ((
        SELECT true FROM access a
        WHERE a.record_id = record_scope.record_id
          AND a.valid_from <= (SELECT app_now())
          AND (a.valid_until IS NULL OR a.valid_until > (SELECT app_now()))
          AND (a.effect = 'exclude'
               -- Information governance still sees that there is such a person, and nothing more.
               -- And whoever referred still follows where the referral stands, which says nothing of the
               -- person: if it vanished, that alone would tell them of the restriction.
               OR (a.effect = 'restrict' AND record_scope.scope <> 'governance' AND record_scope.view <> 'status' AND NOT EXISTS (
                    SELECT 1 FROM access g
                    WHERE g.record_id = a.record_id AND g.effect = 'allow'
                      AND g.valid_from <= (SELECT app_now())
                      AND (g.valid_until IS NULL OR g.valid_until > (SELECT app_now())))))
        LIMIT 1) IS NULL);

CREATE POLICY of_seen_record ON record_subject FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = record_subject.record_id));

CREATE POLICY reader ON record_scope TO access_reader USING (true) WITH CHECK (true);
CREATE POLICY reader ON record_subject TO access_reader USING (true) WITH CHECK (true);
CREATE POLICY reader ON access TO access_reader USING (true) WITH CHECK (true);
CREATE POLICY worker ON record_scope FOR SELECT TO threshold_worker USING (true);
CREATE POLICY worker ON record_subject FOR SELECT TO threshold_worker USING (true);

GRANT SELECT ON record_scope, record_subject, access TO threshold_web;
GRANT SELECT ON record_scope, record_subject TO threshold_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON record_scope, record_subject, access TO access_reader;

-- Whether the caller may change who sees a record: it sees the record, or nobody does yet.
-- In plpgsql, which keeps the plans of its statements from one call to the next.
CREATE FUNCTION record_is_mine(record uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        RETURN NOT EXISTS (SELECT 1 FROM record_scope WHERE record_id = record)
            OR EXISTS (SELECT 1 FROM record_scope
                       WHERE record_id = record AND scope = ANY (app_scopes()));
    END $$;

-- Gives records to scopes: one row for each position of the arrays.
CREATE FUNCTION scope_grant(records uuid[], kinds text[], scopes text[], views text[], states text[], sort_ats timestamptz[])
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT pg_has_role(session_user, 'threshold_worker', 'MEMBER')
           AND (app_user() IS NULL OR EXISTS (SELECT 1 FROM unnest(records) r WHERE NOT record_is_mine(r))) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
            SELECT * FROM unnest(records, kinds, scopes, views, states, sort_ats)
            ON CONFLICT (record_id, scope) DO UPDATE
                SET view = CASE WHEN record_scope.view = 'full' THEN 'full' ELSE excluded.view END,
                    sort_at = greatest(record_scope.sort_at, excluded.sort_at);
    END $$;

-- Takes a record from a scope, and with it the people it is about, unless another record of the
-- same kind keeps them there.
CREATE FUNCTION scope_revoke(record uuid, from_scope text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE record_kind text;
    BEGIN
        IF NOT record_is_mine(record) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        DELETE FROM record_scope WHERE record_id = record AND scope = from_scope RETURNING kind INTO record_kind;
        DELETE FROM record_scope p USING record_subject about
            WHERE about.record_id = record AND p.record_id = about.person_id AND p.scope = from_scope
              AND NOT EXISTS (
                  SELECT 1 FROM record_subject other
                  JOIN record_scope s ON s.record_id = other.record_id AND s.scope = from_scope
                  WHERE other.person_id = about.person_id AND s.kind = record_kind);
    END $$;

-- Moves a record to another state on every worklist it stands on.
CREATE FUNCTION scope_state(record uuid, new_state text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT record_is_mine(record) AND NOT pg_has_role(session_user, 'threshold_worker', 'MEMBER') THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        UPDATE record_scope SET state = new_state WHERE record_id = record;
    END $$;

-- Says whom records are about, and lets what restricts those people restrict the records too.
CREATE FUNCTION subject_add(records uuid[], people uuid[]) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT pg_has_role(session_user, 'threshold_worker', 'MEMBER')
           AND EXISTS (SELECT 1 FROM unnest(records) r WHERE NOT record_is_mine(r)) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        -- Against access_set of the same person at the same moment: neither would see the other's rows.
        -- In one order, so that two can't wait for each other; what follows reads what was committed.
        PERFORM pg_advisory_xact_lock_shared(k) FROM (
            SELECT DISTINCT hashtextextended(p::text, 12) AS k FROM unnest(people) p ORDER BY 1) keys;
        INSERT INTO record_subject SELECT * FROM unnest(records, people) ON CONFLICT DO NOTHING;
        INSERT INTO access (id, record_id, effect, user_id, valid_from, valid_until, reason, set_by)
            SELECT gen_random_uuid(), t.record, a.effect, a.user_id, a.valid_from, a.valid_until, a.reason, a.set_by
            FROM unnest(records, people) AS t(record, person) JOIN access a ON a.record_id = t.person
            WHERE t.record <> t.person;
    END $$;

-- Restricts a person, and with it every record about that person.
CREATE FUNCTION access_set(person uuid, new_effect text, whom uuid, starts timestamptz, ends timestamptz, why text)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF app_user() IS NULL OR NOT record_is_mine(person) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended(person::text, 12));
        INSERT INTO access (id, record_id, effect, user_id, valid_from, valid_until, reason, set_by)
            SELECT gen_random_uuid(), r, new_effect, whom, starts, ends, why, app_user()
            FROM (SELECT person AS r UNION SELECT record_id FROM record_subject WHERE person_id = person) t;
    END $$;

-- Ends a restriction of a person and of every record about that person.
CREATE FUNCTION access_lift(person uuid, old_effect text, whom uuid, at timestamptz, why text) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE ended bigint;
    BEGIN
        IF app_user() IS NULL OR NOT record_is_mine(person) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended(person::text, 12));
        UPDATE access SET valid_until = at, lifted_by = app_user(), lifted_because = why
            WHERE effect = old_effect AND user_id IS NOT DISTINCT FROM whom
              AND (valid_until IS NULL OR valid_until > at)
              AND record_id IN (SELECT person UNION SELECT record_id FROM record_subject WHERE person_id = person);
        GET DIAGNOSTICS ended = ROW_COUNT;
        RETURN ended;
    END $$;

ALTER FUNCTION access_lift(uuid, text, uuid, timestamptz, text) OWNER TO access_reader;
ALTER FUNCTION record_is_mine(uuid) OWNER TO access_reader;
ALTER FUNCTION scope_grant(uuid[], text[], text[], text[], text[], timestamptz[]) OWNER TO access_reader;
ALTER FUNCTION scope_revoke(uuid, text) OWNER TO access_reader;
ALTER FUNCTION scope_state(uuid, text) OWNER TO access_reader;
ALTER FUNCTION subject_add(uuid[], uuid[]) OWNER TO access_reader;
ALTER FUNCTION access_set(uuid, text, uuid, timestamptz, timestamptz, text) OWNER TO access_reader;

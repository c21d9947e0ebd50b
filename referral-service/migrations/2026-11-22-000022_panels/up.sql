-- Restricted panels (Channel, MARAC, …): what a hub hands to one is seen by its members by name and by
-- nobody else. The agenda, the referral and its history say "decided"; the row that says which panel, why,
-- and what came of it is here alone, held by a scope of each member's own. Whoever hands it over writes it and
-- does not see it again.

CREATE TABLE panel_member (
    id uuid PRIMARY KEY,
    panel text COLLATE "C" NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    agency text COLLATE "C" NOT NULL,
    from_at timestamptz NOT NULL,
    added_by_name text NOT NULL,
    until_at timestamptz CHECK (until_at >= from_at),
    ended_by_name text,
    ended_because text,
    version bigint NOT NULL,
    CHECK ((until_at IS NULL) = (ended_by_name IS NULL)),
    CHECK ((until_at IS NULL) = (ended_because IS NULL))
);
CREATE INDEX panel_member_panel ON panel_member (panel, from_at DESC, id DESC);
CREATE UNIQUE INDEX panel_member_once ON panel_member (user_id, panel) WHERE until_at IS NULL;

CREATE TABLE panel_case (
    id uuid PRIMARY KEY,
    panel text COLLATE "C" NOT NULL,
    referral_id uuid NOT NULL REFERENCES referral,
    opened_at timestamptz NOT NULL,
    opened_by_name text NOT NULL,
    reason text NOT NULL,
    dissent jsonb NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('open', 'closed')),
    outcome text COLLATE "C",
    words text,
    closed_at timestamptz,
    closed_by_name text,
    version bigint NOT NULL,
    CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((closed_at IS NULL) = (outcome IS NULL)),
    CHECK ((closed_at IS NULL) = (closed_by_name IS NULL))
);
CREATE INDEX panel_case_panel ON panel_case (panel, opened_at DESC, id DESC);
CREATE INDEX panel_case_referral ON panel_case (referral_id);

ALTER TABLE panel_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE panel_member FORCE ROW LEVEL SECURITY;
ALTER TABLE panel_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE panel_case FORCE ROW LEVEL SECURITY;
-- Who sits on a panel is known to those who keep it, and to whoever sits there of themselves.
CREATE POLICY kept ON panel_member FOR SELECT TO threshold_web
    USING ((SELECT app_scopes())::text[] && ARRAY['governance', 'administration'] OR user_id = (SELECT app_user()));
CREATE POLICY made ON panel_member FOR INSERT TO threshold_web
    WITH CHECK ((SELECT app_scopes())::text[] && ARRAY['governance', 'administration']);
CREATE POLICY ended ON panel_member FOR UPDATE TO threshold_web
    USING ((SELECT app_scopes())::text[] && ARRAY['governance', 'administration']);
CREATE POLICY made ON panel_case FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL);
CREATE POLICY seen ON panel_case FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = panel_case.id AND s.view = 'full'));
CREATE POLICY changed ON panel_case FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = panel_case.id AND s.view = 'full'));
CREATE POLICY reader ON panel_member FOR SELECT TO access_reader USING (true);
CREATE POLICY reader ON panel_case FOR SELECT TO access_reader USING (true);
GRANT SELECT, INSERT ON panel_member, panel_case TO threshold_web;
GRANT UPDATE (until_at, ended_by_name, ended_because, version) ON panel_member TO threshold_web;
GRANT UPDATE (status, outcome, words, closed_at, closed_by_name, version) ON panel_case TO threshold_web;
GRANT SELECT ON panel_member, panel_case TO access_reader;

-- Shows a case of a panel, its referral and the people to one who sits on it.
CREATE FUNCTION panel_show(of_case uuid, to_user uuid) RETURNS void
    LANGUAGE sql VOLATILE SET search_path = public, pg_temp
    AS $$
        INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
            SELECT c.id, 'panel_case', 'user:' || to_user, 'full', c.status, c.opened_at FROM panel_case c WHERE c.id = of_case
            UNION ALL
            SELECT r.id, 'referral', 'user:' || to_user, 'full', r.status, r.received_at
            FROM panel_case c JOIN referral r ON r.id = c.referral_id WHERE c.id = of_case
            UNION ALL
            SELECT DISTINCT l.person_id, 'person', 'user:' || to_user, 'full', 'known', c.opened_at
            FROM panel_case c JOIN person_link l ON l.referral_id = c.referral_id WHERE c.id = of_case
            ON CONFLICT (record_id, scope) DO UPDATE SET view = 'full';
    $$;
ALTER FUNCTION panel_show(uuid, uuid) OWNER TO access_reader;
REVOKE ALL ON FUNCTION panel_show(uuid, uuid) FROM PUBLIC;

-- Gives a case that was just written to those who sit on its panel; they are the answer. Whoever gives it
-- need not sit there, and sees neither it nor them. Only a case that nobody has yet, of a referral one sees.
CREATE FUNCTION panel_give(of_case uuid) RETURNS SETOF uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF app_user() IS NULL
           OR EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = of_case)
           OR NOT EXISTS (SELECT 1 FROM panel_case c JOIN record_scope s ON s.record_id = c.referral_id
                          WHERE c.id = of_case AND s.view = 'full' AND s.scope = ANY (app_scopes())) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        PERFORM panel_show(of_case, m.user_id)
            FROM panel_case c JOIN panel_member m ON m.panel = c.panel AND m.until_at IS NULL WHERE c.id = of_case;
        RETURN QUERY
            SELECT m.user_id FROM panel_case c JOIN panel_member m ON m.panel = c.panel AND m.until_at IS NULL
            WHERE c.id = of_case ORDER BY m.user_id;
    END $$;
ALTER FUNCTION panel_give(uuid) OWNER TO access_reader;

-- Whoever comes to sit on a panel sees the cases it has open.
CREATE FUNCTION panel_join(membership uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT coalesce(app_scopes() && ARRAY['governance', 'administration'], false) THEN
            RAISE EXCEPTION 'not yours to keep' USING ERRCODE = '42501';
        END IF;
        PERFORM panel_show(c.id, m.user_id)
            FROM panel_member m JOIN panel_case c ON c.panel = m.panel AND c.status = 'open'
            WHERE m.id = membership AND m.until_at IS NULL;
    END $$;
ALTER FUNCTION panel_join(uuid) OWNER TO access_reader;

-- Whether somebody sees a referral by name for a reason that still holds: they work on it, or sit on a panel
-- that has it.
CREATE FUNCTION named_on_referral(of_referral uuid, who uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = public, pg_temp
    AS $$
        SELECT EXISTS (SELECT 1 FROM allocation a JOIN allocation_worker w ON w.allocation_id = a.id
                       WHERE a.referral_id = of_referral AND w.user_id = who AND w.until_at IS NULL)
            OR EXISTS (SELECT 1 FROM panel_case c JOIN record_scope s ON s.record_id = c.id AND s.scope = 'user:' || who
                       WHERE c.referral_id = of_referral);
    $$;
ALTER FUNCTION named_on_referral(uuid, uuid) OWNER TO access_reader;
REVOKE ALL ON FUNCTION named_on_referral(uuid, uuid) FROM PUBLIC;

-- Whoever no longer sits on a panel sees none of its cases, and what these alone showed.
CREATE FUNCTION panel_leave(membership uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE gone record; own text;
    BEGIN
        IF NOT coalesce(app_scopes() && ARRAY['governance', 'administration'], false) THEN
            RAISE EXCEPTION 'not yours to keep' USING ERRCODE = '42501';
        END IF;
        FOR gone IN
            SELECT c.id, c.referral_id, m.user_id FROM panel_member m JOIN panel_case c ON c.panel = m.panel
            WHERE m.id = membership AND m.until_at IS NOT NULL
        LOOP
            own := 'user:' || gone.user_id;
            DELETE FROM record_scope WHERE record_id = gone.id AND scope = own;
            IF NOT named_on_referral(gone.referral_id, gone.user_id) THEN
                DELETE FROM record_scope WHERE record_id = gone.referral_id AND scope = own;
            END IF;
            DELETE FROM record_scope p USING record_subject about
                WHERE about.record_id = gone.id AND p.record_id = about.person_id AND p.scope = own
                  AND NOT EXISTS (
                      SELECT 1 FROM record_subject other
                      JOIN record_scope s ON s.record_id = other.record_id AND s.scope = own
                      WHERE other.person_id = about.person_id AND other.record_id <> other.person_id AND s.kind <> 'alert');
        END LOOP;
    END $$;
ALTER FUNCTION panel_leave(uuid) OWNER TO access_reader;

-- As it was, but that a worker who also sits on a panel goes on seeing what the panel has.
CREATE OR REPLACE FUNCTION worker_leaves(of_allocation uuid, worker uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE of_referral uuid; own text := 'user:' || worker;
    BEGIN
        IF NOT record_is_mine(of_allocation) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        SELECT a.referral_id INTO of_referral FROM allocation a WHERE a.id = of_allocation;
        DELETE FROM record_scope WHERE record_id = of_allocation AND scope = own;
        IF NOT named_on_referral(of_referral, worker) THEN
            DELETE FROM record_scope WHERE record_id = of_referral AND scope = own;
        END IF;
        DELETE FROM record_scope p USING record_subject about
            WHERE about.record_id = of_allocation AND p.record_id = about.person_id AND p.scope = own
              AND NOT EXISTS (
                  SELECT 1 FROM record_subject other
                  JOIN record_scope s ON s.record_id = other.record_id AND s.scope = own
                  WHERE other.person_id = about.person_id AND other.record_id <> other.person_id AND s.kind <> 'alert');
    END $$;

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('panel', 'channel', 'Channel panel', '2015-07-01', NULL, 'Counter-Terrorism and Security Act 2015, in force for local authorities from July 2015'),
    ('panel', 'marac', 'Multi-agency risk assessment conference', '2003-01-01', NULL, 'practice of the county''s partners'),
    ('panel_outcome', 'support-agreed', 'Support agreed', '2013-04-01', NULL, 'words of the panels; to be agreed by the partnership'),
    ('panel_outcome', 'no-further-action', 'No further action by the panel', '2013-04-01', NULL, 'words of the panels; to be agreed by the partnership'),
    ('panel_outcome', 'other-service', 'Another service is better placed', '2013-04-01', NULL, 'words of the panels; to be agreed by the partnership');

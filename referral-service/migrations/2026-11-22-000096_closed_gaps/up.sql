-- What an attacker who read the policies found open, each closed where it was.

-- A case handed to a panel and a change of its members at the same time did not see each other's rows.
-- Both hold the panel's lock until they commit, and read only after they have it.
CREATE FUNCTION panel_lock(panel text) RETURNS void
    LANGUAGE sql VOLATILE SET search_path = public, pg_temp
    AS $$ SELECT pg_advisory_xact_lock(hashtextextended('panel:' || panel, 13)) $$;

CREATE OR REPLACE FUNCTION panel_give(of_case uuid) RETURNS SETOF uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF app_user() IS NULL
           OR EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = of_case)
           OR NOT EXISTS (SELECT 1 FROM panel_case c JOIN record_scope s ON s.record_id = c.referral_id
                          WHERE c.id = of_case AND s.view = 'full' AND s.scope = ANY (app_scopes())) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        PERFORM panel_lock(c.panel) FROM panel_case c WHERE c.id = of_case;
        PERFORM panel_show(of_case, m.user_id)
            FROM panel_case c JOIN panel_member m ON m.panel = c.panel AND m.until_at IS NULL WHERE c.id = of_case;
        RETURN QUERY
            SELECT m.user_id FROM panel_case c JOIN panel_member m ON m.panel = c.panel AND m.until_at IS NULL
            WHERE c.id = of_case ORDER BY m.user_id;
    END $$;

CREATE OR REPLACE FUNCTION panel_join(membership uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT coalesce(app_scopes() && ARRAY['governance', 'administration'], false) THEN
            RAISE EXCEPTION 'not yours to keep' USING ERRCODE = '42501';
        END IF;
        PERFORM panel_lock(m.panel) FROM panel_member m WHERE m.id = membership;
        PERFORM panel_show(c.id, m.user_id)
            FROM panel_member m JOIN panel_case c ON c.panel = m.panel AND c.status = 'open'
            WHERE m.id = membership AND m.until_at IS NULL;
    END $$;

-- And the alerts about its cases go with the cases.
CREATE OR REPLACE FUNCTION panel_leave(membership uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE gone record; own text;
    BEGIN
        IF NOT coalesce(app_scopes() && ARRAY['governance', 'administration'], false) THEN
            RAISE EXCEPTION 'not yours to keep' USING ERRCODE = '42501';
        END IF;
        PERFORM panel_lock(m.panel) FROM panel_member m WHERE m.id = membership;
        FOR gone IN
            SELECT c.id, c.referral_id, m.user_id FROM panel_member m JOIN panel_case c ON c.panel = m.panel
            WHERE m.id = membership AND m.until_at IS NOT NULL
        LOOP
            own := 'user:' || gone.user_id;
            DELETE FROM record_scope WHERE record_id = gone.id AND scope = own;
            DELETE FROM record_scope s USING alert a WHERE a.about_id = gone.id AND s.record_id = a.id AND s.scope = own;
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

CREATE POLICY reader ON alert FOR SELECT TO access_reader USING (true);
GRANT SELECT ON alert TO access_reader;

-- An agency that was asked about people goes on seeing that it was asked and what it answered, but not whom
-- about, once the referral has ended or the request was taken back.
ALTER TABLE information_request ADD ended_at timestamptz;
CREATE OR REPLACE FUNCTION information_requests_end(of_referral uuid, of_request uuid, because text, at timestamptz) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE ended bigint;
    BEGIN
        IF NOT record_is_mine(of_referral) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        UPDATE information_request q SET ended_at = at
            WHERE q.referral_id = of_referral AND q.ended_at IS NULL AND (of_request IS NULL OR q.id = of_request);
        WITH gone AS (
            UPDATE information_request q
                SET status = 'cancelled', settled_at = at, cancelled_because = because, version = q.version + 1
                WHERE q.referral_id = of_referral AND q.status = 'asked' AND (of_request IS NULL OR q.id = of_request)
                RETURNING q.id
        ), moved AS (
            UPDATE record_scope s SET state = 'cancelled' FROM gone g WHERE s.record_id = g.id
        ), stopped AS (
            UPDATE deadline d SET met_at = at FROM gone g WHERE d.record_id = g.id AND d.met_at IS NULL
        )
        SELECT count(*) INTO ended FROM gone;
        RETURN ended;
    END $$;
DROP POLICY seen ON information_request_person;
CREATE POLICY seen ON information_request_person FOR SELECT TO threshold_web USING (EXISTS (
    SELECT 1 FROM information_request q WHERE q.id = information_request_person.request_id
      AND (q.ended_at IS NULL
           OR EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = q.referral_id AND s.view = 'full'))));

-- What those at work told whoever referred is no more theirs to read than the rest, once what it is about
-- is restricted. What they said themselves stays.
CREATE POLICY not_restricted ON message AS RESTRICTIVE FOR SELECT TO threshold_web USING (
    side = 'referrer'
    OR EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = message.referral_id AND s.view = 'full')
    OR NOT EXISTS (
        SELECT 1 FROM access a
        WHERE a.record_id = message.referral_id AND a.effect = 'restrict'
          AND a.valid_from <= (SELECT app_now()) AND (a.valid_until IS NULL OR a.valid_until > (SELECT app_now()))));

-- A family that takes back its referral takes back what was passed on with it.
CREATE FUNCTION onward_end(of_referral uuid, at timestamptz) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT record_is_mine(of_referral) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        WITH gone AS (
            UPDATE onward_referral o SET status = 'withdrawn', version = o.version + 1
                WHERE o.referral_id = of_referral AND o.status NOT IN ('declined', 'withdrawn')
                RETURNING o.id
        ), revoked AS (
            UPDATE onward_link l SET revoked_at = at FROM gone g WHERE l.onward_id = g.id AND l.revoked_at IS NULL
        ), moved AS (
            UPDATE record_scope s SET state = 'withdrawn' FROM gone g WHERE s.record_id = g.id
        ), noted AS (
            INSERT INTO onward_history (id, onward_id, at, who, what, note)
                SELECT gen_random_uuid(), g.id, at, 'the referral', 'withdrawn', NULL FROM gone g
        )
        UPDATE deadline d SET met_at = at FROM gone g WHERE d.record_id = g.id AND d.met_at IS NULL;
    END $$;
CREATE POLICY ended ON onward_referral FOR UPDATE TO access_reader USING (true) WITH CHECK (true);
CREATE POLICY ended_with_it ON onward_link FOR UPDATE TO access_reader USING (true) WITH CHECK (true);
CREATE POLICY ended ON onward_history FOR INSERT TO access_reader WITH CHECK (true);
GRANT UPDATE ON onward_referral, onward_link TO access_reader;
GRANT INSERT ON onward_history TO access_reader;
ALTER FUNCTION onward_end(uuid, timestamptz) OWNER TO access_reader;

-- How often a service has written by its link, which sees nothing of the history: there is an end to it.
CREATE FUNCTION onward_lines_by_link(of_onward uuid) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT count(*) FROM onward_history h
        WHERE h.onward_id = of_onward AND h.who = 'the service' AND app_user() IS NOT NULL
    $$;
CREATE POLICY counted ON onward_history FOR SELECT TO access_reader USING (true);
GRANT SELECT ON onward_history TO access_reader;
ALTER FUNCTION onward_lines_by_link(uuid) OWNER TO access_reader;


-- Whether the caller, under its own policies, knows the child of an episode from more than the episode.
CREATE FUNCTION missing_known(episode uuid, child uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = public, pg_temp
    AS $$
        SELECT EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = episode AND s.view = 'full' AND s.scope = 'front-door')
            OR EXISTS (SELECT 1 FROM record_subject other JOIN record_scope s ON s.record_id = other.record_id AND s.view = 'full'
                       WHERE other.person_id = child AND other.record_id NOT IN (episode, child)
                         AND s.kind NOT IN ('person', 'alert', 'missing_episode'))
    $$;

-- A team that reported a child missing is not thereby at work with the child: it would be told of every
-- episode to come.
CREATE OR REPLACE FUNCTION person_teams(person uuid) RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT coalesce(array_agg(DISTINCT scope ORDER BY scope), '{}') FROM (
            SELECT scope FROM person_open_records(person) WHERE scope LIKE 'team:%' AND kind <> 'missing_episode'
            UNION
            SELECT own.scope FROM record_scope own
            WHERE app_user() IS NOT NULL AND own.record_id = person AND own.scope LIKE 'team:%' AND NOT EXISTS (
                SELECT 1 FROM record_subject about JOIN record_scope s ON s.record_id = about.record_id
                WHERE about.person_id = person AND about.record_id <> person AND s.kind <> 'alert'
                  AND s.scope = own.scope)) held
    $$;

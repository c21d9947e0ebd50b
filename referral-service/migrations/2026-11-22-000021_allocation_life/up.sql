-- The life of an allocation: what is asked of a service, its waiting list, who works on it, and how
-- much anyone has in hand. Nothing is allocated to nobody unseen: each step that waits for somebody
-- has a clock, and each clock is chased.

ALTER TABLE allocation
    DROP CONSTRAINT allocation_status_check,
    ADD CONSTRAINT allocation_status_check
        CHECK (status IN ('offered', 'waiting', 'accepted', 'declined', 'withdrawn', 'closed')),
    ADD case_type text COLLATE "C",
    ADD complexity text COLLATE "C",
    -- What the service is asked to do, in the words of whoever asked.
    ADD asked_for text,
    -- Why it is asked although it is not for such a family.
    ADD regardless_reason text,
    ADD waiting_since timestamptz,
    ADD expected_from date,
    ADD waiting_reason text,
    -- The allocation by which another service took it over.
    ADD transferred_to uuid REFERENCES allocation,
    ADD CONSTRAINT allocation_waiting CHECK
        (status <> 'waiting' OR (waiting_since IS NOT NULL AND expected_from IS NOT NULL AND waiting_reason IS NOT NULL));
CREATE INDEX allocation_transferred ON allocation (transferred_to) WHERE transferred_to IS NOT NULL;

DROP INDEX allocation_open_lead;
DROP INDEX allocation_open_service;
CREATE UNIQUE INDEX allocation_open_lead ON allocation (referral_id)
    WHERE part = 'lead' AND status IN ('offered', 'waiting', 'accepted');
-- No service is asked twice for one family at once.
CREATE UNIQUE INDEX allocation_open_service ON allocation (referral_id, service)
    WHERE status IN ('offered', 'waiting', 'accepted');
-- What a service has before it, its waiting list in its order.
CREATE INDEX allocation_of_service ON allocation (service, status, waiting_since, id)
    WHERE status IN ('offered', 'waiting', 'accepted');

GRANT UPDATE (part, case_type, complexity, waiting_since, expected_from, waiting_reason, transferred_to)
    ON allocation TO threshold_web;

-- Who works on it, with its history: nobody is removed, their part ends.
CREATE TABLE allocation_worker (
    id uuid PRIMARY KEY,
    allocation_id uuid NOT NULL REFERENCES allocation,
    -- The allocation's, so that a team's caseload is one index range.
    service text COLLATE "C" NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    part text COLLATE "C" NOT NULL CHECK (part IN ('lead', 'supporting')),
    from_at timestamptz NOT NULL,
    assigned_by_name text NOT NULL,
    until_at timestamptz CHECK (until_at >= from_at),
    ended_by_name text,
    ended_because text,
    CHECK ((until_at IS NULL) = (ended_by_name IS NULL))
);
CREATE INDEX allocation_worker_allocation ON allocation_worker (allocation_id, from_at, id);
CREATE INDEX allocation_worker_caseload ON allocation_worker (service, user_id) WHERE until_at IS NULL;
CREATE UNIQUE INDEX allocation_worker_lead ON allocation_worker (allocation_id) WHERE part = 'lead' AND until_at IS NULL;
CREATE UNIQUE INDEX allocation_worker_once ON allocation_worker (allocation_id, user_id) WHERE until_at IS NULL;

ALTER TABLE allocation_worker ENABLE ROW LEVEL SECURITY;
ALTER TABLE allocation_worker FORCE ROW LEVEL SECURITY;
CREATE POLICY made ON allocation_worker FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL);
CREATE POLICY seen ON allocation_worker FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = allocation_worker.allocation_id AND s.view = 'full'));
CREATE POLICY ended ON allocation_worker FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = allocation_worker.allocation_id AND s.view = 'full'));
CREATE POLICY worker ON allocation_worker FOR SELECT TO threshold_worker USING (true);
CREATE POLICY reader ON allocation_worker TO access_reader USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON allocation_worker TO threshold_web;
GRANT UPDATE (until_at, ended_by_name, ended_because) ON allocation_worker TO threshold_web;
GRANT SELECT ON allocation_worker TO threshold_worker;
GRANT SELECT, UPDATE ON allocation_worker TO access_reader;

-- How much a case counts for whoever works on it, in points, from a day on. `*` is any type.
CREATE TABLE caseload_weight (
    case_type text COLLATE "C" NOT NULL,
    complexity text COLLATE "C" NOT NULL,
    part text COLLATE "C" NOT NULL CHECK (part IN ('lead', 'supporting')),
    points smallint NOT NULL CHECK (points >= 0),
    valid_from date NOT NULL,
    valid_to date,
    source text NOT NULL,
    verified boolean NOT NULL,
    PRIMARY KEY (case_type, complexity, part, valid_from)
);
GRANT SELECT ON caseload_weight TO threshold_web, threshold_worker, access_reader;

-- How many points a worker of a team should have at most: a row for the whole team, and one for
-- whoever differs. The newest holds; the ones before stay to be read. It warns and never blocks.
CREATE TABLE caseload_ceiling (
    id uuid PRIMARY KEY,
    team text COLLATE "C" NOT NULL,
    user_id uuid,
    points smallint NOT NULL CHECK (points > 0),
    reason text NOT NULL,
    set_at timestamptz NOT NULL,
    set_by_name text NOT NULL
);
CREATE INDEX caseload_ceiling_team ON caseload_ceiling (team, user_id, set_at DESC);
ALTER TABLE caseload_ceiling ENABLE ROW LEVEL SECURITY;
ALTER TABLE caseload_ceiling FORCE ROW LEVEL SECURITY;
CREATE POLICY of_own_team ON caseload_ceiling FOR SELECT TO threshold_web
    USING ('team:' || team = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY for_own_team ON caseload_ceiling FOR INSERT TO threshold_web
    WITH CHECK ('team:' || team = ANY ((SELECT app_scopes())::text[]));
GRANT SELECT, INSERT ON caseload_ceiling TO threshold_web;

-- Which case type a service's work usually is, where nobody says otherwise.
CREATE TABLE usual_case_type (
    service text COLLATE "C" PRIMARY KEY,
    case_type text COLLATE "C" NOT NULL
);
GRANT SELECT ON usual_case_type TO threshold_web, threshold_worker;

-- Which services are asked or at work on a referral, for one who sees the referral: a service sees
-- its own allocation and no other, and the last one to end its work ends the referral.
CREATE FUNCTION referral_helpers(of_referral uuid)
    RETURNS TABLE (allocation_id uuid, service text, part text, status text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT record_is_mine(of_referral) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        RETURN QUERY
            SELECT a.id, a.service, a.part, a.status FROM allocation a
            WHERE a.referral_id = of_referral AND a.status IN ('offered', 'waiting', 'accepted')
            ORDER BY a.part, a.offered_at, a.id;
    END $$;
ALTER FUNCTION referral_helpers(uuid) OWNER TO access_reader;

-- How many wait for the service before this one, and how many in all: numbers, whoever is among them.
CREATE FUNCTION allocation_queue(of_allocation uuid) RETURNS TABLE (ahead bigint, waiting bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT record_is_mine(of_allocation) THEN
            RETURN;
        END IF;
        RETURN QUERY
            SELECT count(*) FILTER (WHERE (w.waiting_since, w.id) < (mine.waiting_since, mine.id)), count(*)
            FROM allocation mine
            JOIN allocation w ON w.service = mine.service AND w.status = 'waiting'
            WHERE mine.id = of_allocation AND mine.status = 'waiting';
    END $$;
ALTER FUNCTION allocation_queue(uuid) OWNER TO access_reader;

-- What each worker of a team has in hand. Numbers of a team one works in, with the cases in them that
-- one does not see: a caseload that left those out would be wrong.
CREATE FUNCTION caseload(of_team text, on_day date)
    RETURNS TABLE (user_id uuid, name text, leads bigint, supports bigint, points bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT coalesce('team:' || of_team = ANY (app_scopes()), false) THEN
            RETURN;
        END IF;
        RETURN QUERY
            SELECT w.user_id, max(w.name), count(*) FILTER (WHERE w.part = 'lead'),
                   count(*) FILTER (WHERE w.part = 'supporting'), coalesce(sum(p.points), 0)::bigint
            FROM allocation_worker w
            JOIN allocation a ON a.id = w.allocation_id AND a.status = 'accepted'
            LEFT JOIN LATERAL (
                SELECT c.points FROM caseload_weight c
                WHERE c.case_type IN (coalesce(a.case_type, '*'), '*')
                  AND c.complexity = coalesce(a.complexity, 'standard') AND c.part = w.part
                  AND c.valid_from <= on_day AND (c.valid_to IS NULL OR c.valid_to > on_day)
                ORDER BY c.case_type = '*', c.valid_from DESC LIMIT 1) p ON true
            WHERE w.service = of_team AND w.until_at IS NULL
            GROUP BY w.user_id
            ORDER BY 5 DESC, 2, 1;
    END $$;
ALTER FUNCTION caseload(text, date) OWNER TO access_reader;

CREATE FUNCTION team_standing(of_team text)
    RETURNS TABLE (offered bigint, waiting bigint, in_work bigint, without_lead_worker bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT coalesce('team:' || of_team = ANY (app_scopes()), false) THEN
            RETURN;
        END IF;
        RETURN QUERY
            SELECT count(*) FILTER (WHERE a.status = 'offered'), count(*) FILTER (WHERE a.status = 'waiting'),
                   count(*) FILTER (WHERE a.status = 'accepted'),
                   count(*) FILTER (WHERE a.status = 'accepted' AND NOT EXISTS (
                       SELECT 1 FROM allocation_worker w
                       WHERE w.allocation_id = a.id AND w.part = 'lead' AND w.until_at IS NULL))
            FROM allocation a
            WHERE a.service = of_team AND a.status IN ('offered', 'waiting', 'accepted');
    END $$;
ALTER FUNCTION team_standing(text) OWNER TO access_reader;

-- A referrer who withdraws does not see the allocations its withdrawal ends; this ends them all, and
-- their clocks. None of them is at work yet: referral_helpers was asked first.
CREATE OR REPLACE FUNCTION allocation_withdraw(referral uuid, at timestamptz)
    RETURNS TABLE (allocation_id uuid, service text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT record_is_mine(referral) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        RETURN QUERY
            WITH ended AS (
                UPDATE allocation a SET status = 'withdrawn', answered_at = at, version = a.version + 1
                WHERE a.referral_id = referral AND a.status IN ('offered', 'waiting')
                RETURNING a.id, a.service
            ), moved AS (
                UPDATE record_scope s SET state = 'withdrawn' FROM ended e WHERE s.record_id = e.id
            ), stopped AS (
                UPDATE deadline d SET met_at = at FROM ended e WHERE d.record_id = e.id AND d.met_at IS NULL
            )
            SELECT e.id, e.service FROM ended e;
    END $$;

-- A step up ends what waits for a place as it ends what was only asked, and with the work its workers' parts.
CREATE OR REPLACE FUNCTION allocations_stepped_up(referral uuid, at timestamptz, because text)
    RETURNS TABLE (allocation_id uuid, service text, part text, was text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT record_is_mine(referral) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        RETURN QUERY
            WITH open AS (
                SELECT a.id, CASE a.status WHEN 'accepted' THEN 'accepted' ELSE 'offered' END AS status FROM allocation a
                WHERE a.referral_id = referral AND a.status IN ('offered', 'waiting', 'accepted') ORDER BY a.id FOR UPDATE
            ), ended AS (
                UPDATE allocation a SET
                    status = CASE o.status WHEN 'offered' THEN 'withdrawn' ELSE 'closed' END,
                    answered_at = CASE o.status WHEN 'offered' THEN at ELSE a.answered_at END,
                    closed_at = CASE o.status WHEN 'accepted' THEN at END,
                    outcome = CASE o.status WHEN 'accepted' THEN 'stepped_up' END,
                    note = because,
                    version = a.version + 1
                FROM open o WHERE a.id = o.id
                RETURNING a.id, a.service, a.part, o.status AS was, a.status
            ), moved AS (
                UPDATE record_scope s SET state = e.status FROM ended e WHERE s.record_id = e.id
            ), stopped AS (
                UPDATE deadline d SET met_at = at FROM ended e WHERE d.record_id = e.id AND d.met_at IS NULL
            ), released AS (
                UPDATE allocation_worker w SET until_at = at, ended_by_name = 'stepped up', ended_because = because
                FROM ended e WHERE w.allocation_id = e.id AND w.until_at IS NULL
            )
            SELECT e.id, e.service, e.part, e.was FROM ended e;
    END $$;

-- Clocks. A row whose code ends in a case type holds for that type in place of the general one.
INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('allocation_answer', '2013-04-01', 5, 'working_day', 'placeholder, to be set by the partnership', false),
    ('allocation_answer_outreach', '2013-04-01', 3, 'working_day', 'placeholder, to be set by the partnership', false),
    ('lead_worker_named', '2013-04-01', 2, 'working_day', 'placeholder, to be set by the partnership', false),
    ('allocation_length_intensive-family-support', '2013-04-01', 52, 'week',
     'the county''s early help services, 2017: longer-term support for approximately a year; a description, not a limit', false),
    ('allocation_length_short-family-work', '2013-04-01', 12, 'week', 'placeholder, to be set by the partnership', false),
    ('allocation_length_youth-work', '2013-04-01', 26, 'week', 'placeholder, to be set by the partnership', false),
    ('allocation_length_outreach', '2013-04-01', 12, 'week', 'placeholder, to be set by the partnership', false);

INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified) VALUES
    ('allocation_answer', 0, 48, 5, ARRAY['team', 'hub', 'front-door'], 'allocations', 'practice; how often is each county''s own', false),
    ('lead_worker_named', 0, 24, 5, ARRAY['team'], 'allocations', 'practice; how often is each county''s own', false),
    ('allocation_waiting', 0, 168, 8, ARRAY['team', 'hub'], 'allocations', 'practice; how often is each county''s own', false),
    ('allocation_length', 0, 336, 4, ARRAY['team'], 'allocations', 'practice; how often is each county''s own', false);

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('complexity', 'lower', 'Lower than most', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('complexity', 'standard', 'As most', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('complexity', 'higher', 'Higher than most', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership');

INSERT INTO usual_case_type (service, case_type) VALUES
    ('intensive-family-support', 'intensive-family-support'),
    ('youth-work', 'youth-work'),
    ('childrens-centre', 'outreach');

INSERT INTO caseload_weight (case_type, complexity, part, points, valid_from, source, verified)
    SELECT t.case_type, c.complexity, p.part, t.points * c.tenths * p.share / 200, '2013-04-01',
           'placeholder, to be set by the partnership', false
    FROM (VALUES ('*', 10), ('intensive-family-support', 10), ('short-family-work', 6), ('youth-work', 4),
                 ('outreach', 4)) AS t(case_type, points),
         (VALUES ('lower', 15), ('standard', 20), ('higher', 30)) AS c(complexity, tenths),
         (VALUES ('lead', 10), ('supporting', 5)) AS p(part, share);

-- A worker whose part has ended no longer sees, by name, what that part showed; the team's own sight
-- is another matter, and so is whatever else the worker is named on.
CREATE FUNCTION worker_leaves(of_allocation uuid, worker uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE of_referral uuid; own text := 'user:' || worker;
    BEGIN
        IF NOT record_is_mine(of_allocation) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        SELECT a.referral_id INTO of_referral FROM allocation a WHERE a.id = of_allocation;
        DELETE FROM record_scope WHERE record_id = of_allocation AND scope = own;
        IF NOT EXISTS (SELECT 1 FROM allocation a JOIN allocation_worker w ON w.allocation_id = a.id
                       WHERE a.referral_id = of_referral AND w.user_id = worker AND w.until_at IS NULL) THEN
            DELETE FROM record_scope WHERE record_id = of_referral AND scope = own;
        END IF;
        DELETE FROM record_scope p USING record_subject about
            WHERE about.record_id = of_allocation AND p.record_id = about.person_id AND p.scope = own
              AND NOT EXISTS (
                  SELECT 1 FROM record_subject other
                  JOIN record_scope s ON s.record_id = other.record_id AND s.scope = own
                  WHERE other.person_id = about.person_id);
    END $$;
ALTER FUNCTION worker_leaves(uuid, uuid) OWNER TO access_reader;

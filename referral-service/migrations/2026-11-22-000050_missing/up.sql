-- Children who go missing: the episode, the return, and the return interview within 72 hours.
-- One table for each view: `missing_episode` is where it stands, which whoever reported it may follow
-- (any view); the rest names the child and holds what was told, and is the working team's (full view).

-- Records about a person that are open still. Whoever looks: the answer is for telling people of
-- an alert whom the asker knows nothing of, and is never shown to the asker.
CREATE FUNCTION record_is_over(state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN state IN ('closed', 'declined', 'withdrawn', 'completed', 'cancelled', 'ended', 'left', 'not_placed',
                     'interview_held', 'interview_declined');

CREATE FUNCTION person_open_records(person uuid) RETURNS TABLE (record_id uuid, kind text, scope text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT s.record_id, s.kind, s.scope
        FROM record_subject about JOIN record_scope s ON s.record_id = about.record_id
        WHERE app_user() IS NOT NULL AND about.person_id = person AND about.record_id <> person
          AND s.kind <> 'alert' AND s.view = 'full' AND NOT record_is_over(s.state)
    $$;
ALTER FUNCTION person_open_records(uuid) OWNER TO access_reader;

-- The teams that work with a person now: they hold an open record about them; or they added the
-- person themselves and have begun no record yet. A team whose work has ended is told nothing more.
CREATE FUNCTION person_teams(person uuid) RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT coalesce(array_agg(DISTINCT scope ORDER BY scope), '{}') FROM (
            SELECT scope FROM person_open_records(person) WHERE scope LIKE 'team:%'
            UNION
            SELECT own.scope FROM record_scope own
            WHERE app_user() IS NOT NULL AND own.record_id = person AND own.scope LIKE 'team:%' AND NOT EXISTS (
                SELECT 1 FROM record_subject about JOIN record_scope s ON s.record_id = about.record_id
                WHERE about.person_id = person AND about.record_id <> person AND s.kind <> 'alert'
                  AND s.scope = own.scope)) held
    $$;
ALTER FUNCTION person_teams(uuid) OWNER TO access_reader;

-- Lets whoever holds a record whole see the people it is about. A reporter who named someone it does
-- not see could not give that person away itself.
CREATE FUNCTION subject_show(record uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF app_user() IS NULL OR NOT record_is_mine(record) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
            SELECT about.person_id, 'person', s.scope, 'full', 'known', s.sort_at
            FROM record_subject about JOIN record_scope s ON s.record_id = about.record_id
            WHERE about.record_id = record AND about.person_id <> record AND s.view = 'full'
            ON CONFLICT DO NOTHING;
    END $$;
ALTER FUNCTION subject_show(uuid) OWNER TO access_reader;

CREATE TABLE missing_episode (
    id uuid PRIMARY KEY,
    reference text COLLATE "C" NOT NULL UNIQUE,
    status text COLLATE "C" NOT NULL CHECK (status IN
        ('missing', 'returned', 'interview_offered', 'interview_declined', 'interview_held', 'cancelled')),
    missing_since timestamptz NOT NULL,
    reported_at timestamptz NOT NULL,
    agency text COLLATE "C" NOT NULL,
    -- The reporter's own number for it, such as an incident's.
    their_reference text,
    locality text COLLATE "C",
    returned_at timestamptz,
    interview_offered_at timestamptz,
    -- When the interview was held or declined.
    interview_answered_at timestamptz,
    interview_in_time boolean,
    version bigint NOT NULL,
    CHECK (missing_since <= reported_at),
    CHECK (returned_at >= missing_since),
    CHECK (status <> 'interview_held' OR interview_in_time IS NOT NULL)
);

-- Who is missing, and what was told of it. The names are kept as they were told.
CREATE TABLE missing_account (
    episode_id uuid PRIMARY KEY REFERENCES missing_episode,
    person_id uuid NOT NULL REFERENCES person,
    given_name text NOT NULL,
    family_name text NOT NULL,
    birth_date date,
    missing_since timestamptz NOT NULL,
    reporter_name text NOT NULL,
    reporter_role text NOT NULL,
    reporter_telephone text,
    recorded_by uuid NOT NULL,
    missing_from text COLLATE "C" NOT NULL,
    where_from text,
    last_seen_at timestamptz,
    last_seen text,
    risk_level text COLLATE "C" NOT NULL,
    circumstances text NOT NULL,
    -- Which episode this was of the child's in the days before it, as counted when it was reported.
    repeat_number integer NOT NULL,
    -- Whether a concern about exploitation was open when it was reported.
    exploitation boolean NOT NULL
);
CREATE INDEX missing_account_person ON missing_account (person_id, missing_since DESC);

CREATE TABLE missing_return (
    episode_id uuid PRIMARY KEY REFERENCES missing_episode,
    found_how text COLLATE "C" NOT NULL,
    whereabouts text,
    harm text[] NOT NULL,
    harm_note text,
    recorded_by uuid NOT NULL,
    recorded_by_name text NOT NULL,
    recorded_at timestamptz NOT NULL
);

-- Every offer, refusal and interview, in their order; none is changed.
CREATE TABLE missing_interview (
    id uuid PRIMARY KEY,
    episode_id uuid NOT NULL REFERENCES missing_episode,
    outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('offered', 'declined', 'held')),
    at timestamptz NOT NULL,
    by_name text NOT NULL,
    themes text[] NOT NULL,
    said text,
    actions text,
    late_reason text,
    recorded_by uuid NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX missing_interview_episode ON missing_interview (episode_id, recorded_at);

CREATE TABLE missing_cancellation (
    episode_id uuid PRIMARY KEY REFERENCES missing_episode,
    because text COLLATE "C" NOT NULL,
    note text NOT NULL,
    recorded_by_name text NOT NULL,
    recorded_at timestamptz NOT NULL
);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['missing_episode', 'missing_account', 'missing_return', 'missing_interview',
                             'missing_cancellation'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['missing_account', 'missing_return', 'missing_interview', 'missing_cancellation'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.episode_id AND s.view = ''full''))', t, t);
    END LOOP;
END $$;

CREATE POLICY seen ON missing_episode FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = missing_episode.id AND s.view IN ('full', 'status')));
CREATE POLICY moved ON missing_episode FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = missing_episode.id AND s.view IN ('full', 'status')));
GRANT UPDATE (status, returned_at, interview_offered_at, interview_answered_at, interview_in_time, version)
    ON missing_episode TO threshold_web;

-- How often a child went missing in a span of time, whoever asks: the number goes to the working
-- team, and a reporter who sees no other episode is not shown it.
CREATE POLICY reader ON missing_account FOR SELECT TO access_reader USING (true);
CREATE POLICY reader ON missing_episode FOR SELECT TO access_reader USING (true);
GRANT SELECT ON missing_account, missing_episode TO access_reader;
CREATE FUNCTION missing_count(person uuid, after timestamptz, until timestamptz) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT count(*) FROM missing_account a JOIN missing_episode e ON e.id = a.episode_id
        WHERE app_user() IS NOT NULL AND a.person_id = person
          AND a.missing_since > after AND a.missing_since <= until AND e.status <> 'cancelled'
    $$;
ALTER FUNCTION missing_count(uuid, timestamptz, timestamptz) OWNER TO access_reader;

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('return_interview', '2014-01-01', 72, 'hour',
     'Statutory guidance on children who run away or go missing from home or care (2014): an independent return interview within 72 hours of the return; seeds 002 paragraph 5', true),
    ('repeat_missing_window', '2014-01-01', 90, 'day',
     'Placeholder, unverified: in how many days episodes of one child are counted together as repeats', false);

-- An interview that is late is chased each day for a working week.
INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified) VALUES
    ('return_interview', 0, 24, 5, ARRAY['front-door', 'team'], 'missing-episodes', 'practice; how often is each county''s own', false);

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('missing_from', 'home', 'Home', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_from', 'relative-or-friend', 'The home of a relative or friend', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_from', 'foster-placement', 'A foster placement', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_from', 'childrens-home', 'A children''s home', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_from', 'supported-accommodation', 'Supported accommodation', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_from', 'school', 'School or college', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_from', 'hospital', 'Hospital', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_from', 'elsewhere', 'Somewhere else', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_risk', 'no-apparent-risk', 'No apparent risk', '2014-01-01', NULL, 'Police practice, unverified'),
    ('missing_risk', 'low', 'Low', '2014-01-01', NULL, 'Police practice, unverified'),
    ('missing_risk', 'medium', 'Medium', '2014-01-01', NULL, 'Police practice, unverified'),
    ('missing_risk', 'high', 'High', '2014-01-01', NULL, 'Police practice, unverified'),
    ('missing_found', 'came-back-alone', 'Came back by themselves', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_found', 'found-by-police', 'Found by the police', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_found', 'found-by-family', 'Found by family or friends', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_found', 'found-by-worker', 'Found by a worker or carer', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_found', 'other', 'Otherwise', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_harm', 'none-known', 'None known', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_harm', 'physical-harm', 'Physical harm', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_harm', 'sexual-harm', 'Sexual harm', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_harm', 'exploitation', 'Exploitation, known or suspected', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_harm', 'self-harm', 'Self-harm', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_harm', 'substance-use', 'Drugs or alcohol', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_harm', 'offending', 'Drawn into offending', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_harm', 'other', 'Other harm', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_cancellation', 'duplicate', 'Reported twice', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_cancellation', 'reported-in-error', 'Reported in error: the child was not missing', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'conflict-at-home', 'Conflict at home', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'unhappy-in-placement', 'Unhappy where placed', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'contact-with-family', 'Wanting to be with family', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'friends-and-peers', 'Being with friends', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'relationship', 'A boyfriend, girlfriend or partner', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'sexual-exploitation', 'Sexual exploitation', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'criminal-exploitation', 'Criminal exploitation or county lines', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'bullying', 'Bullying', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'school', 'Trouble at or with school', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'drugs-or-alcohol', 'Drugs or alcohol', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'mental-health', 'Mental health', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'domestic-abuse', 'Domestic abuse', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'boundaries', 'Boundaries and being out late', '2014-01-01', NULL, 'Working list, unverified'),
    ('missing_theme', 'other', 'Something else', '2014-01-01', NULL, 'Working list, unverified');

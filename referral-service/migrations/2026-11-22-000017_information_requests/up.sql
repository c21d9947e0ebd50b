-- What First Response, a hub or the leading team asks an agency about people on a referral, and what the
-- agency answers. The agency holds the request by its own scope and sees of the people only what it needs to
-- search: a copy of names, birth dates and addresses, and nothing of the referral. The working team sees
-- requests and answers by its sight of the referral, so whoever has it later finds them too.

-- Who can be asked, and what kind of holder it is.
CREATE TABLE information_source (
    agency text COLLATE "C" PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    added_at timestamptz NOT NULL,
    added_by_name text NOT NULL
);
-- Which kind of holder has what, and for how many years back it is asked for without saying why.
CREATE TABLE information_scope_rule (
    code text COLLATE "C" PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    most_years smallint NOT NULL CHECK (most_years > 0),
    source text NOT NULL,
    verified boolean NOT NULL
);
GRANT SELECT, INSERT ON information_source TO threshold_web;
GRANT SELECT ON information_scope_rule TO threshold_web;
GRANT SELECT ON information_source, information_scope_rule TO threshold_worker;

CREATE TABLE information_request (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    agency text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('asked', 'answered', 'cancelled')),
    scopes text[] NOT NULL,
    years_back smallint NOT NULL CHECK (years_back > 0),
    -- Why more years than usual are asked for.
    justification text,
    purpose text COLLATE "C" NOT NULL,
    lawful_basis text COLLATE "C" NOT NULL,
    question text,
    locality text COLLATE "C",
    asked_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    asked_by uuid NOT NULL,
    asked_by_name text NOT NULL,
    asked_by_agency text COLLATE "C" NOT NULL,
    -- The scope in which it was asked, which hears of the answer: `front-door`, `hub:charnwood`.
    asked_in text COLLATE "C" NOT NULL,
    settled_at timestamptz,
    cancelled_because text,
    version bigint NOT NULL,
    CHECK ((status = 'asked') = (settled_at IS NULL)),
    CHECK ((status = 'cancelled') = (cancelled_because IS NOT NULL))
);
CREATE INDEX information_request_referral ON information_request (referral_id, asked_at);

-- The people as they were told of, numbered from 1 within the request.
CREATE TABLE information_request_person (
    request_id uuid NOT NULL REFERENCES information_request,
    number smallint NOT NULL,
    person_id uuid NOT NULL REFERENCES person,
    given_name text NOT NULL,
    family_name text NOT NULL,
    birth_date date,
    address text,
    postcode text,
    PRIMARY KEY (request_id, number)
);
CREATE INDEX information_request_person_person ON information_request_person (person_id);

CREATE TABLE information_answer (
    request_id uuid PRIMARY KEY REFERENCES information_request,
    found text COLLATE "C" NOT NULL CHECK (found IN ('yes', 'partly', 'nothing_held', 'refused')),
    reason text,
    answered_at timestamptz NOT NULL,
    answered_by uuid NOT NULL,
    answered_by_name text NOT NULL
);

CREATE TABLE information_item (
    request_id uuid NOT NULL REFERENCES information_request,
    place smallint NOT NULL,
    scope text COLLATE "C" NOT NULL,
    about smallint[] NOT NULL,
    from_date date,
    to_date date CHECK (to_date >= from_date),
    words text NOT NULL,
    dash_grade text COLLATE "C" CHECK (dash_grade IN ('standard', 'medium', 'high')),
    PRIMARY KEY (request_id, place)
);

-- Each telling of something about a person to another agency: what, to whom, why and on what basis.
CREATE TABLE disclosure (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    referral_id uuid NOT NULL REFERENCES referral,
    at timestamptz NOT NULL,
    from_agency text COLLATE "C" NOT NULL,
    to_agency text COLLATE "C" NOT NULL,
    fields text[] NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    lawful_basis text COLLATE "C" NOT NULL,
    -- What it was told for, as `alert.about`: the first word of an address, and the record.
    about text COLLATE "C" NOT NULL,
    about_id uuid NOT NULL,
    by_user uuid NOT NULL,
    by_name text NOT NULL
);
CREATE INDEX disclosure_person ON disclosure (person_id, at DESC, id DESC);
CREATE INDEX disclosure_referral ON disclosure (referral_id);
CREATE INDEX disclosure_about ON disclosure (about_id);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['information_request', 'information_request_person', 'information_answer', 'information_item', 'disclosure'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
    -- What belongs to a request is seen with it: by that table's own policy.
    FOREACH t IN ARRAY ARRAY['information_request_person', 'information_answer', 'information_item'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM information_request q WHERE q.id = %I.request_id))', t, t);
    END LOOP;
END $$;
CREATE POLICY seen ON information_request FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = information_request.id AND s.view = 'full')
        OR EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = information_request.referral_id AND s.view = 'full'));
CREATE POLICY moved ON information_request FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = information_request.id AND s.view = 'full')
        OR EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = information_request.referral_id AND s.view = 'full'));
CREATE POLICY seen ON disclosure FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = disclosure.person_id AND s.kind = 'person'));
GRANT UPDATE (status, settled_at, cancelled_because, version) ON information_request TO threshold_web;

-- Takes back one request, or all of a referral that has ended. Whoever ends a referral or cancels a request may
-- not hold the request's own scopes; who sees the referral may do this.
CREATE FUNCTION information_requests_end(of_referral uuid, of_request uuid, because text, at timestamptz) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE ended bigint;
    BEGIN
        IF NOT record_is_mine(of_referral) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
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
CREATE POLICY reader ON information_request TO access_reader USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE ON information_request TO access_reader;
ALTER FUNCTION information_requests_end(uuid, uuid, text, timestamptz) OWNER TO access_reader;

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('information_request', '2013-04-01', 5, 'working_day',
     'practice: an agency answers within five working days; each partnership''s own', false),
    ('information_request_escalated', '2013-04-01', 8, 'working_day',
     'practice: whoever asked is told that there is still no answer; each partnership''s own', false);

-- First the agency is reminded; later, and less often, whoever asked.
INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified) VALUES
    ('information_request', 0, 24, 3, ARRAY['agency'], 'information-requests', 'practice; how often is each partnership''s own', false),
    ('information_request_escalated', 0, 72, 2, ARRAY['front-door', 'hub', 'team'], 'information-requests',
     'practice; how often is each partnership''s own', false);

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('information-purpose', 'front-door-decision', 'To decide at the front door', '2013-04-01', NULL, 'practice; for information governance to confirm'),
    ('information-purpose', 'hub-decision', 'To decide at the hub', '2013-04-01', NULL, 'practice; for information governance to confirm'),
    ('information-purpose', 'whole-family-assessment', 'For a whole-family assessment or its review', '2013-04-01', NULL, 'practice; for information governance to confirm'),
    ('information-purpose', 'risk-meeting', 'For a meeting about a risk to a child', '2013-04-01', NULL, 'practice; for information governance to confirm'),
    ('information-scope', 'police-incidents', 'Incidents and crimes', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'police-domestic-abuse', 'Domestic abuse incidents with their DASH grade', '2013-04-01', NULL, 'a county''s safer communities board, 2016: every incident is graded standard, medium or high; grades since 2009'),
    ('information-scope', 'police-intelligence', 'Intelligence', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'police-custody', 'Arrests and custody', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'police-missing', 'Reports as a missing person', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'health-attendances', 'Attendances at hospital and urgent care', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'health-appointments-missed', 'Appointments missed', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'health-visiting-and-school-nursing', 'Health visiting and school nursing', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'health-mental-health', 'Mental health services', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'school-attendance', 'Attendance', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'school-behaviour', 'Behaviour, suspensions and exclusions', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'school-concerns', 'Safeguarding concerns', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'district-housing', 'Housing and homelessness', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'district-arrears', 'Rent and council tax arrears', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'district-antisocial-behaviour', 'Anti-social behaviour', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'housing-tenancy', 'Tenancy', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'housing-arrears', 'Rent arrears', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'probation-supervision', 'Supervision by probation', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'council-education', 'Education records of the council', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'council-adult-social-care', 'Adult social care', '2013-04-01', NULL, 'practice; each partnership''s own'),
    ('information-scope', 'voluntary-involvement', 'Work with the family', '2013-04-01', NULL, 'practice; each partnership''s own');
INSERT INTO information_scope_rule (code, kind, most_years, source, verified)
    SELECT code, split_part(code, '-', 1),
           CASE WHEN code IN ('police-intelligence', 'police-missing', 'health-attendances', 'health-appointments-missed',
                              'school-attendance', 'school-behaviour') THEN 2
                WHEN split_part(code, '-', 1) IN ('police', 'probation', 'school') THEN 5
                ELSE 3 END,
           'practice: no more than it needs; each partnership agrees its own', false
    FROM code WHERE set = 'information-scope';

INSERT INTO clock (code, label, whose) VALUES
    ('sign_off', 'Manager''s sign-off', ARRAY['front-door']),
    -- Told with the decision, which is the work that stands on the list.
    ('referrer_told', 'Telling whoever referred', '{}'),
    ('information_request', 'Answer to a request for information', ARRAY['agency']),
    ('information_request_escalated', 'Answer that is waited for', ARRAY['front-door', 'hub', 'team']);
SELECT work_renew(ARRAY['sign_off', 'referrer_told']);

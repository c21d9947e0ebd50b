-- The family as the unit of casework, and the case a service works on with it.
--
-- `family`, `family_case`, `case_worker` and `case_team` say who is helping (involvement: the hub
-- of the district follows them); everything that says something of the people is the working
-- team's (full), in tables of its own. Nothing is overwritten: what was so has an end day, and
-- what was wrong is withdrawn with a reason. Intervals are half open: `to_date` is the first day
-- on which it is no longer so.

CREATE TABLE family (
    id uuid PRIMARY KEY,
    reference text COLLATE "C" NOT NULL UNIQUE,
    locality text COLLATE "C",
    formed_at timestamptz NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE family_name (
    family_id uuid PRIMARY KEY REFERENCES family,
    name text NOT NULL
);

-- Which referrals a family was formed from, or came back with: a second service that works on
-- the same referral finds the family that is there.
CREATE TABLE family_referral (
    referral_id uuid PRIMARY KEY REFERENCES referral,
    family_id uuid NOT NULL REFERENCES family
);
CREATE INDEX family_referral_family ON family_referral (family_id);

CREATE TABLE family_member (
    id uuid PRIMARY KEY,
    family_id uuid NOT NULL REFERENCES family,
    person_id uuid NOT NULL REFERENCES person,
    role text COLLATE "C" NOT NULL CHECK (role IN
        ('child', 'parent', 'carer', 'grandparent', 'sibling', 'partner', 'other_adult')),
    unborn boolean NOT NULL,
    expected_on date,
    -- A child can live in two households; one of them is the main one.
    main_household boolean NOT NULL,
    in_household boolean NOT NULL,
    from_date date NOT NULL,
    to_date date CHECK (to_date >= from_date),
    ended_because text COLLATE "C",
    CHECK ((to_date IS NULL) = (ended_because IS NULL))
);
CREATE INDEX family_member_family ON family_member (family_id, from_date);
CREATE INDEX family_member_person ON family_member (person_id);
CREATE UNIQUE INDEX family_member_once ON family_member (family_id, person_id) WHERE to_date IS NULL;

CREATE TABLE family_relationship (
    id uuid PRIMARY KEY,
    family_id uuid NOT NULL REFERENCES family,
    person_id uuid NOT NULL REFERENCES person,
    kind text COLLATE "C" NOT NULL CHECK (kind IN
        ('parent_of', 'sibling_of', 'partner_of', 'grandparent_of', 'carer_of')),
    other_id uuid NOT NULL REFERENCES person CHECK (other_id <> person_id),
    from_date date,
    to_date date CHECK (to_date >= from_date)
);
CREATE INDEX family_relationship_family ON family_relationship (family_id);
CREATE INDEX family_relationship_person ON family_relationship (person_id);
CREATE INDEX family_relationship_other ON family_relationship (other_id);

CREATE TABLE family_address (
    id uuid PRIMARY KEY,
    family_id uuid NOT NULL REFERENCES family,
    main boolean NOT NULL,
    address text NOT NULL,
    postcode text,
    tenure text COLLATE "C",
    from_date date NOT NULL,
    to_date date CHECK (to_date >= from_date)
);
CREATE INDEX family_address_family ON family_address (family_id, from_date);

-- What speaks for a headline problem: the evidence of eligibility.
CREATE TABLE family_problem (
    id uuid PRIMARY KEY,
    family_id uuid NOT NULL REFERENCES family,
    code text COLLATE "C" NOT NULL,
    person_id uuid REFERENCES person,
    evidence text NOT NULL,
    source text COLLATE "C" NOT NULL,
    noted_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_by_name text NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by_name text,
    withdrawn_because text,
    CHECK ((withdrawn_at IS NULL) = (withdrawn_because IS NULL))
);
CREATE INDEX family_problem_family ON family_problem (family_id, noted_on);
CREATE INDEX family_problem_person ON family_problem (person_id);

CREATE TABLE family_case (
    id uuid PRIMARY KEY,
    family_id uuid NOT NULL REFERENCES family,
    referral_id uuid REFERENCES referral,
    allocation_id uuid UNIQUE REFERENCES allocation,
    case_type text COLLATE "C" NOT NULL,
    team text COLLATE "C" NOT NULL,
    origin text COLLATE "C" NOT NULL CHECK (origin IN ('allocation', 'top_up', 'self_request')),
    previous_case_id uuid REFERENCES family_case,
    status text COLLATE "C" NOT NULL CHECK (status IN ('open', 'closed')),
    opened_at timestamptz NOT NULL,
    engaged_on date,
    lead_worker uuid,
    lead_worker_name text,
    closed_at timestamptz,
    version bigint NOT NULL,
    CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((lead_worker IS NULL) = (lead_worker_name IS NULL)),
    CHECK ((origin = 'allocation') = (allocation_id IS NOT NULL)),
    CHECK ((origin = 'top_up') = (previous_case_id IS NOT NULL))
);
CREATE INDEX family_case_family ON family_case (family_id, opened_at);
CREATE INDEX family_case_referral ON family_case (referral_id);
CREATE INDEX family_case_previous ON family_case (previous_case_id);
-- One team works on one case with one family at a time.
CREATE UNIQUE INDEX family_case_open ON family_case (family_id, team) WHERE status = 'open';

-- Who leads and who supports, with its history.
CREATE TABLE case_worker (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES family_case,
    user_id uuid NOT NULL,
    name text NOT NULL,
    part text COLLATE "C" NOT NULL CHECK (part IN ('lead', 'supporting')),
    reached_by text,
    from_at timestamptz NOT NULL,
    to_at timestamptz CHECK (to_at >= from_at)
);
CREATE INDEX case_worker_case ON case_worker (case_id, from_at);
CREATE INDEX case_worker_user ON case_worker (user_id) WHERE to_at IS NULL;
CREATE UNIQUE INDEX case_worker_lead ON case_worker (case_id) WHERE part = 'lead' AND to_at IS NULL;
CREATE UNIQUE INDEX case_worker_once ON case_worker (case_id, user_id) WHERE to_at IS NULL;

-- Teams that help on another team's case.
CREATE TABLE case_team (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES family_case,
    team text COLLATE "C" NOT NULL,
    from_at timestamptz NOT NULL,
    to_at timestamptz CHECK (to_at >= from_at)
);
CREATE INDEX case_team_case ON case_team (case_id);
CREATE UNIQUE INDEX case_team_once ON case_team (case_id, team) WHERE to_at IS NULL;

-- Whether the family was attached to the programme with this case, on what evidence, or why a
-- case was opened regardless.
CREATE TABLE case_attachment (
    case_id uuid PRIMARY KEY REFERENCES family_case,
    attached_on date NOT NULL,
    framework text COLLATE "C" NOT NULL,
    threshold smallint NOT NULL,
    problems text[] NOT NULL,
    eligible boolean NOT NULL,
    -- What was asked of the service, where the family asked for itself.
    request_reason text,
    regardless_reason text
);

CREATE TABLE case_ending (
    case_id uuid PRIMARY KEY REFERENCES family_case,
    outcome text COLLATE "C" NOT NULL,
    -- A planned exit opens the way back: a "top-up".
    planned_exit boolean NOT NULL,
    summary text
);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['family', 'family_name', 'family_referral', 'family_member', 'family_relationship',
                             'family_address', 'family_problem', 'family_case', 'case_worker', 'case_team',
                             'case_attachment', 'case_ending'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('CREATE POLICY reader ON %I FOR SELECT TO access_reader USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker, access_reader', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['family_name', 'family_member', 'family_relationship', 'family_address', 'family_problem'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.family_id AND s.view = ''full''))', t, t);
        EXECUTE format('CREATE POLICY changed ON %I FOR UPDATE TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.family_id AND s.view = ''full''))', t, t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['case_attachment', 'case_ending'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.case_id AND s.view = ''full''))', t, t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['case_worker', 'case_team'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.case_id AND s.view IN (''full'', ''involvement'')))', t, t);
        EXECUTE format('CREATE POLICY changed ON %I FOR UPDATE TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.case_id AND s.view = ''full''))', t, t);
        EXECUTE format('GRANT UPDATE (to_at) ON %I TO threshold_web', t);
    END LOOP;
END $$;

CREATE POLICY seen ON family FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = family.id AND s.view IN ('full', 'involvement')));
CREATE POLICY changed ON family FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = family.id AND s.view = 'full'));
CREATE POLICY seen ON family_referral FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = family_referral.family_id AND s.view = 'full'));
CREATE POLICY seen ON family_case FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = family_case.id AND s.view IN ('full', 'involvement')));
CREATE POLICY changed ON family_case FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = family_case.id AND s.view = 'full'));

GRANT UPDATE (locality, version) ON family TO threshold_web;
GRANT UPDATE (name) ON family_name TO threshold_web;
GRANT UPDATE (main_household, in_household, to_date, ended_because) ON family_member TO threshold_web;
GRANT UPDATE (to_date) ON family_relationship, family_address TO threshold_web;
GRANT UPDATE (withdrawn_at, withdrawn_by_name, withdrawn_because) ON family_problem TO threshold_web;
GRANT UPDATE (status, engaged_on, lead_worker, lead_worker_name, closed_at, version) ON family_case TO threshold_web;

-- Who sees a family and how, for one who sees it whole: whoever joins it is shown to the same.
CREATE FUNCTION family_scopes(family uuid) RETURNS TABLE (scope text, view text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM record_scope s
                       WHERE s.record_id = family AND s.view = 'full' AND s.scope = ANY (app_scopes())) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        RETURN QUERY SELECT s.scope, s.view FROM record_scope s WHERE s.record_id = family;
    END $$;
ALTER FUNCTION family_scopes(uuid) OWNER TO access_reader;

-- The family that was formed from a referral, opened to a second team that works on the same
-- referral: the family whole, the other teams' cases as far as who is helping.
CREATE FUNCTION family_join(of_referral uuid, to_scope text) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE found uuid;
    BEGIN
        IF NOT to_scope = ANY (app_scopes())
           OR NOT EXISTS (SELECT 1 FROM record_scope s
                          WHERE s.record_id = of_referral AND s.scope = to_scope AND s.view = 'full') THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        SELECT r.family_id INTO found FROM family_referral r WHERE r.referral_id = of_referral;
        IF found IS NULL THEN
            RETURN NULL;
        END IF;
        INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
            SELECT t.id, t.kind, to_scope, t.view, t.state, t.sort_at FROM (
                SELECT DISTINCT ON (s.record_id) s.record_id AS id, s.kind, 'full' AS view, s.state, s.sort_at
                    FROM record_scope s WHERE s.record_id = found
                UNION ALL
                SELECT DISTINCT ON (s.record_id) s.record_id, s.kind, 'involvement', s.state, s.sort_at
                    FROM record_scope s JOIN family_case c ON c.id = s.record_id WHERE c.family_id = found
                UNION ALL
                SELECT DISTINCT ON (s.record_id) s.record_id, s.kind, 'full', s.state, s.sort_at
                    FROM record_scope s JOIN family_member m ON m.person_id = s.record_id WHERE m.family_id = found) t
            ON CONFLICT (record_id, scope) DO UPDATE
                SET view = CASE WHEN record_scope.view = 'full' THEN 'full' ELSE excluded.view END;
        RETURN found;
    END $$;
ALTER FUNCTION family_join(uuid, text) OWNER TO access_reader;

-- Which of these people have their main household in another family on some day of the interval,
-- whether the caller sees that family or not. The caller is not told: it becomes an alert to
-- those who see both.
CREATE FUNCTION family_main_elsewhere(people uuid[], but uuid, starts date, ends date) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF app_user() IS NULL THEN
            RETURN;
        END IF;
        RETURN QUERY
            SELECT DISTINCT m.person_id FROM family_member m
            WHERE m.person_id = ANY (people) AND m.family_id <> but AND m.main_household
              AND daterange(m.from_date, m.to_date) && daterange(starts, ends);
    END $$;
ALTER FUNCTION family_main_elsewhere(uuid[], uuid, date, date) OWNER TO access_reader;

-- How many headline problems make a family eligible, from a day on. `case_types` are those whose
-- opening asks: a case of such a type is opened for a family that is not eligible only with a reason.
CREATE TABLE programme_rule (
    valid_from date PRIMARY KEY,
    valid_to date,
    framework text COLLATE "C" NOT NULL,
    threshold smallint NOT NULL CHECK (threshold > 0),
    case_types text[] NOT NULL,
    source text NOT NULL,
    verified boolean NOT NULL
);
GRANT SELECT ON programme_rule TO threshold_web, threshold_worker;

INSERT INTO programme_rule (valid_from, valid_to, framework, threshold, case_types, source, verified) VALUES
    ('2014-09-01', '2022-10-03', 'six-headline-problems', 2, '{intensive-family-support}',
     'Troubled Families, expanded programme: at least two of six problems', true),
    ('2022-10-03', NULL, 'ten-outcomes', 3, '{intensive-family-support}',
     'Supporting Families, outcomes framework of 3 October 2022: at least three needs', true);

-- Clocks of casework. A row whose code ends in a case type holds for that type in place of the
-- general one. Those not verified are placeholders for a partnership to set.
INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('family_assessment', '2013-04-01', 6, 'week', 'annual report 2015/16 of the county''s family support service: assessed within the first six weeks of engagement', true),
    ('family_review', '2013-04-01', 12, 'week', 'annual report 2015/16 of the county''s family support service: reviews at intervals of 12 weeks', true),
    ('family_assessment_short-family-work', '2013-04-01', 3, 'week', 'placeholder, to be set by the partnership', false),
    ('family_review_short-family-work', '2013-04-01', 6, 'week', 'placeholder, to be set by the partnership', false),
    ('family_assessment_youth-work', '2013-04-01', 4, 'week', 'placeholder, to be set by the partnership', false),
    ('family_review_youth-work', '2013-04-01', 12, 'week', 'placeholder, to be set by the partnership', false),
    ('family_assessment_outreach', '2013-04-01', 2, 'week', 'placeholder, to be set by the partnership', false),
    ('family_review_outreach', '2013-04-01', 6, 'week', 'placeholder, to be set by the partnership', false),
    ('case_engagement', '2013-04-01', 10, 'working_day', 'placeholder, to be set by the partnership', false),
    ('top_up_return', '2013-04-01', 52, 'week', 'placeholder, to be set by the partnership', false);

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('case_type', 'intensive-family-support', 'Intensive family support', '2013-04-01', NULL, 'services of the county'),
    ('case_type', 'short-family-work', 'Short family work', '2013-04-01', NULL, 'services of the county'),
    ('case_type', 'youth-work', 'Youth work', '2013-04-01', NULL, 'services of the county'),
    ('case_type', 'outreach', 'Outreach', '2013-04-01', NULL, 'services of the county'),
    ('tenure', 'council', 'Rented from the council', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('tenure', 'housing-association', 'Rented from a housing association', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('tenure', 'private-rented', 'Rented from a private landlord', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('tenure', 'owner-occupied', 'Owned', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('tenure', 'temporary', 'Temporary accommodation', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('tenure', 'refuge', 'Refuge', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('tenure', 'with-family-or-friends', 'With family or friends', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('tenure', 'other', 'Other', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('membership_end', 'moved-out', 'Moved out', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('membership_end', 'separated', 'Separated', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('membership_end', 'came-of-age', 'Grown up and left home', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('membership_end', 'looked-after', 'Looked after by the council', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('membership_end', 'adopted', 'Adopted', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('membership_end', 'died', 'Died', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('membership_end', 'main-household-changed', 'The main household changed', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('membership_end', 'entered-in-error', 'Entered in error', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('evidence_source', 'referral', 'The referral', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('evidence_source', 'assessment', 'The family''s assessment', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('evidence_source', 'family', 'The family itself', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('evidence_source', 'school', 'A school or college', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('evidence_source', 'police', 'The police', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('evidence_source', 'health', 'A health service', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('evidence_source', 'council', 'The county or a district council', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('evidence_source', 'jobcentre', 'Jobcentre', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('evidence_source', 'other', 'Another source', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership');

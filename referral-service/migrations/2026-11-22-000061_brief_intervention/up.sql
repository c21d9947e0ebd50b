-- Brief intervention: a short piece of work with a person or a few of a family, its contacts, who came to
-- them, and how it ended. Seen whole by the team that does it, First Response, and whoever has the family.

CREATE TABLE brief_intervention (
    id uuid PRIMARY KEY,
    reference text COLLATE "C" NOT NULL UNIQUE,
    kind text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    locality text COLLATE "C",
    status text COLLATE "C" NOT NULL CHECK (status IN ('open', 'closed')),
    opened_on date NOT NULL,
    -- How the service came to know them.
    basis text COLLATE "C" NOT NULL CHECK (basis IN ('family', 'referral', 'contact')),
    referral_id uuid REFERENCES referral,
    family_id uuid REFERENCES family,
    aim text NOT NULL,
    worker_name text NOT NULL,
    opened_by uuid NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_on date CHECK (closed_on >= opened_on),
    version bigint NOT NULL,
    CHECK ((status = 'closed') = (closed_on IS NOT NULL))
);
CREATE INDEX brief_intervention_referral ON brief_intervention (referral_id) WHERE referral_id IS NOT NULL;
CREATE INDEX brief_intervention_family ON brief_intervention (family_id) WHERE family_id IS NOT NULL;

CREATE TABLE brief_person (
    intervention_id uuid NOT NULL REFERENCES brief_intervention,
    person_id uuid NOT NULL REFERENCES person,
    given_name text NOT NULL,
    family_name text NOT NULL,
    birth_date date,
    PRIMARY KEY (intervention_id, person_id)
);
CREATE INDEX brief_person_person ON brief_person (person_id);

-- Never changed: one that is corrected stays, and names the one that takes its place by that one's `corrects`.
CREATE TABLE brief_contact (
    id uuid PRIMARY KEY,
    intervention_id uuid NOT NULL REFERENCES brief_intervention,
    at timestamptz NOT NULL,
    how text COLLATE "C" NOT NULL,
    minutes integer CHECK (minutes > 0),
    words text NOT NULL,
    corrects uuid UNIQUE REFERENCES brief_contact,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_by_name text NOT NULL
);
CREATE INDEX brief_contact_intervention ON brief_contact (intervention_id, at, id);

CREATE TABLE brief_attendance (
    contact_id uuid NOT NULL REFERENCES brief_contact,
    person_id uuid NOT NULL REFERENCES person,
    intervention_id uuid NOT NULL REFERENCES brief_intervention,
    attendance text COLLATE "C" NOT NULL CHECK (attendance IN ('attended', 'apology', 'absent')),
    PRIMARY KEY (contact_id, person_id)
);
CREATE INDEX brief_attendance_intervention ON brief_attendance (intervention_id);
CREATE INDEX brief_attendance_person ON brief_attendance (person_id);

CREATE TABLE brief_ending (
    intervention_id uuid PRIMARY KEY REFERENCES brief_intervention,
    outcome text COLLATE "C" NOT NULL,
    planned boolean NOT NULL,
    destination text COLLATE "C" NOT NULL,
    summary text NOT NULL,
    closed_by uuid NOT NULL,
    closed_by_name text NOT NULL
);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['brief_intervention', 'brief_person', 'brief_contact', 'brief_attendance', 'brief_ending'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.%I AND s.view = ''full''))', t, t,
            CASE t WHEN 'brief_intervention' THEN 'id' ELSE 'intervention_id' END);
    END LOOP;
END $$;
CREATE POLICY moved ON brief_intervention FOR UPDATE TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = brief_intervention.id AND s.view = 'full'));
GRANT UPDATE (status, closed_on, version) ON brief_intervention TO threshold_web;

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('brief_intervention', '2003-01-01', 6, 'week', 'Placeholder, unverified: about six contacts, one a week', false);
INSERT INTO clock (code, label, whose) VALUES ('brief_intervention', 'End of a brief intervention', ARRAY['team'])
    ON CONFLICT DO NOTHING;
INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified) VALUES
    ('brief_intervention', 0, 168, 4, ARRAY['team'], 'brief-interventions', 'practice; how often is each county''s own', false)
    ON CONFLICT DO NOTHING;

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('brief_kind', 'parenting-and-behaviour', 'Parenting and managing behaviour', '2003-01-01', NULL, 'the county''s report on early help of 2017'),
    ('brief_kind', 'low-level-mental-health', 'Low-level mental health difficulties', '2003-01-01', NULL, 'the county''s report on early help of 2017'),
    ('brief_kind', 'send-support', 'Special educational needs and disability: support and guidance', '2003-01-01', NULL, 'the county''s report on early help of 2017'),
    ('brief_kind', 'youth-mentoring', 'One-to-one youth work', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_kind', 'other', 'Other', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_how', 'home-visit', 'Home visit', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_how', 'at-the-service', 'At the service', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_how', 'at-school', 'At school', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_how', 'elsewhere', 'Elsewhere', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_how', 'call', 'Telephone', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_how', 'video', 'Video call', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_outcome', 'needs-met', 'The aim was reached', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_outcome', 'needs-partly-met', 'The aim was partly reached', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_outcome', 'needs-not-met', 'The aim was not reached', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_outcome', 'referred-on', 'Another service took it on', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_outcome', 'did-not-engage', 'They did not take part', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_outcome', 'moved-away', 'Moved away', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_outcome', 'opened-in-error', 'Opened in error', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_planned_outcome', 'needs-met', 'Ended as planned: the aim was reached', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_planned_outcome', 'needs-partly-met', 'Ended as planned: the aim was partly reached', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_planned_outcome', 'needs-not-met', 'Ended as planned: the aim was not reached', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_planned_outcome', 'referred-on', 'Ended as planned: another service took it on', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_destination', 'managing-without-services', 'Managing without services', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_destination', 'universal-services', 'With universal services alone', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_destination', 'group-work', 'A group', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_destination', 'longer-casework', 'Longer work with the family', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_destination', 'onward-service', 'Another service', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_destination', 'social-care', 'Children''s social care', '2003-01-01', NULL, 'Working list, unverified'),
    ('brief_destination', 'unknown', 'Not known', '2003-01-01', NULL, 'Working list, unverified')
ON CONFLICT DO NOTHING;

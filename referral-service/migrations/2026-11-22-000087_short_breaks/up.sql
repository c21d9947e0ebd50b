-- Requests for support for a disabled child: short breaks. Who asks, what the child needs, what was decided by which
-- criteria, how much a year, and the review of it each year.
--
-- Whoever asked follows where it stands and what was granted (short_break, view status); why, and what is said of the
-- child, is for those who decide and for the team that asked (short_break_account and _step, view full).

-- What makes a child eligible at a level. Placeholders until the county has set its own: each says so.
CREATE TABLE short_break_criterion (
    code text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL CHECK (level IN ('universal', 'targeted', 'specialist')),
    label text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    source text NOT NULL,
    verified boolean NOT NULL,
    PRIMARY KEY (code, valid_from),
    CHECK (valid_to > valid_from)
);
GRANT SELECT ON short_break_criterion TO threshold_web, threshold_worker;

CREATE TABLE short_break (
    id uuid PRIMARY KEY,
    reference text COLLATE "C" NOT NULL UNIQUE,
    status text COLLATE "C" NOT NULL CHECK (status IN ('requested', 'agreed', 'declined', 'withdrawn', 'ended')),
    locality text COLLATE "C",
    asked_at timestamptz NOT NULL,
    level text COLLATE "C" CHECK (level IN ('universal', 'targeted', 'specialist')),
    hours_per_year integer CHECK (hours_per_year BETWEEN 1 AND 8784),
    pounds_per_year integer CHECK (pounds_per_year BETWEEN 1 AND 1000000),
    decided_at timestamptz,
    review_due_at timestamptz,
    ended_at timestamptz,
    version bigint NOT NULL,
    CHECK ((status = 'agreed') <= (level IS NOT NULL AND review_due_at IS NOT NULL)),
    CHECK ((status IN ('agreed', 'declined')) <= (decided_at IS NOT NULL)),
    CHECK ((status IN ('withdrawn', 'ended')) = (ended_at IS NOT NULL))
);

CREATE TABLE short_break_account (
    short_break_id uuid PRIMARY KEY REFERENCES short_break,
    person_id uuid NOT NULL REFERENCES person,
    -- As told.
    given_name text NOT NULL,
    family_name text NOT NULL,
    birth_date date,
    asker_name text NOT NULL,
    asker_is text NOT NULL,
    needs text[] NOT NULL CHECK (cardinality(needs) > 0),
    words text NOT NULL,
    recorded_by_name text NOT NULL,
    agency text COLLATE "C" NOT NULL
);
CREATE INDEX short_break_account_person ON short_break_account (person_id);

CREATE TABLE short_break_step (
    id uuid PRIMARY KEY,
    short_break_id uuid NOT NULL REFERENCES short_break,
    at timestamptz NOT NULL,
    what text COLLATE "C" NOT NULL CHECK (what IN ('agreed', 'declined', 'reviewed', 'withdrawn', 'ended')),
    who text NOT NULL,
    reason text NOT NULL,
    criteria text[] NOT NULL,
    level text COLLATE "C",
    hours_per_year integer,
    pounds_per_year integer
);
CREATE INDEX short_break_step_of ON short_break_step (short_break_id, at, id);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['short_break', 'short_break_account', 'short_break_step'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['short_break_account', 'short_break_step'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.short_break_id AND s.view = ''full''))', t, t);
    END LOOP;
END $$;
CREATE POLICY seen ON short_break FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = short_break.id));
CREATE POLICY moved ON short_break FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = short_break.id));
GRANT UPDATE (status, level, hours_per_year, pounds_per_year, decided_at, review_due_at, ended_at, version) ON short_break TO threshold_web;

INSERT INTO short_break_criterion (code, level, label, valid_from, valid_to, source, verified) VALUES
    ('any-disability', 'universal', 'The child has a disability in the sense of the Equality Act 2010', '2011-04-01', NULL, 'placeholder; the county sets its own', false),
    ('needs-support-to-join-in', 'targeted', 'The child can''t join in what is open to all without somebody''s support', '2011-04-01', NULL, 'placeholder; the county sets its own', false),
    ('carer-under-strain', 'targeted', 'Whoever cares for the child is under such strain that the care is at risk', '2011-04-01', NULL, 'placeholder; the county sets its own', false),
    ('constant-care', 'specialist', 'The child needs somebody''s care by day and by night', '2011-04-01', NULL, 'placeholder; the county sets its own', false),
    ('complex-health', 'specialist', 'The child''s health needs trained carers', '2011-04-01', NULL, 'placeholder; the county sets its own', false),
    ('behaviour-at-risk', 'specialist', 'The child''s behaviour is a danger to the child or to others', '2011-04-01', NULL, 'placeholder; the county sets its own', false);

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('short_break_need', 'learning', 'Learning disability', '2011-04-01', NULL, 'words of practice; to be agreed by the partnership'),
    ('short_break_need', 'autism', 'Autism', '2011-04-01', NULL, 'words of practice; to be agreed by the partnership'),
    ('short_break_need', 'physical', 'Physical disability', '2011-04-01', NULL, 'words of practice; to be agreed by the partnership'),
    ('short_break_need', 'sensory', 'Sensory impairment', '2011-04-01', NULL, 'words of practice; to be agreed by the partnership'),
    ('short_break_need', 'health', 'Long-term illness or complex health needs', '2011-04-01', NULL, 'words of practice; to be agreed by the partnership'),
    ('short_break_need', 'behaviour', 'Behaviour that challenges', '2011-04-01', NULL, 'words of practice; to be agreed by the partnership'),
    ('short_break_need', 'communication', 'Speech, language and communication', '2011-04-01', NULL, 'words of practice; to be agreed by the partnership'),
    ('short_break_need', 'personal-care', 'Help with washing, dressing or eating', '2011-04-01', NULL, 'words of practice; to be agreed by the partnership'),
    ('short_break_need', 'carer-rest', 'Rest for whoever cares for the child', '2011-04-01', NULL, 'words of practice; to be agreed by the partnership');

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('short_break_decision', '2011-04-01', 20, 'working_day', 'practice: by when a request for a short break is decided; each county''s own', false),
    ('short_break_review', '2011-04-01', 12, 'month', 'practice: a short break is reviewed each year; each county''s own', false);
INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified) VALUES
    ('short_break_decision', 0, 168, 3, ARRAY['front-door'], 'short-breaks', 'practice; how often is each county''s own', false),
    ('short_break_review', 0, 168, 3, ARRAY['front-door', 'team'], 'short-breaks', 'practice; how often is each county''s own', false);
INSERT INTO clock (code, label, whose) VALUES
    ('short_break_decision', 'Decision on a short break', ARRAY['front-door']),
    ('short_break_review', 'Review of a short break', ARRAY['front-door', 'team']);

DO $$
BEGIN
    EXECUTE format($view$CREATE OR REPLACE VIEW record_label WITH (security_invoker = true) AS %s
        UNION ALL
        SELECT id, reference, locality FROM short_break$view$,
        rtrim(pg_get_viewdef('record_label'::regclass), '; '));
END $$;

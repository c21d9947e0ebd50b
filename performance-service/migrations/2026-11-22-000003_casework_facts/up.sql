-- Families and what changed for them, as referral-service's events tell it: cases, what was measured
-- at assessment, review and closure, and what was heard of them afterwards. Ids and codes only.

CREATE TABLE case_fact (
    case_id uuid PRIMARY KEY,
    family_id uuid,
    referral_id uuid,
    case_type text COLLATE "C",
    service text COLLATE "C",
    locality text COLLATE "C",
    opened_at timestamptz,
    eligible boolean,
    problems text[] NOT NULL DEFAULT '{}',
    -- The members of the family when the case was opened.
    people integer,
    children integer,
    under_5 integer,
    engaged_on date,
    closed_at timestamptz,
    outcome text COLLATE "C",
    planned_exit boolean
);
CREATE INDEX case_fact_opened ON case_fact (opened_at);
CREATE INDEX case_fact_closed ON case_fact (closed_at);
CREATE INDEX case_fact_family ON case_fact (family_id, opened_at);

-- A completed assessment or review. What a correction corrects is counted no more.
CREATE TABLE measurement_fact (
    measurement_id uuid PRIMARY KEY,
    case_id uuid NOT NULL,
    point text COLLATE "C" NOT NULL,
    measured_on date NOT NULL,
    completed_at timestamptz NOT NULL,
    due_at timestamptz,
    in_time boolean,
    corrects uuid,
    locality text COLLATE "C",
    service text COLLATE "C"
);
CREATE INDEX measurement_fact_case ON measurement_fact (case_id, completed_at);
CREATE INDEX measurement_fact_corrects ON measurement_fact (corrects);
CREATE INDEX measurement_fact_completed ON measurement_fact (completed_at);

CREATE TABLE score_fact (
    measurement_id uuid NOT NULL,
    area text COLLATE "C" NOT NULL,
    score smallint NOT NULL,
    -- The stage's place on the ladder, from 1 for the lowest, and whether a family there needs little or no support.
    stage smallint NOT NULL,
    little_or_no_support boolean NOT NULL,
    PRIMARY KEY (measurement_id, area)
);

-- Whether an answer named an issue, for the family (no person) or for one of its members.
CREATE TABLE issue_fact (
    measurement_id uuid NOT NULL,
    question text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    issue boolean NOT NULL,
    PRIMARY KEY (measurement_id, question, person_id)
);

CREATE TABLE follow_up_fact (
    follow_up_id uuid PRIMARY KEY,
    case_id uuid,
    months smallint,
    due_at timestamptz,
    answered_at timestamptz,
    reached boolean,
    engaged boolean,
    sustained boolean,
    destination text COLLATE "C",
    locality text COLLATE "C",
    service text COLLATE "C"
);
CREATE INDEX follow_up_fact_due ON follow_up_fact (due_at);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['case_fact', 'measurement_fact', 'score_fact', 'issue_fact', 'follow_up_fact'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY figures ON %I FOR SELECT TO threshold_web USING (''figures'' = ANY ((SELECT app_scopes())::text[]))', t);
        EXECUTE format('CREATE POLICY worker ON %I TO threshold_worker USING (true) WITH CHECK (true)', t);
        EXECUTE format('CREATE POLICY reader ON %I FOR SELECT TO access_reader USING (true)', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_web, access_reader', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO threshold_worker', t);
    END LOOP;
END $$;

-- The cases that were open on some day of the period.
CREATE FUNCTION cases_open_within(in_from timestamptz, in_to timestamptz) RETURNS SETOF case_fact
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT * FROM case_fact f
        WHERE f.opened_at < in_to AND (f.closed_at IS NULL OR f.closed_at >= in_from) AND app_user() IS NOT NULL
    $$;

CREATE FUNCTION counted_cases_worked_with(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, f.service, f.case_type, count(*), NULL::bigint, 0::bigint
        FROM cases_open_within(in_from, in_to) f GROUP BY 1, 2, 3
    $$;

-- A family counts once, where its latest case of the period is: a family whom two services help is
-- two cases and one family.
CREATE FUNCTION counted_families_worked_with(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT t.locality, t.service, t.case_type, count(*), NULL::bigint, 0::bigint
        FROM (SELECT DISTINCT ON (f.family_id) f.locality, f.service, f.case_type
              FROM cases_open_within(in_from, in_to) f ORDER BY f.family_id, f.opened_at DESC, f.case_id) t
        GROUP BY 1, 2, 3
    $$;

CREATE FUNCTION counted_families_opened(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT t.locality, t.service, t.case_type, count(*), NULL::bigint, 0::bigint
        FROM (SELECT DISTINCT ON (f.family_id) f.locality, f.service, f.case_type
              FROM case_fact f WHERE f.opened_at >= in_from AND f.opened_at < in_to AND app_user() IS NOT NULL
              ORDER BY f.family_id, f.opened_at DESC, f.case_id) t
        GROUP BY 1, 2, 3
    $$;

CREATE FUNCTION counted_families_closed(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT t.locality, t.service, t.outcome, count(*), NULL::bigint, 0::bigint
        FROM (SELECT DISTINCT ON (f.family_id) f.locality, f.service, f.outcome
              FROM case_fact f WHERE f.closed_at >= in_from AND f.closed_at < in_to AND app_user() IS NOT NULL
              ORDER BY f.family_id, f.closed_at DESC, f.case_id) t
        GROUP BY 1, 2, 3
    $$;

-- The members of those families, each family once: children under five, other children, adults.
CREATE FUNCTION counted_individuals_worked_with(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT t.locality, t.service, p.part, sum(p.n)::bigint, NULL::bigint, 0::bigint
        FROM (SELECT DISTINCT ON (f.family_id) f.locality, f.service, f.people, f.children, f.under_5
              FROM cases_open_within(in_from, in_to) f ORDER BY f.family_id, f.opened_at DESC, f.case_id) t
        CROSS JOIN LATERAL (VALUES ('child-under-5', t.under_5), ('child-5-and-over', t.children - t.under_5),
                                   ('adult', t.people - t.children)) AS p(part, n)
        GROUP BY 1, 2, 3
    $$;

CREATE FUNCTION counted_eligible_when_opened(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, f.service, f.case_type, count(*) FILTER (WHERE f.eligible), count(*), 0::bigint
        FROM case_fact f
        WHERE f.opened_at >= in_from AND f.opened_at < in_to AND f.eligible IS NOT NULL AND app_user() IS NOT NULL
        GROUP BY 1, 2, 3
    $$;

-- What was measured and stands: what was corrected is replaced by its correction.
CREATE FUNCTION measurements_that_stand() RETURNS SETOF measurement_fact
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT * FROM measurement_fact m
        WHERE NOT EXISTS (SELECT 1 FROM measurement_fact c WHERE c.corrects = m.measurement_id) AND app_user() IS NOT NULL
    $$;

-- In time, of those completed in the period. A correction is no second assessment.
CREATE FUNCTION counted_assessments_in_time(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT m.locality, m.service, NULL::text, count(*) FILTER (WHERE m.in_time), count(*), 0::bigint
        FROM measurement_fact m
        WHERE m.point = 'initial' AND m.corrects IS NULL AND m.in_time IS NOT NULL
          AND m.completed_at >= in_from AND m.completed_at < in_to AND app_user() IS NOT NULL
        GROUP BY 1, 2
    $$;

CREATE FUNCTION counted_reviews_in_time(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT m.locality, m.service, NULL::text, count(*) FILTER (WHERE m.in_time), count(*), 0::bigint
        FROM measurement_fact m
        WHERE m.point IN ('review', 'closure') AND m.corrects IS NULL AND m.in_time IS NOT NULL
          AND m.completed_at >= in_from AND m.completed_at < in_to AND app_user() IS NOT NULL
        GROUP BY 1, 2
    $$;

-- The first and the last of each case that was closed in the period and both assessed and reviewed.
CREATE FUNCTION journeys(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (case_id uuid, family_id uuid, locality text, service text, first_id uuid, last_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.case_id, f.family_id, f.locality, f.service, a.measurement_id, z.measurement_id
        FROM case_fact f
        CROSS JOIN LATERAL (SELECT m.measurement_id FROM measurements_that_stand() m
                            WHERE m.case_id = f.case_id AND m.point = 'initial'
                            ORDER BY m.measured_on, m.completed_at LIMIT 1) a
        CROSS JOIN LATERAL (SELECT m.measurement_id FROM measurements_that_stand() m
                            WHERE m.case_id = f.case_id AND m.point <> 'initial'
                            ORDER BY m.point = 'closure' DESC, m.measured_on DESC, m.completed_at DESC LIMIT 1) z
        WHERE f.closed_at >= in_from AND f.closed_at < in_to AND app_user() IS NOT NULL
    $$;

-- Positive progress is a higher score in a higher stage. Two bases, because the same county printed
-- figures of both and they differ: every family that was assessed and reviewed, and only those that
-- began below the stages at which little or no support is needed.
CREATE FUNCTION counted_positive_progress_of_all(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT j.locality, j.service, a.area, count(*) FILTER (WHERE z.score > a.score AND z.stage > a.stage), count(*), 0::bigint
        FROM journeys(in_from, in_to) j
        JOIN score_fact a ON a.measurement_id = j.first_id
        JOIN score_fact z ON z.measurement_id = j.last_id AND z.area = a.area
        GROUP BY 1, 2, 3
    $$;

CREATE FUNCTION counted_positive_progress(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT j.locality, j.service, a.area, count(*) FILTER (WHERE z.score > a.score AND z.stage > a.stage), count(*), 0::bigint
        FROM journeys(in_from, in_to) j
        JOIN score_fact a ON a.measurement_id = j.first_id AND NOT a.little_or_no_support
        JOIN score_fact z ON z.measurement_id = j.last_id AND z.area = a.area
        GROUP BY 1, 2, 3
    $$;

CREATE FUNCTION counted_little_or_no_support_at_closure(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT j.locality, j.service, z.area, count(*) FILTER (WHERE z.little_or_no_support), count(*), 0::bigint
        FROM journeys(in_from, in_to) j
        JOIN score_fact a ON a.measurement_id = j.first_id
        JOIN score_fact z ON z.measurement_id = j.last_id AND z.area = a.area
        GROUP BY 1, 2, 3
    $$;

-- Named an issue at the assessment and no longer at the last review, of those who had it; families and
-- individuals alike, each as the question asks. Who was not asked again still has it.
CREATE FUNCTION counted_issues_resolved(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT j.locality, j.service, a.question, count(*) FILTER (WHERE NOT z.issue), count(*), 0::bigint
        FROM journeys(in_from, in_to) j
        JOIN issue_fact a ON a.measurement_id = j.first_id AND a.issue
        LEFT JOIN issue_fact z ON z.measurement_id = j.last_id AND z.question = a.question AND z.person_id = a.person_id
        GROUP BY 1, 2, 3
    $$;

-- Families (or members, as the question asks) for whom a question named an issue when they were assessed.
CREATE FUNCTION counted_issues_at_assessment(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT m.locality, m.service, i.question, count(*) FILTER (WHERE i.issue), count(*), 0::bigint
        FROM measurements_that_stand() m JOIN issue_fact i ON i.measurement_id = m.measurement_id
        WHERE m.point = 'initial' AND m.completed_at >= in_from AND m.completed_at < in_to
        GROUP BY 1, 2, 3
    $$;

-- Follow-ups due in the period. One that is not answered counts against what it asks.
CREATE FUNCTION counted_follow_ups_answered(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, f.service, f.months::text, count(*) FILTER (WHERE f.answered_at IS NOT NULL),
               count(*) FILTER (WHERE f.answered_at IS NOT NULL OR f.due_at < app_now()),
               count(*) FILTER (WHERE f.answered_at IS NULL AND f.due_at >= app_now())
        FROM follow_up_fact f
        WHERE f.due_at >= in_from AND f.due_at < in_to AND app_user() IS NOT NULL
        GROUP BY 1, 2, 3
    $$;

CREATE FUNCTION counted_sustained_at_follow_up(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, f.service, f.months::text, count(*) FILTER (WHERE f.sustained), count(*), 0::bigint
        FROM follow_up_fact f
        WHERE f.due_at >= in_from AND f.due_at < in_to AND f.reached AND f.sustained IS NOT NULL AND app_user() IS NOT NULL
        GROUP BY 1, 2, 3
    $$;

DO $$
DECLARE f text;
BEGIN
    FOREACH f IN ARRAY ARRAY['cases_open_within', 'counted_cases_worked_with', 'counted_families_worked_with', 'counted_families_opened',
        'counted_families_closed', 'counted_individuals_worked_with', 'counted_eligible_when_opened', 'counted_assessments_in_time',
        'counted_reviews_in_time', 'journeys', 'counted_positive_progress_of_all', 'counted_positive_progress',
        'counted_little_or_no_support_at_closure', 'counted_issues_resolved', 'counted_issues_at_assessment',
        'counted_follow_ups_answered', 'counted_sustained_at_follow_up'] LOOP
        EXECUTE format('ALTER FUNCTION %I(timestamptz, timestamptz) OWNER TO access_reader', f);
    END LOOP;
    ALTER FUNCTION measurements_that_stand() OWNER TO access_reader;
END $$;
-- Rows leave these by the counting functions only.
REVOKE EXECUTE ON FUNCTION cases_open_within(timestamptz, timestamptz), journeys(timestamptz, timestamptz), measurements_that_stand() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cases_open_within(timestamptz, timestamptz), journeys(timestamptz, timestamptz), measurements_that_stand() TO access_reader;

ALTER TABLE indicator NO FORCE ROW LEVEL SECURITY;
INSERT INTO indicator (id, code, title, numerator, denominator, unit, decimals, polarity, tolerance, source, verified, computed, breakdowns, part_is, created_at, created_by) VALUES
    ('0193a000-0000-7000-8000-000000000020', 'families_worked_with', 'Families worked with',
     'Families with a case open on some day of the period, each once, where its latest case is', NULL,
     'count', 0, 'neutral', 5, 'Annual report 2015/16, Table 1', true, true, ARRAY['locality', 'service', 'part'], 'case type', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000021', 'cases_worked_with', 'Cases worked with',
     'Cases open on some day of the period; a family whom two services help is two cases', NULL,
     'count', 0, 'neutral', 5, 'Events of this system', true, true, ARRAY['locality', 'service', 'part'], 'case type', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000022', 'families_opened', 'Families whose case was opened',
     'Families with a case opened in the period, each once', NULL,
     'count', 0, 'neutral', 5, 'Annual report 2015/16, Table 1', true, true, ARRAY['locality', 'service', 'part'], 'case type', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000023', 'families_closed', 'Families whose case was closed',
     'Families with a case closed in the period, each once', NULL,
     'count', 0, 'neutral', 5, 'Annual report 2015/16, Table 1', true, true, ARRAY['locality', 'service', 'part'], 'outcome', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000024', 'individuals_worked_with', 'Individuals worked with',
     'Members, when the case was opened, of the families worked with in the period', NULL,
     'count', 0, 'neutral', 5, 'Annual report 2015/16, page 7', true, true, ARRAY['locality', 'service', 'part'], 'age group', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000025', 'eligible_when_opened', 'Cases of families eligible for the programme',
     'Cases opened in the period of families that met the programme''s threshold of problems on that day',
     'Cases opened in the period', 'percentage', 1, 'neutral', 1, 'Expanded programme: two or more of six headline problems', true, true, ARRAY['locality', 'service', 'part'], 'case type', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000026', 'assessments_in_time', 'Assessments completed within six weeks',
     'Whole-family assessments completed in the period within six weeks of engagement',
     'Whole-family assessments completed in the period', 'percentage', 1, 'higher_is_better', 1, 'Annual report 2015/16: assessed within the first six weeks of engagement', true, true, ARRAY['locality', 'service'], NULL, '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000027', 'reviews_in_time', 'Reviews completed within twelve weeks',
     'Reviews, the closing one among them, completed in the period within twelve weeks of the one before',
     'Reviews completed in the period', 'percentage', 1, 'higher_is_better', 1, 'Annual report 2015/16: reviewed at 12 week intervals', true, true, ARRAY['locality', 'service'], NULL, '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000028', 'positive_progress', 'Positive progress, of families that began with need for support',
     'Scores that rose by a stage or more from the assessment to the last review',
     'Scores at the assessment that lay below the stages of little or no support, of cases closed in the period that were assessed and reviewed',
     'percentage', 1, 'higher_is_better', 1, 'Annual report 2015/16, Chart 4', true, true, ARRAY['locality', 'service', 'part'], 'area of the outcome ladder', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000029', 'positive_progress_of_all', 'Positive progress, of all families',
     'Scores that rose by a stage or more from the assessment to the last review',
     'Scores of cases closed in the period that were assessed and reviewed',
     'percentage', 1, 'higher_is_better', 1, 'Annual report 2015/16, pages 11 to 18', true, true, ARRAY['locality', 'service', 'part'], 'area of the outcome ladder', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000030', 'little_or_no_support_at_closure', 'Little or no support needed at closure',
     'Scores at the last review that lay in the stages of little or no support',
     'Scores of cases closed in the period that were assessed and reviewed',
     'percentage', 1, 'higher_is_better', 1, 'Annual report 2015/16, Chart 6', true, true, ARRAY['locality', 'service', 'part'], 'area of the outcome ladder', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000031', 'issues_at_assessment', 'Issues at assessment',
     'Families, or members, for whom the answer at an assessment of the period named an issue',
     'Families, or members, who were asked', 'percentage', 1, 'neutral', 1, 'Annual report 2015/16, "Other Evidence"; performance report of January 2014, paragraph 11', true, true, ARRAY['locality', 'service', 'part'], 'question', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000032', 'issues_resolved', 'Issues no longer there at closure',
     'Families, or members, for whom an issue at the assessment was none at the last review',
     'Families, or members, with that issue at the assessment, of cases closed in the period that were assessed and reviewed',
     'percentage', 1, 'higher_is_better', 1, 'Annual report 2015/16, "Other Evidence"', true, true, ARRAY['locality', 'service', 'part'], 'question', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000033', 'follow_ups_answered', 'Follow-ups answered',
     'Follow-ups due in the period that were answered',
     'Follow-ups due in the period that were answered, or whose day has passed', 'percentage', 1, 'higher_is_better', 1, 'Events of this system; 3, 6, 9 and 12 months after closure or onward referral', true, true, ARRAY['locality', 'service', 'part'], 'months after', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000034', 'sustained_at_follow_up', 'Change sustained at follow-up',
     'Follow-ups due in the period that found the change sustained',
     'Follow-ups due in the period in which the family was reached', 'percentage', 1, 'higher_is_better', 1, 'Events of this system', true, true, ARRAY['locality', 'service', 'part'], 'months after', '2026-11-22T00:00:00Z', 'migration');
ALTER TABLE indicator FORCE ROW LEVEL SECURITY;

-- Group work, brief interventions, what people say of the help, and how small children develop, as
-- referral-service's events tell it. Ids and codes only; each row knows which of two tellings is the newer.

-- A line of a register; one that is told again takes the place of the one before.
CREATE TABLE group_attendance_fact (
    session_id uuid NOT NULL,
    enrolment_id uuid NOT NULL,
    held_on date NOT NULL,
    attendance text COLLATE "C" NOT NULL,
    programme text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    locality text COLLATE "C",
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (session_id, enrolment_id)
);
CREATE INDEX group_attendance_fact_held ON group_attendance_fact (held_on);

CREATE TABLE group_completion_fact (
    enrolment_id uuid PRIMARY KEY,
    group_id uuid NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    finished_on date NOT NULL,
    programme text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    locality text COLLATE "C"
);
CREATE INDEX group_completion_fact_finished ON group_completion_fact (finished_on);

CREATE TABLE brief_fact (
    intervention_id uuid PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    locality text COLLATE "C",
    opened_on date NOT NULL,
    closed_on date,
    outcome text COLLATE "C",
    planned boolean,
    in_time boolean
);
CREATE INDEX brief_fact_closed ON brief_fact (closed_on);

CREATE TABLE feedback_fact (
    feedback_id uuid NOT NULL,
    question text COLLATE "C" NOT NULL,
    occasion text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    given_on date NOT NULL,
    answered boolean NOT NULL,
    positive boolean,
    service text COLLATE "C" NOT NULL,
    locality text COLLATE "C",
    PRIMARY KEY (feedback_id, question)
);
CREATE INDEX feedback_fact_given ON feedback_fact (given_on);

CREATE TABLE development_fact (
    check_id uuid NOT NULL,
    area text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL,
    checked_on date NOT NULL,
    judgement text COLLATE "C" NOT NULL,
    corrects uuid,
    service text COLLATE "C" NOT NULL,
    locality text COLLATE "C",
    PRIMARY KEY (check_id, area)
);
CREATE INDEX development_fact_checked ON development_fact (checked_on);
CREATE INDEX development_fact_corrects ON development_fact (corrects) WHERE corrects IS NOT NULL;

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['group_attendance_fact', 'group_completion_fact', 'brief_fact', 'feedback_fact', 'development_fact'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY figures ON %I FOR SELECT TO threshold_web USING (''figures'' = ANY ((SELECT app_scopes())::text[]))', t);
        EXECUTE format('CREATE POLICY worker ON %I TO threshold_worker USING (true) WITH CHECK (true)', t);
        EXECUTE format('CREATE POLICY reader ON %I FOR SELECT TO access_reader USING (true)', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_web, access_reader', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO threshold_worker', t);
    END LOOP;
END $$;

-- A day belongs to the period that holds its beginning in England.
CREATE FUNCTION counted_group_attendance(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, f.service, f.programme, count(*) FILTER (WHERE f.attendance IN ('attended', 'late')), count(*), 0::bigint
        FROM group_attendance_fact f
        WHERE f.held_on >= (in_from AT TIME ZONE 'Europe/London')::date AND f.held_on < (in_to AT TIME ZONE 'Europe/London')::date
          AND f.attendance <> 'excluded' AND app_user() IS NOT NULL
        GROUP BY 1, 2, 3
    $$;

CREATE FUNCTION counted_group_completion(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, f.service, f.programme, count(*) FILTER (WHERE f.outcome = 'completed'), count(*), 0::bigint
        FROM group_completion_fact f
        WHERE f.finished_on >= (in_from AT TIME ZONE 'Europe/London')::date AND f.finished_on < (in_to AT TIME ZONE 'Europe/London')::date
          AND f.outcome IN ('completed', 'not_completed') AND app_user() IS NOT NULL
        GROUP BY 1, 2, 3
    $$;

CREATE FUNCTION counted_brief_planned_outcome(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, f.service, f.kind, count(*) FILTER (WHERE f.planned), count(*), 0::bigint
        FROM brief_fact f
        WHERE f.closed_on >= (in_from AT TIME ZONE 'Europe/London')::date AND f.closed_on < (in_to AT TIME ZONE 'Europe/London')::date
          AND app_user() IS NOT NULL
        GROUP BY 1, 2, 3
    $$;

-- Who passed a question over is in neither number of it.
CREATE FUNCTION counted_feedback_positive(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, f.service, f.question, count(*) FILTER (WHERE f.positive), count(*), 0::bigint
        FROM feedback_fact f
        WHERE f.given_on >= (in_from AT TIME ZONE 'Europe/London')::date AND f.given_on < (in_to AT TIME ZONE 'Europe/London')::date
          AND f.kind <> 'words' AND f.answered AND app_user() IS NOT NULL
        GROUP BY 1, 2, 3
    $$;

-- Each child once in each area: its last check of the period. What was corrected counts no more.
CREATE FUNCTION counted_development_on_track(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT t.locality, t.service, t.area, count(*) FILTER (WHERE t.judgement IN ('meeting', 'exceeding')), count(*), 0::bigint
        FROM (SELECT DISTINCT ON (f.person_id, f.area) f.locality, f.service, f.area, f.judgement
              FROM development_fact f
              WHERE f.checked_on >= (in_from AT TIME ZONE 'Europe/London')::date AND f.checked_on < (in_to AT TIME ZONE 'Europe/London')::date
                AND NOT EXISTS (SELECT 1 FROM development_fact n WHERE n.corrects = f.check_id) AND app_user() IS NOT NULL
              ORDER BY f.person_id, f.area, f.checked_on DESC, f.check_id DESC) t
        GROUP BY 1, 2, 3
    $$;

DO $$
DECLARE f text;
BEGIN
    FOREACH f IN ARRAY ARRAY['counted_group_attendance', 'counted_group_completion', 'counted_brief_planned_outcome',
                             'counted_feedback_positive', 'counted_development_on_track'] LOOP
        EXECUTE format('ALTER FUNCTION %I(timestamptz, timestamptz) OWNER TO access_reader', f);
    END LOOP;
END $$;

ALTER TABLE indicator NO FORCE ROW LEVEL SECURITY;
INSERT INTO indicator (id, code, title, numerator, denominator, unit, decimals, polarity, tolerance, source, verified, computed, breakdowns, part_is, created_at, created_by) VALUES
    ('0193a000-0000-7000-8000-000000000050', 'group_attendance', 'Attendance at groups',
     'How often somebody came, in time or late, to sessions of the period',
     'How often somebody was expected: every line of the registers but those of people who were not to come',
     'percentage', 1, 'higher_is_better', 1, 'Events of this system; that the excluded are not expected is a proposal', false, true, ARRAY['locality', 'service', 'part'], 'programme', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000051', 'group_completion', 'Groups completed by those who had a place to the end',
     'People who completed a group that finished in the period',
     'People who had a place to the end in a group that finished in the period',
     'percentage', 1, 'higher_is_better', 1, 'Events of this system; from which share of sessions on a group is completed is a row of group_completion_rule and unverified', false, true, ARRAY['locality', 'service', 'part'], 'programme', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000052', 'brief_planned_outcome', 'Brief interventions that ended as planned',
     'Brief interventions closed in the period with an outcome that is an end as planned',
     'Brief interventions closed in the period',
     'percentage', 1, 'higher_is_better', 1, 'Events of this system; which outcomes are planned is a proposal', false, true, ARRAY['locality', 'service', 'part'], 'kind of work', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000053', 'feedback_positive', 'Positive answers to the questions of feedback',
     'Positive answers given in the period: yes, or from the point of the scale that the question sets',
     'Answers given in the period, to questions that are not answered in words; a question that was passed over is not answered',
     'percentage', 1, 'higher_is_better', 1, 'Events of this system; the questions are rows of feedback_question and unverified', false, true, ARRAY['locality', 'service', 'part'], 'question', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000054', 'development_on_track', 'Children meeting or exceeding their developmental milestones',
     'Children whose last check of the period found them meeting or exceeding what is expected, in each area',
     'Children who were checked in the period, in each area',
     'percentage', 1, 'higher_is_better', 1, 'Events of this system; counted as in the county''s report on early help of 2017, by area; the areas are unverified', false, true, ARRAY['locality', 'service', 'part'], 'area of development', '2026-11-22T00:00:00Z', 'migration');
ALTER TABLE indicator FORCE ROW LEVEL SECURITY;

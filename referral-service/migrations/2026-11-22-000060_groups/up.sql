-- Group work: a programme run as a group with its sessions, who has a place or waits for one, and who came.
--
-- A group itself is about nobody: besides the team that runs it (full view), First Response, the hubs of its
-- district and the teams it is open to know that it runs and how many places are free (involvement).
-- `group_run` and `group_facilitator` are for the full view alone: where a group for people who fled abuse
-- meets is nobody else's business. An enrolment is a record of its own, about one person, seen by the team
-- that runs the group, the team that enrolled them and whoever works with their family.

CREATE TABLE support_group (
    id uuid PRIMARY KEY,
    reference text COLLATE "C" NOT NULL UNIQUE,
    title text NOT NULL,
    programme text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    locality text COLLATE "C",
    capacity integer NOT NULL CHECK (capacity > 0),
    -- Counted here, because whoever enrols somebody does not see who else is enrolled.
    taken integer NOT NULL CHECK (taken BETWEEN 0 AND capacity),
    waiting integer NOT NULL CHECK (waiting >= 0),
    first_day date NOT NULL,
    last_day date CHECK (last_day >= first_day),
    status text COLLATE "C" NOT NULL CHECK (status IN ('planned', 'running', 'finished', 'cancelled')),
    planned_at timestamptz NOT NULL,
    ended_on date,
    version bigint NOT NULL,
    CHECK ((status IN ('planned', 'running')) = (ended_on IS NULL))
);

CREATE TABLE group_run (
    group_id uuid PRIMARY KEY REFERENCES support_group,
    venue text,
    note text,
    planned_by uuid NOT NULL,
    planned_by_name text NOT NULL,
    -- Why it was cancelled, a code; and how it ended, in words.
    ended_because text COLLATE "C",
    ended_words text,
    ended_by_name text
);

CREATE TABLE group_facilitator (
    group_id uuid NOT NULL REFERENCES support_group,
    user_id uuid NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (group_id, user_id)
);

CREATE TABLE group_session (
    id uuid PRIMARY KEY,
    group_id uuid NOT NULL REFERENCES support_group,
    held_on date NOT NULL,
    topic text,
    status text COLLATE "C" NOT NULL CHECK (status IN ('planned', 'held', 'cancelled')),
    cancelled_because text COLLATE "C",
    version bigint NOT NULL,
    CHECK ((status = 'cancelled') = (cancelled_because IS NOT NULL))
);
CREATE INDEX group_session_group ON group_session (group_id, held_on, id);
CREATE UNIQUE INDEX group_session_day ON group_session (group_id, held_on) WHERE status <> 'cancelled';

CREATE TABLE group_enrolment (
    id uuid PRIMARY KEY,
    group_id uuid NOT NULL REFERENCES support_group,
    -- What the group is, as of the enrolment: whoever works with the family need not see the group.
    title text NOT NULL,
    programme text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL REFERENCES person,
    given_name text NOT NULL,
    family_name text NOT NULL,
    birth_date date,
    -- How the service came to know them.
    basis text COLLATE "C" NOT NULL CHECK (basis IN ('case', 'family', 'referral', 'contact')),
    referral_id uuid REFERENCES referral,
    family_id uuid REFERENCES family,
    case_id uuid REFERENCES family_case,
    status text COLLATE "C" NOT NULL CHECK (status IN
        ('waiting', 'enrolled', 'completed', 'not_completed', 'withdrawn', 'not_placed', 'cancelled')),
    enrolled_at timestamptz NOT NULL,
    enrolled_by uuid NOT NULL,
    enrolled_by_name text NOT NULL,
    -- From when they have a place; null while they wait, and for whoever never had one.
    placed_on date,
    note text,
    ended_on date,
    ended_because text COLLATE "C",
    ended_words text,
    version bigint NOT NULL,
    CHECK ((status IN ('waiting', 'enrolled')) = (ended_on IS NULL)),
    CHECK (status <> 'enrolled' OR placed_on IS NOT NULL),
    CHECK (status NOT IN ('waiting', 'not_placed') OR placed_on IS NULL)
);
CREATE INDEX group_enrolment_group ON group_enrolment (group_id, enrolled_at DESC, id DESC);
CREATE INDEX group_enrolment_person ON group_enrolment (person_id, enrolled_at DESC, id DESC);
CREATE INDEX group_enrolment_referral ON group_enrolment (referral_id) WHERE referral_id IS NOT NULL;
CREATE INDEX group_enrolment_family ON group_enrolment (family_id, enrolled_at DESC, id DESC) WHERE family_id IS NOT NULL;
CREATE INDEX group_enrolment_case ON group_enrolment (case_id) WHERE case_id IS NOT NULL;

-- Never changed: what is corrected is kept, says since when it no longer holds, and the line that took
-- its place says why.
CREATE TABLE group_attendance (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES group_session,
    enrolment_id uuid NOT NULL REFERENCES group_enrolment,
    held_on date NOT NULL,
    attendance text COLLATE "C" NOT NULL CHECK (attendance IN ('attended', 'late', 'apology', 'absent', 'excluded')),
    excluded_because text COLLATE "C",
    note text,
    correction_reason text,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_by_name text NOT NULL,
    replaced_at timestamptz,
    CHECK ((attendance = 'excluded') = (excluded_because IS NOT NULL))
);
CREATE UNIQUE INDEX group_attendance_holds ON group_attendance (session_id, enrolment_id) WHERE replaced_at IS NULL;
CREATE INDEX group_attendance_enrolment ON group_attendance (enrolment_id, held_on, recorded_at);

-- From which share of the sessions they were expected at somebody has completed a group. A row of a
-- programme's own goes before the one of all ('*').
CREATE TABLE group_completion_rule (
    programme text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    at_least_percent smallint NOT NULL CHECK (at_least_percent BETWEEN 1 AND 100),
    source text NOT NULL,
    verified boolean NOT NULL,
    PRIMARY KEY (programme, valid_from)
);
GRANT SELECT ON group_completion_rule TO threshold_web, threshold_worker;
INSERT INTO group_completion_rule (programme, valid_from, valid_to, at_least_percent, source, verified) VALUES
    ('*', '2003-01-01', NULL, 75, 'Placeholder, unverified: each programme has its own', false);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['support_group', 'group_run', 'group_facilitator', 'group_session', 'group_enrolment',
                             'group_attendance'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['group_run', 'group_facilitator'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.group_id AND s.view = ''full''))', t, t);
    END LOOP;
END $$;

CREATE POLICY seen ON support_group FOR SELECT TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = support_group.id AND s.view IN ('full', 'involvement')));
-- A team it is open to takes a place in it.
CREATE POLICY moved ON support_group FOR UPDATE TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = support_group.id AND s.view IN ('full', 'involvement')));
CREATE POLICY ended ON group_run FOR UPDATE TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = group_run.group_id AND s.view = 'full'));
CREATE POLICY seen ON group_session FOR SELECT TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = group_session.group_id AND s.view IN ('full', 'involvement')));
CREATE POLICY moved ON group_session FOR UPDATE TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = group_session.group_id AND s.view = 'full'));
CREATE POLICY seen ON group_enrolment FOR SELECT TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = group_enrolment.id AND s.view = 'full'));
CREATE POLICY moved ON group_enrolment FOR UPDATE TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = group_enrolment.id AND s.view = 'full'));
CREATE POLICY seen ON group_attendance FOR SELECT TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = group_attendance.enrolment_id AND s.view = 'full'));
CREATE POLICY corrected ON group_attendance FOR UPDATE TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = group_attendance.enrolment_id AND s.view = 'full'));

GRANT UPDATE (capacity, taken, waiting, last_day, status, ended_on, version) ON support_group TO threshold_web;
GRANT UPDATE (ended_because, ended_words, ended_by_name) ON group_run TO threshold_web;
GRANT UPDATE (status, cancelled_because, version) ON group_session TO threshold_web;
GRANT UPDATE (status, placed_on, ended_on, ended_because, ended_words, version) ON group_enrolment TO threshold_web;
GRANT UPDATE (replaced_at) ON group_attendance TO threshold_web;

-- Who has the group whole, for one who knows of it: they see who is enrolled.
CREATE FUNCTION group_holders(of_group uuid) RETURNS SETOF text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF app_user() IS NULL OR NOT record_is_mine(of_group) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        RETURN QUERY SELECT s.scope FROM record_scope s WHERE s.record_id = of_group AND s.view = 'full';
    END $$;
ALTER FUNCTION group_holders(uuid) OWNER TO access_reader;

CREATE FUNCTION group_is_whole(of_group uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT app_user() IS NOT NULL AND EXISTS (
            SELECT 1 FROM record_scope s
            WHERE s.record_id = of_group AND s.view = 'full' AND s.scope = ANY (app_scopes()))
    $$;
ALTER FUNCTION group_is_whole(uuid) OWNER TO access_reader;

CREATE POLICY reader ON group_session FOR SELECT TO access_reader USING (true);
CREATE POLICY reader ON group_enrolment TO access_reader USING (true);
CREATE POLICY reader ON group_attendance FOR SELECT TO access_reader USING (true);
GRANT SELECT ON group_session, group_attendance TO access_reader;
GRANT SELECT, UPDATE ON group_enrolment TO access_reader;

-- What the registers say of everyone who is enrolled or waits, also of somebody who is hidden from whoever
-- ends the group: it ends for all of them, and its figures are the same whoever ends it.
CREATE FUNCTION group_tally(of_group uuid)
    RETURNS TABLE (enrolment_id uuid, status text, attended bigint, expected bigint, unrecorded bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT group_is_whole(of_group) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        RETURN QUERY
            SELECT e.id, e.status,
                   count(*) FILTER (WHERE a.attendance IN ('attended', 'late')),
                   count(*) FILTER (WHERE a.attendance <> 'excluded'),
                   count(*) FILTER (WHERE s.id IS NOT NULL AND a.id IS NULL)
            FROM group_enrolment e
            LEFT JOIN group_session s ON s.group_id = e.group_id AND s.status <> 'cancelled' AND s.held_on >= e.placed_on
            LEFT JOIN group_attendance a ON a.session_id = s.id AND a.enrolment_id = e.id AND a.replaced_at IS NULL
            WHERE e.group_id = of_group AND e.status IN ('enrolled', 'waiting')
            GROUP BY e.id, e.status ORDER BY e.id;
    END $$;
ALTER FUNCTION group_tally(uuid) OWNER TO access_reader;

-- Ends these enrolments of a group, each with its outcome.
CREATE FUNCTION group_settle(of_group uuid, enrolments uuid[], outcomes text[], states text[], day date) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT group_is_whole(of_group) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        UPDATE group_enrolment e SET status = t.outcome, ended_on = day, version = e.version + 1
            FROM unnest(enrolments, outcomes) AS t(id, outcome)
            WHERE e.id = t.id AND e.group_id = of_group AND e.status IN ('enrolled', 'waiting');
        UPDATE record_scope s SET state = t.state
            FROM unnest(enrolments, states) AS t(id, state)
            WHERE s.record_id = t.id AND s.kind = 'group_enrolment';
    END $$;
ALTER FUNCTION group_settle(uuid, uuid[], text[], text[], date) OWNER TO access_reader;

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('group_programme', 'incredible-years', 'Incredible Years', '2012-04-01', NULL, 'the county''s evaluation of family support: services of 2012/13'),
    ('group_programme', 'fun-and-families', 'Fun and Families', '2012-04-01', NULL, 'the county''s evaluation of family support: services of 2012/13; a case study of 2015/16'),
    ('group_programme', 'living-with-teenagers', 'Living with Teenagers', '2012-04-01', NULL, 'the county''s evaluation of family support: services of 2012/13; a case study of 2015/16'),
    ('group_programme', 'family-steps', 'Family Steps', '2012-04-01', NULL, 'the county''s evaluation of family support: services of 2012/13'),
    ('group_programme', 'youth-offending-parenting', 'Parenting group of the youth offending service', '2012-04-01', NULL, 'the county''s evaluation of family support: services of 2012/13'),
    ('group_programme', 'community-parenting-group', 'Parenting group of a community', '2015-04-01', NULL, 'the county''s annual report of 2015/16: a case study'),
    ('group_programme', 'budgeting-and-cooking', 'Budgeting and cooking', '2015-04-01', NULL, 'the county''s annual report of 2015/16: a case study'),
    ('group_programme', 'kickboxing', 'Kickboxing', '2015-04-01', NULL, 'the county''s annual report of 2015/16: a case study'),
    ('group_programme', 'flower-arranging', 'Flower arranging', '2015-04-01', NULL, 'the county''s annual report of 2015/16: a case study'),
    ('group_programme', 'family-activity', 'Family activities', '2015-04-01', NULL, 'the county''s annual report of 2015/16: a case study'),
    ('group_programme', 'childrens-centre-group', 'Group of a children''s centre', '2003-01-01', NULL, 'the county''s report on early help of 2017: group work of its children''s centres'),
    ('group_programme', 'stay-and-play', 'Stay and play', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_programme', 'domestic-abuse-recovery', 'Recovery from domestic abuse', '2012-04-01', NULL, 'Working list, unverified'),
    ('group_programme', 'youth-group', 'Youth group', '2011-01-01', NULL, 'Working list, unverified'),
    ('group_programme', 'other', 'Other', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_withdrawal', 'never-came', 'Never came', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_withdrawal', 'no-longer-wanted', 'No longer wanted', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_withdrawal', 'not-suitable', 'Not the right group', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_withdrawal', 'moved-away', 'Moved away', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_withdrawal', 'work-or-childcare', 'Could not, for work or childcare', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_withdrawal', 'ill', 'Ill', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_withdrawal', 'enrolled-in-error', 'Enrolled in error', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_withdrawal', 'other', 'Something else', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_exclusion', 'safety-of-others', 'For the safety of others', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_exclusion', 'behaviour', 'For their behaviour in the group', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_exclusion', 'infection', 'Ill, and asked to stay away', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_exclusion', 'one-to-one-instead', 'Had the session one to one instead', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_exclusion', 'other', 'Something else', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_cancellation', 'too-few', 'Too few came forward', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_cancellation', 'facilitator-away', 'Nobody to run it', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_cancellation', 'venue-lost', 'Nowhere to hold it', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_cancellation', 'weather', 'Weather', '2003-01-01', NULL, 'Working list, unverified'),
    ('group_cancellation', 'other', 'Something else', '2003-01-01', NULL, 'Working list, unverified')
ON CONFLICT DO NOTHING;

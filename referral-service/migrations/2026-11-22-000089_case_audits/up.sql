-- Audits of case files by sample. A sample is drawn at random from the cases in scope: which cases those were and the
-- seed are kept, so that anyone may draw it again and find the same files. An auditor who is none of a file's workers
-- holds the scope auditor:USER of the case until the audit is finished, by which it is read and never worked on.

-- What a file is held against, and on which scale. Dated: what was audited by older rows stays as it was.
CREATE TABLE audit_standard (
    code text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    place smallint NOT NULL,
    label text NOT NULL,
    about text NOT NULL,
    source text NOT NULL,
    verified boolean NOT NULL,
    PRIMARY KEY (code, valid_from)
);
CREATE TABLE audit_scale (
    code text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    place smallint NOT NULL,
    label text NOT NULL,
    -- Counts as good or better.
    good boolean NOT NULL,
    source text NOT NULL,
    verified boolean NOT NULL,
    PRIMARY KEY (code, valid_from)
);
GRANT SELECT ON audit_standard, audit_scale TO threshold_web, threshold_worker;

INSERT INTO audit_standard (code, valid_from, place, label, about, source, verified) VALUES
    ('timeliness', '2013-04-01', 1, 'Timeliness', 'Assessments and reviews within their limits, notes written up in time, no drift.',
     'performance report to the scrutiny committee, January 2014, paragraph 12: assessments within timescales and timely case notes', true),
    ('voice', '2013-04-01', 2, 'Voice of the child and the family', 'The child is seen and heard, the family''s words are in the file and in the plan.',
     'the same, paragraph 12: evidence of child and family voice embedded in the work', true),
    ('multi-agency-working', '2013-04-01', 3, 'Multi-agency working', 'The agencies that matter are around the family, know what the others do and do their part.',
     'the same, paragraph 12: good practice in multi-agency working', true),
    ('outcomes', '2013-04-01', 4, 'Outcomes', 'What was aimed at, and what has changed for the children and the family.',
     'the same, paragraph 12: evidence of outcomes for the children and families', true),
    ('management-oversight', '2013-04-01', 5, 'Management oversight', 'Supervision is recorded, decisions have reasons, drift is noticed.',
     'practice; each partnership''s own', false);
INSERT INTO audit_scale (code, valid_from, place, label, good, source, verified) VALUES
    ('outstanding', '2013-04-01', 1, 'Outstanding', true, 'practice, after the words of inspections; each partnership''s own', false),
    ('good', '2013-04-01', 2, 'Good', true, 'practice, after the words of inspections; each partnership''s own', false),
    ('requires-improvement', '2013-04-01', 3, 'Requires improvement', false, 'practice, after the words of inspections; each partnership''s own', false),
    ('inadequate', '2013-04-01', 4, 'Inadequate', false, 'practice, after the words of inspections; each partnership''s own', false);

CREATE TABLE audit_sample (
    id uuid PRIMARY KEY,
    drawn_at timestamptz NOT NULL,
    drawn_by uuid NOT NULL,
    drawn_by_name text NOT NULL,
    basis text COLLATE "C" NOT NULL CHECK (basis IN ('closed', 'open')),
    from_day date NOT NULL,
    to_day date NOT NULL CHECK (to_day >= from_day),
    team text COLLATE "C",
    case_type text COLLATE "C",
    locality text COLLATE "C",
    size smallint NOT NULL CHECK (size > 0),
    due_on date NOT NULL,
    -- 16 random bytes, in hexadecimal.
    seed text COLLATE "C" NOT NULL CHECK (seed ~ '^[0-9a-f]{32}$'),
    population integer NOT NULL CHECK (population > 0),
    -- In scope, but restricted to named users: no auditor would see them.
    left_out integer NOT NULL,
    version bigint NOT NULL
);
-- The cases in scope when it was drawn, in order. Who belongs to it changes, so it can't be found again later.
CREATE TABLE audit_population (
    sample_id uuid PRIMARY KEY REFERENCES audit_sample,
    cases uuid[] NOT NULL
);

CREATE TABLE case_audit (
    id uuid PRIMARY KEY,
    sample_id uuid NOT NULL REFERENCES audit_sample,
    case_id uuid NOT NULL REFERENCES family_case,
    place smallint NOT NULL,
    -- Copied: whoever draws a sample need not see the case.
    case_type text COLLATE "C" NOT NULL,
    team text COLLATE "C" NOT NULL,
    locality text COLLATE "C",
    status text COLLATE "C" NOT NULL CHECK (status IN ('drawn', 'given', 'finished', 'excluded')),
    auditor uuid,
    auditor_name text,
    given_at timestamptz,
    due_on date,
    -- What the record itself says, as it was when the file was given.
    facts jsonb,
    finished_at timestamptz,
    summary text,
    excluded_because text,
    version bigint NOT NULL,
    UNIQUE (sample_id, place),
    UNIQUE (sample_id, case_id),
    CHECK ((auditor IS NULL) = (given_at IS NULL)),
    CHECK ((status = 'finished') = (finished_at IS NOT NULL)),
    CHECK ((status = 'excluded') = (excluded_because IS NOT NULL)),
    CHECK (status NOT IN ('given', 'finished') OR auditor IS NOT NULL)
);
CREATE INDEX case_audit_case ON case_audit (case_id);

CREATE TABLE case_audit_grade (
    audit_id uuid NOT NULL REFERENCES case_audit,
    standard text COLLATE "C" NOT NULL,
    grade text COLLATE "C",
    not_applicable text,
    evidence text,
    PRIMARY KEY (audit_id, standard),
    CHECK (num_nonnulls(grade, not_applicable) = 1),
    CHECK ((grade IS NULL) = (evidence IS NULL))
);

CREATE TABLE audit_action (
    id uuid PRIMARY KEY,
    audit_id uuid NOT NULL REFERENCES case_audit,
    case_id uuid NOT NULL REFERENCES family_case,
    team text COLLATE "C" NOT NULL,
    standard text COLLATE "C",
    what text NOT NULL,
    owner uuid NOT NULL,
    owner_name text NOT NULL,
    due_on date NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('open', 'done', 'not_done')),
    added_at timestamptz NOT NULL,
    added_by_name text NOT NULL,
    ended_at timestamptz,
    ended_by_name text,
    note text,
    version bigint NOT NULL,
    CHECK ((status = 'open') = (ended_at IS NULL))
);
CREATE INDEX audit_action_audit ON audit_action (audit_id, added_at);
CREATE INDEX audit_action_case ON audit_action (case_id);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['audit_sample', 'audit_population', 'case_audit', 'case_audit_grade', 'audit_action'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['audit_sample', 'case_audit', 'audit_action'] LOOP
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.id AND s.view = ''full''))', t, t);
    END LOOP;
END $$;
CREATE POLICY made ON audit_population FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL);
CREATE POLICY seen ON audit_population FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = audit_population.sample_id AND s.view = 'full'));
-- What is finished or excluded is not changed again, whatever the program does.
CREATE POLICY changed ON case_audit FOR UPDATE TO threshold_web
    USING (status IN ('drawn', 'given') AND EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = case_audit.id AND s.view = 'full'))
    WITH CHECK (true);
CREATE POLICY seen ON case_audit_grade FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = case_audit_grade.audit_id AND s.view = 'full'));
CREATE POLICY made ON case_audit_grade FOR INSERT TO threshold_web
    WITH CHECK (EXISTS (SELECT 1 FROM case_audit a WHERE a.id = case_audit_grade.audit_id AND a.status = 'given'));
CREATE POLICY gone ON case_audit_grade FOR DELETE TO threshold_web
    USING (EXISTS (SELECT 1 FROM case_audit a WHERE a.id = case_audit_grade.audit_id AND a.status = 'given'));
CREATE POLICY changed ON audit_action FOR UPDATE TO threshold_web
    USING (status = 'open' AND EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = audit_action.id AND s.view = 'full'))
    WITH CHECK (true);
GRANT UPDATE (status, auditor, auditor_name, given_at, due_on, facts, finished_at, summary, excluded_because, version)
    ON case_audit TO threshold_web;
GRANT DELETE ON case_audit_grade TO threshold_web;
GRANT UPDATE (status, ended_at, ended_by_name, note, version) ON audit_action TO threshold_web;

-- The cases a sample is drawn from, in order, for whoever leads the service or governs; what is restricted to named
-- users is marked. `closed`: closed in the period. `open`: open when the period ended.
CREATE FUNCTION audit_scope(in_basis text, in_from timestamptz, in_to timestamptz, in_team text, in_case_type text, in_locality text)
    RETURNS TABLE (id uuid, case_type text, team text, locality text, restricted boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    #variable_conflict use_column
    BEGIN
        IF app_user() IS NULL
           OR NOT ('governance' = ANY (app_scopes()) OR coalesce('team:' || in_team = ANY (app_scopes()), false)) THEN
            RAISE EXCEPTION 'not yours to audit' USING ERRCODE = '42501';
        END IF;
        RETURN QUERY
            SELECT c.id, c.case_type, c.team, f.locality, EXISTS (
                SELECT 1 FROM access a WHERE a.record_id = c.id AND a.effect = 'restrict' AND a.valid_from <= app_now()
                    AND (a.valid_until IS NULL OR a.valid_until > app_now()))
            FROM family_case c JOIN family f ON f.id = c.family_id
            WHERE (in_team IS NULL OR c.team = in_team) AND (in_case_type IS NULL OR c.case_type = in_case_type)
              AND (in_locality IS NULL OR f.locality = in_locality)
              AND CASE in_basis WHEN 'closed' THEN c.closed_at >= in_from AND c.closed_at < in_to
                                ELSE c.opened_at < in_to AND (c.closed_at IS NULL OR c.closed_at >= in_to) END
            ORDER BY c.id;
    END $$;
CREATE INDEX family_case_closed ON family_case (closed_at);

-- Whether somebody works or ever worked on a case, or on the allocation it rests on.
CREATE FUNCTION audit_worked_on(of_audit uuid, somebody uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = of_audit AND s.scope = ANY (app_scopes())) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        RETURN EXISTS (
            SELECT 1 FROM case_audit q JOIN family_case c ON c.id = q.case_id
            WHERE q.id = of_audit AND (c.lead_worker = somebody
                OR EXISTS (SELECT 1 FROM case_worker w WHERE w.case_id = c.id AND w.user_id = somebody)
                OR EXISTS (SELECT 1 FROM allocation_worker w WHERE w.allocation_id = c.allocation_id AND w.user_id = somebody)
                OR EXISTS (SELECT 1 FROM case_note n WHERE n.case_id = c.id AND n.recorded_by = somebody
                               AND n.kind <> 'management-oversight')));
    END $$;

-- What the record says of itself, for the audit to keep; and whom it is about.
CREATE FUNCTION audit_facts(of_audit uuid, at timestamptz) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE c family_case;
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = of_audit AND s.scope = ANY (app_scopes())) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        SELECT k.* INTO c FROM case_audit q JOIN family_case k ON k.id = q.case_id WHERE q.id = of_audit;
        -- What is said of the file is said of these people: it stands in their access logs, and what restricts them
        -- restricts it.
        PERFORM subject_add(array_agg(of_audit), array_agg(p.person_id))
            FROM (SELECT DISTINCT m.person_id FROM family_member m WHERE m.family_id = c.family_id) p;
        RETURN jsonb_build_object(
            'days_open', (coalesce(c.closed_at, at) AT TIME ZONE 'UTC')::date - (c.opened_at AT TIME ZONE 'UTC')::date,
            'engaged_in_time', (SELECT c.engaged_on <= (d.due_at AT TIME ZONE 'UTC')::date FROM deadline d
                                WHERE d.record_id = c.id AND d.code = 'case_engagement'),
            'assessment_in_time', (SELECT m.in_time FROM measurement m WHERE m.case_id = c.id AND m.point = 'initial'
                                       AND m.status = 'completed' AND m.corrects IS NULL LIMIT 1),
            'reviews', (SELECT count(*) FROM measurement m WHERE m.case_id = c.id AND m.point <> 'initial'
                            AND m.status = 'completed' AND m.corrects IS NULL),
            'reviews_in_time', (SELECT count(*) FROM measurement m WHERE m.case_id = c.id AND m.point <> 'initial'
                            AND m.status = 'completed' AND m.corrects IS NULL AND m.in_time),
            'notes', (SELECT count(*) FROM case_note n WHERE n.case_id = c.id AND n.corrects IS NULL),
            'notes_in_time', (SELECT count(*) FROM case_note n WHERE n.case_id = c.id AND n.corrects IS NULL AND n.in_time),
            'last_note_on', (SELECT (max(n.occurred_at) AT TIME ZONE 'UTC')::date FROM case_note n WHERE n.case_id = c.id),
            'child_seen', (SELECT count(*) FROM case_note n WHERE n.case_id = c.id AND n.child_seen),
            'oversight_notes', (SELECT count(*) FROM case_note n WHERE n.case_id = c.id AND n.kind = 'management-oversight'),
            'voices', (SELECT count(*) FROM family_voice v WHERE v.case_id = c.id),
            'child_voices', (SELECT count(*) FROM family_voice v WHERE v.case_id = c.id AND v.whose = 'child'),
            'meetings_held', (SELECT count(*) FROM team_around m WHERE m.case_id = c.id AND m.status = 'held'),
            'agencies', (SELECT count(*) FROM (
                SELECT p.agency FROM team_around_person p WHERE p.case_id = c.id AND p.attended AND p.agency IS NOT NULL
                UNION SELECT a.owner_agency FROM plan_action a WHERE a.case_id = c.id AND a.owner_agency IS NOT NULL) g),
            'goals', (SELECT count(*) FROM plan_goal g WHERE g.case_id = c.id),
            'goals_achieved', (SELECT count(*) FROM plan_goal g WHERE g.case_id = c.id AND g.status = 'achieved'));
    END $$;

-- The file, for its auditor alone and as long as the audit runs. It gives no sight of the case, and so no part in it.
CREATE FUNCTION audit_file(of_audit uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE c family_case;
    BEGIN
        SELECT k.* INTO c FROM case_audit q JOIN family_case k ON k.id = q.case_id
            WHERE q.id = of_audit AND q.status = 'given' AND q.auditor = app_user()
              AND EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = q.id AND s.scope = ANY (app_scopes()));
        IF c.id IS NULL THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        RETURN jsonb_build_object(
            'opened_at', c.opened_at, 'engaged_on', c.engaged_on, 'closed_at', c.closed_at, 'lead_worker', c.lead_worker_name,
            'outcome', (SELECT e.outcome FROM case_ending e WHERE e.case_id = c.id),
            'closing_summary', (SELECT e.summary FROM case_ending e WHERE e.case_id = c.id),
            'members', coalesce((SELECT jsonb_agg(jsonb_build_object('role', m.role, 'given_name', p.given_name,
                    'birth_date', p.birth_date) ORDER BY m.from_date, m.id)
                FROM family_member m JOIN person p ON p.id = m.person_id WHERE m.family_id = c.family_id), '[]'),
            'measurements', coalesce((SELECT jsonb_agg(jsonb_build_object('point', m.point, 'measured_on', m.measured_on,
                    'in_time', m.in_time, 'working_well', m.working_well, 'worries', m.worries, 'next_steps', m.next_steps)
                    ORDER BY m.completed_at)
                FROM measurement m WHERE m.case_id = c.id AND m.status = 'completed'), '[]'),
            'goals', coalesce((SELECT jsonb_agg(jsonb_build_object('goal', g.goal, 'status', g.status, 'set_on', g.set_on,
                    'closed_on', g.closed_on) ORDER BY g.place) FROM plan_goal g WHERE g.case_id = c.id), '[]'),
            'actions', coalesce((SELECT jsonb_agg(jsonb_build_object('what', a.what, 'owner_kind', a.owner_kind,
                    'agency', a.owner_agency, 'due_on', a.due_on, 'status', a.status) ORDER BY a.proposed_at, a.id)
                FROM plan_action a WHERE a.case_id = c.id), '[]'),
            'meetings', coalesce((SELECT jsonb_agg(jsonb_build_object('starts_at', m.starts_at, 'status', m.status,
                    'discussed', m.discussed, 'decisions', to_jsonb(m.decisions),
                    'agencies', coalesce((SELECT jsonb_agg(DISTINCT p.agency) FROM team_around_person p
                        WHERE p.meeting_id = m.id AND p.attended AND p.agency IS NOT NULL), '[]')) ORDER BY m.starts_at, m.id)
                FROM team_around m WHERE m.case_id = c.id), '[]'),
            'voices', coalesce((SELECT jsonb_agg(jsonb_build_object('said_on', v.said_on, 'whose', v.whose, 'about', v.about,
                    'words', v.words) ORDER BY v.said_on, v.id) FROM family_voice v WHERE v.case_id = c.id), '[]'),
            'notes', coalesce((SELECT jsonb_agg(jsonb_build_object('occurred_at', n.occurred_at, 'kind', n.kind, 'words', n.words,
                    'child_seen', n.child_seen, 'recorded_at', n.recorded_at, 'recorded_by', n.recorded_by_name,
                    'in_time', n.in_time) ORDER BY n.occurred_at, n.id)
                FROM (SELECT * FROM case_note x WHERE x.case_id = c.id ORDER BY x.occurred_at DESC, x.id DESC LIMIT 1000) n), '[]'));
    END $$;

CREATE POLICY audited ON case_audit FOR SELECT TO access_reader USING (true);
CREATE POLICY audited ON case_note FOR SELECT TO access_reader USING (true);
CREATE POLICY audited ON family_voice FOR SELECT TO access_reader USING (true);
CREATE POLICY audited ON team_around_person FOR SELECT TO access_reader USING (true);
GRANT SELECT ON case_audit, case_note, family_voice, team_around_person TO access_reader;
ALTER FUNCTION audit_scope(text, timestamptz, timestamptz, text, text, text) OWNER TO access_reader;
ALTER FUNCTION audit_worked_on(uuid, uuid) OWNER TO access_reader;
ALTER FUNCTION audit_facts(uuid, timestamptz) OWNER TO access_reader;
ALTER FUNCTION audit_file(uuid) OWNER TO access_reader;

INSERT INTO clock (code, label, whose) VALUES
    -- The auditor's own.
    ('case_audit', 'Audit of a case file', '{}'),
    ('audit_action', 'Action from an audit', ARRAY['team']);
INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified) VALUES
    ('case_audit', 0, 168, 4, ARRAY['user'], 'case-audits', 'practice; how often is each county''s own', false),
    ('audit_action', 0, 168, 4, ARRAY['user', 'team'], 'audit-actions', 'practice; how often is each county''s own', false);

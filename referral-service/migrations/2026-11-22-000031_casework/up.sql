-- What is in a case's file: the plan the family signs, the actions of it (some of them other
-- agencies'), the meetings of the team around the family, and the notes.
--
-- All of it is the case's working team's, by the case's own scopes; but for an action, which is a
-- record of its own: the agency that is asked sees the action, and of the family no more than was
-- stated on it. Notes are never changed or deleted: the service role may only add them.

CREATE TABLE plan (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL UNIQUE REFERENCES family_case,
    made_at timestamptz NOT NULL,
    made_by_name text NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE plan_goal (
    id uuid PRIMARY KEY,
    plan_id uuid NOT NULL REFERENCES plan,
    case_id uuid NOT NULL REFERENCES family_case,
    place smallint NOT NULL,
    goal text NOT NULL,
    need text COLLATE "C",
    person_id uuid REFERENCES person,
    set_on date NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('open', 'achieved', 'partly_achieved', 'not_achieved', 'dropped')),
    closed_on date CHECK (closed_on >= set_on),
    note text,
    UNIQUE (plan_id, place),
    CHECK ((status = 'open') = (closed_on IS NULL))
);
CREATE INDEX plan_goal_case ON plan_goal (case_id);
CREATE INDEX plan_goal_person ON plan_goal (person_id);

-- Who of the family signed the plan, and which version of it.
CREATE TABLE plan_signature (
    id uuid PRIMARY KEY,
    plan_id uuid NOT NULL REFERENCES plan,
    case_id uuid NOT NULL REFERENCES family_case,
    person_id uuid NOT NULL REFERENCES person,
    signed_on date NOT NULL,
    plan_version bigint NOT NULL,
    UNIQUE (plan_id, person_id, plan_version)
);
CREATE INDEX plan_signature_case ON plan_signature (case_id);
CREATE INDEX plan_signature_person ON plan_signature (person_id);

-- The team around the family.
CREATE TABLE team_around (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES family_case,
    status text COLLATE "C" NOT NULL CHECK (status IN ('planned', 'held', 'cancelled')),
    starts_at timestamptz NOT NULL,
    place text,
    chair text NOT NULL,
    discussed text,
    decisions text[] NOT NULL,
    next_on date,
    cancelled_because text,
    recorded_at timestamptz,
    version bigint NOT NULL,
    CHECK ((status = 'held') = (discussed IS NOT NULL)),
    CHECK ((status = 'cancelled') = (cancelled_because IS NOT NULL))
);
CREATE INDEX team_around_case ON team_around (case_id, starts_at DESC, id DESC);

CREATE TABLE team_around_person (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES team_around,
    case_id uuid NOT NULL REFERENCES family_case,
    place smallint NOT NULL,
    person_id uuid REFERENCES person,
    name text,
    agency text COLLATE "C",
    role text,
    invited boolean NOT NULL,
    attended boolean,
    CHECK ((person_id IS NULL) <> (agency IS NULL)),
    UNIQUE (meeting_id, place)
);
CREATE INDEX team_around_person_case ON team_around_person (case_id);
CREATE INDEX team_around_person_person ON team_around_person (person_id);

-- An action of the plan, or of a meeting, as whoever is to do it sees it.
CREATE TABLE plan_action (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES family_case,
    goal_id uuid REFERENCES plan_goal,
    meeting_id uuid REFERENCES team_around,
    -- Copied, because whoever is asked does not see the case.
    family_id uuid NOT NULL REFERENCES family,
    family_reference text COLLATE "C" NOT NULL,
    case_type text COLLATE "C" NOT NULL,
    team text COLLATE "C" NOT NULL,
    locality text COLLATE "C",
    what text NOT NULL,
    -- Whom it concerns and where, as far as it was stated: a copy of what was shared on that day.
    concerns_person uuid REFERENCES person,
    concerns_name text,
    concerns_birth_date date,
    concerns_address text,
    owner_kind text COLLATE "C" NOT NULL CHECK (owner_kind IN ('worker', 'agency', 'family')),
    owner_agency text COLLATE "C",
    owner_user uuid,
    owner_person uuid REFERENCES person,
    owner_name text,
    due_on date NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('proposed', 'accepted', 'declined', 'completed', 'cancelled')),
    proposed_at timestamptz NOT NULL,
    proposed_by_name text NOT NULL,
    answered_at timestamptz,
    ended_at timestamptz,
    version bigint NOT NULL,
    CHECK ((owner_kind = 'agency') = (owner_agency IS NOT NULL)),
    CHECK ((owner_kind = 'worker') = (owner_user IS NOT NULL)),
    CHECK ((owner_kind = 'family') = (owner_person IS NOT NULL)),
    CHECK ((status IN ('declined', 'completed', 'cancelled')) = (ended_at IS NOT NULL))
);
CREATE INDEX plan_action_case ON plan_action (case_id, proposed_at DESC, id DESC);
CREATE INDEX plan_action_family ON plan_action (family_id);
CREATE INDEX plan_action_goal ON plan_action (goal_id);
CREATE INDEX plan_action_meeting ON plan_action (meeting_id);
CREATE INDEX plan_action_concerns ON plan_action (concerns_person);
CREATE INDEX plan_action_owner ON plan_action (owner_person);

-- What was answered to an action, by whom, and in which words.
CREATE TABLE plan_action_history (
    id uuid PRIMARY KEY,
    action_id uuid NOT NULL REFERENCES plan_action,
    at timestamptz NOT NULL,
    who text NOT NULL,
    agency text COLLATE "C" NOT NULL,
    what text COLLATE "C" NOT NULL,
    words text,
    -- How it was told, where the case's team records the owner's answer.
    told_by text
);
CREATE INDEX plan_action_history_action ON plan_action_history (action_id, at, id);

CREATE TABLE case_note (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES family_case,
    occurred_at timestamptz NOT NULL,
    kind text COLLATE "C" NOT NULL,
    words text NOT NULL,
    child_seen boolean,
    seen_alone boolean,
    corrects uuid REFERENCES case_note,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_by_name text NOT NULL,
    in_time boolean
);
CREATE INDEX case_note_case ON case_note (case_id, occurred_at DESC, id DESC);
CREATE INDEX case_note_kind ON case_note (case_id, kind, occurred_at DESC, id DESC);
CREATE INDEX case_note_corrects ON case_note (corrects);

CREATE TABLE case_note_seen (
    note_id uuid NOT NULL REFERENCES case_note,
    case_id uuid NOT NULL REFERENCES family_case,
    person_id uuid NOT NULL REFERENCES person,
    PRIMARY KEY (note_id, person_id)
);
CREATE INDEX case_note_seen_case ON case_note_seen (case_id);
CREATE INDEX case_note_seen_person ON case_note_seen (person_id);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['plan', 'plan_goal', 'plan_signature', 'team_around', 'team_around_person',
                             'plan_action', 'plan_action_history', 'case_note', 'case_note_seen'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
    -- Who adds to a case's file sees the case whole.
    FOREACH t IN ARRAY ARRAY['plan', 'plan_goal', 'plan_signature', 'team_around', 'team_around_person',
                             'plan_action', 'case_note', 'case_note_seen'] LOOP
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.case_id AND s.view = ''full''))', t, t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['plan', 'plan_goal', 'plan_signature', 'team_around', 'team_around_person',
                             'case_note', 'case_note_seen'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.case_id AND s.view = ''full''))', t, t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['plan', 'plan_goal', 'team_around', 'team_around_person'] LOOP
        EXECUTE format('CREATE POLICY changed ON %I FOR UPDATE TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.case_id AND s.view = ''full''))', t, t);
    END LOOP;
END $$;

CREATE POLICY seen ON plan_action FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = plan_action.id AND s.view = 'full'));
CREATE POLICY changed ON plan_action FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = plan_action.id AND s.view = 'full'));
CREATE POLICY made ON plan_action_history FOR INSERT TO threshold_web
    WITH CHECK (EXISTS (SELECT 1 FROM plan_action a WHERE a.id = plan_action_history.action_id));
CREATE POLICY seen ON plan_action_history FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM plan_action a WHERE a.id = plan_action_history.action_id));
CREATE POLICY reader ON plan_action FOR SELECT TO access_reader USING (true);
GRANT SELECT ON plan_action TO access_reader;

GRANT UPDATE (version) ON plan TO threshold_web;
GRANT UPDATE (status, closed_on, note) ON plan_goal TO threshold_web;
GRANT UPDATE (status, answered_at, ended_at, version) ON plan_action TO threshold_web;
GRANT UPDATE (status, starts_at, discussed, decisions, next_on, cancelled_because, recorded_at, version) ON team_around TO threshold_web;
GRANT UPDATE (attended) ON team_around_person TO threshold_web;

-- Whoever comes to a case sees the actions of it that are there already, and whoever has no part
-- in it any more sees them no longer, but for their own.
CREATE FUNCTION case_follow(of_case uuid, to_scope text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM record_scope s
                       WHERE s.record_id = of_case AND s.view = 'full' AND s.scope = ANY (app_scopes())) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
            SELECT a.id, 'action', to_scope, 'full', a.status, a.proposed_at FROM plan_action a WHERE a.case_id = of_case
            ON CONFLICT (record_id, scope) DO UPDATE SET view = 'full';
    END $$;
ALTER FUNCTION case_follow(uuid, text) OWNER TO access_reader;

CREATE FUNCTION case_unfollow(of_case uuid, from_scope text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM record_scope s
                       WHERE s.record_id = of_case AND s.view = 'full' AND s.scope = ANY (app_scopes())) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        DELETE FROM record_scope s USING plan_action a
            WHERE a.case_id = of_case AND s.record_id = a.id AND s.scope = from_scope
              AND from_scope <> 'user:' || coalesce(a.owner_user::text, '');
    END $$;
ALTER FUNCTION case_unfollow(uuid, text) OWNER TO access_reader;

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('plan_action_answer', '2013-04-01', 5, 'working_day', 'placeholder, to be set by the partnership', false),
    ('case_note', '2013-04-01', 5, 'working_day', 'placeholder, to be set by the partnership', false);

-- An action that is overdue, or that nobody has answered, is chased: whoever is to do it, and the case's team.
INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified) VALUES
    ('plan_action', 0, 72, 3, ARRAY['agency', 'team', 'user'], 'actions', 'practice; how often is each county''s own', false),
    ('plan_action_answer', 0, 72, 3, ARRAY['agency', 'team', 'user'], 'actions', 'practice; how often is each county''s own', false);

-- What the clocks of casework are called, and whose work they are.
INSERT INTO clock (code, label, whose) VALUES
    ('case_engagement', 'First engagement with a family', ARRAY['team']),
    ('family_assessment', 'Whole-family assessment', ARRAY['team']),
    ('family_review', 'Review of a family''s progress', ARRAY['team']),
    ('plan_action_answer', 'Answer to an action one was asked for', ARRAY['agency', 'team']),
    ('plan_action', 'Action of a family''s plan', ARRAY['agency', 'team'])
ON CONFLICT (code) DO NOTHING;
SELECT work_renew(ARRAY['case_engagement', 'family_assessment', 'family_review']);

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('note_kind', 'home-visit', 'Home visit', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('note_kind', 'visit-elsewhere', 'Visit somewhere else', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('note_kind', 'call', 'Telephone or video call', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('note_kind', 'message', 'Letter, e-mail or message', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('note_kind', 'meeting', 'Meeting', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('note_kind', 'direct-work', 'Direct work with a child', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('note_kind', 'management-oversight', 'Supervision and management oversight', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('note_kind', 'other', 'Other', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership');

-- What people say of the help they had: asked at the closure of a case, at the end of a group and of a brief
-- intervention, by questions that are rows with a date. Each person answers once on each occasion; a question
-- that was asked and passed over is kept as that, and counts in no base.
--
-- What a referrer is told of a referral is the table `feedback`; what a family says in its own words at the
-- closure is `case_exit.family_feedback` and the family's voices. This is neither.

CREATE TABLE feedback_question (
    code text COLLATE "C" NOT NULL,
    occasion text COLLATE "C" NOT NULL CHECK (occasion IN ('case_closure', 'group_end', 'brief_intervention')),
    place smallint NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('scale', 'yes_no', 'words')),
    text text NOT NULL,
    -- Of a scale from 1 to 5, from which answer on it is a positive one. `Yes` is the positive one of the two.
    positive_from smallint CHECK (positive_from BETWEEN 1 AND 5),
    asked_of text[] NOT NULL CHECK (asked_of <@ ARRAY['adult', 'child', 'professional'] AND asked_of <> '{}'),
    valid_from date NOT NULL,
    valid_to date,
    source text NOT NULL,
    verified boolean NOT NULL,
    PRIMARY KEY (code, occasion, valid_from),
    CHECK ((kind = 'scale') = (positive_from IS NOT NULL))
);
GRANT SELECT ON feedback_question TO threshold_web, threshold_worker;

CREATE TABLE feedback_given (
    id uuid PRIMARY KEY,
    occasion text COLLATE "C" NOT NULL CHECK (occasion IN ('case_closure', 'group_end', 'brief_intervention')),
    -- The case, the enrolment in a group, or the brief intervention: who sees it whole sees this.
    about uuid NOT NULL,
    -- The case, the group, or the brief intervention: what it is counted for.
    counted_for uuid NOT NULL,
    giver text COLLATE "C" NOT NULL CHECK (giver IN ('adult', 'child', 'professional')),
    person_id uuid REFERENCES person,
    -- Of a professional, who is nobody of the index.
    name text,
    agency text COLLATE "C",
    -- Tells one giver from another on one occasion.
    giver_key text COLLATE "C" NOT NULL,
    via text COLLATE "C" NOT NULL CHECK (via IN ('worker', 'directly')),
    given_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_by_name text NOT NULL,
    UNIQUE (about, giver_key),
    CHECK ((giver = 'professional') = (person_id IS NULL)),
    CHECK ((person_id IS NULL) = (name IS NOT NULL AND agency IS NOT NULL))
);
CREATE INDEX feedback_given_counted ON feedback_given (counted_for, given_on, id);
CREATE INDEX feedback_given_person ON feedback_given (person_id) WHERE person_id IS NOT NULL;

-- A line for each question that was asked; without an answer, if it was passed over.
CREATE TABLE feedback_answer (
    feedback_id uuid NOT NULL REFERENCES feedback_given,
    about uuid NOT NULL,
    place smallint NOT NULL,
    question text COLLATE "C" NOT NULL,
    text text NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('scale', 'yes_no', 'words')),
    scale smallint CHECK (scale BETWEEN 1 AND 5),
    yes boolean,
    words text,
    positive boolean,
    PRIMARY KEY (feedback_id, question),
    CHECK (num_nonnulls(scale, yes, words) <= 1),
    CHECK ((scale IS NULL OR kind = 'scale') AND (yes IS NULL OR kind = 'yes_no') AND (words IS NULL OR kind = 'words'))
);

INSERT INTO feedback_question (code, occasion, place, kind, text, positive_from, asked_of, valid_from, source, verified) VALUES
    ('positive-difference', 'case_closure', 1, 'yes_no', 'Has the support made a positive difference to your family?', NULL, '{adult,child}', '2013-04-01', 'Working list, unverified', false),
    ('felt-listened-to', 'case_closure', 2, 'scale', 'Did you feel listened to?', 4, '{adult,child}', '2013-04-01', 'Working list, unverified', false),
    ('confident-to-manage', 'case_closure', 3, 'scale', 'How confident are you that you will manage from here?', 4, '{adult}', '2013-04-01', 'Working list, unverified', false),
    ('would-recommend', 'case_closure', 4, 'yes_no', 'Would you tell another family to ask for this help?', NULL, '{adult}', '2013-04-01', 'Working list, unverified', false),
    ('worked-together', 'case_closure', 5, 'scale', 'How well did the service work together with yours?', 4, '{professional}', '2013-04-01', 'Working list, unverified', false),
    ('what-helped', 'case_closure', 6, 'words', 'What helped most, and what should be different?', NULL, '{adult,child,professional}', '2013-04-01', 'Working list, unverified', false),
    ('positive-difference', 'group_end', 1, 'yes_no', 'Has the group made a positive difference to you?', NULL, '{adult,child}', '2013-04-01', 'Working list, unverified', false),
    ('learned-something', 'group_end', 2, 'scale', 'Did you learn something that you use at home?', 4, '{adult}', '2013-04-01', 'Working list, unverified', false),
    ('felt-welcome', 'group_end', 3, 'scale', 'Did you feel welcome?', 4, '{adult,child}', '2013-04-01', 'Working list, unverified', false),
    ('would-recommend', 'group_end', 4, 'yes_no', 'Would you tell others to come?', NULL, '{adult,child}', '2013-04-01', 'Working list, unverified', false),
    ('what-helped', 'group_end', 5, 'words', 'What helped most, and what should be different?', NULL, '{adult,child,professional}', '2013-04-01', 'Working list, unverified', false),
    ('positive-difference', 'brief_intervention', 1, 'yes_no', 'Has the support made a positive difference?', NULL, '{adult,child}', '2013-04-01', 'Working list, unverified', false),
    ('felt-listened-to', 'brief_intervention', 2, 'scale', 'Did you feel listened to?', 4, '{adult,child}', '2013-04-01', 'Working list, unverified', false),
    ('worked-together', 'brief_intervention', 3, 'scale', 'How well did the service work together with yours?', 4, '{professional}', '2013-04-01', 'Working list, unverified', false),
    ('what-helped', 'brief_intervention', 4, 'words', 'What helped most, and what should be different?', NULL, '{adult,child,professional}', '2013-04-01', 'Working list, unverified', false);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['feedback_given', 'feedback_answer'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.about AND s.view = ''full''))', t, t);
    END LOOP;
END $$;

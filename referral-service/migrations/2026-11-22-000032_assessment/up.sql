-- What is measured of a family at its assessment, at each review and at closure: where it stands on
-- the ladder, and an answer to each question the county counts. Both the ladder and the questions
-- are data, dated, so that a partnership can put its own (or a licensed tool's) in their place.
--
-- A measurement is a draft until it is completed. What is completed is never changed: a correction is
-- a new measurement that says what it corrects and why. All of it is the working team's (full view of
-- the case), so it needs no scopes of its own.

CREATE TABLE ladder (
    code text COLLATE "C" NOT NULL,
    version smallint NOT NULL,
    label text NOT NULL,
    lowest smallint NOT NULL,
    highest smallint NOT NULL CHECK (highest > lowest),
    valid_from date NOT NULL,
    valid_to date,
    source text NOT NULL,
    verified boolean NOT NULL,
    PRIMARY KEY (code, version)
);

CREATE TABLE ladder_area (
    code text COLLATE "C" NOT NULL,
    version smallint NOT NULL,
    area text COLLATE "C" NOT NULL,
    place smallint NOT NULL,
    label text NOT NULL,
    about text NOT NULL,
    -- Where the county's report counts it.
    counted_at text NOT NULL,
    PRIMARY KEY (code, version, area),
    UNIQUE (code, version, place),
    FOREIGN KEY (code, version) REFERENCES ladder
);

CREATE TABLE ladder_stage (
    code text COLLATE "C" NOT NULL,
    version smallint NOT NULL,
    stage text COLLATE "C" NOT NULL,
    place smallint NOT NULL,
    label text NOT NULL,
    about text NOT NULL,
    from_point smallint NOT NULL,
    to_point smallint NOT NULL CHECK (to_point >= from_point),
    little_or_no_support boolean NOT NULL,
    PRIMARY KEY (code, version, stage),
    UNIQUE (code, version, place),
    FOREIGN KEY (code, version) REFERENCES ladder
);

CREATE TABLE issue_question (
    code text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL CHECK (subject IN ('family', 'individual', 'adult', 'child')),
    answer_type text COLLATE "C" NOT NULL CHECK (answer_type IN
        ('yes_no', 'percentage', 'count', 'money', 'debt', 'coded', 'date')),
    label text NOT NULL,
    -- The area of life it belongs to, as the report orders them; none for what runs through all.
    area text COLLATE "C",
    -- Of a coded question the set of its codes; of a debt the set of its kinds.
    choices text COLLATE "C",
    -- Whether one subject may have several answers: debts, benefits.
    several boolean NOT NULL,
    -- Which answers are an issue: `yes` or `no`, codes, `above_zero`, `any`, or the threshold below
    -- which a percentage is one. Empty: the answer is a fact, not an issue.
    issue_when text[] NOT NULL,
    -- Where it is counted, each line; docs/issues.md says how.
    counted_at text[] NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    source text NOT NULL,
    -- Whether the county was seen to count it; if not, it is what practice asks, to be agreed.
    verified boolean NOT NULL,
    PRIMARY KEY (code, valid_from)
);

CREATE TABLE issue_threshold (
    question text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    label text NOT NULL,
    at_least double precision NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    source text NOT NULL,
    verified boolean NOT NULL,
    PRIMARY KEY (question, code, valid_from)
);

CREATE TABLE measurement (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES family_case,
    family_id uuid NOT NULL REFERENCES family,
    point text COLLATE "C" NOT NULL CHECK (point IN ('initial', 'review', 'closure')),
    status text COLLATE "C" NOT NULL CHECK (status IN ('draft', 'completed', 'discarded')),
    ladder text COLLATE "C" NOT NULL,
    ladder_version smallint NOT NULL,
    started_at timestamptz NOT NULL,
    started_by uuid NOT NULL,
    started_by_name text NOT NULL,
    -- What a draft says so far; what a completed one says is in columns and tables.
    draft jsonb,
    -- The day it was done with the family.
    measured_on date,
    completed_at timestamptz,
    completed_by uuid,
    completed_by_name text,
    due_at timestamptz,
    in_time boolean,
    working_well text,
    worries text,
    next_steps text,
    corrects uuid UNIQUE REFERENCES measurement,
    correction_reason text,
    version bigint NOT NULL,
    FOREIGN KEY (ladder, ladder_version) REFERENCES ladder,
    CHECK ((status = 'draft') = (draft IS NOT NULL)),
    CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
    CHECK ((completed_at IS NULL) = (measured_on IS NULL)),
    CHECK ((completed_at IS NULL) = (completed_by_name IS NULL)),
    CHECK ((corrects IS NULL) = (correction_reason IS NULL))
);
CREATE INDEX measurement_case ON measurement (case_id, started_at);
CREATE INDEX measurement_family ON measurement (family_id);
-- One point is measured at a time, a case is assessed once and closed once; whatever two workers
-- do at the same moment.
CREATE UNIQUE INDEX measurement_draft ON measurement (case_id) WHERE status = 'draft' AND corrects IS NULL;
CREATE UNIQUE INDEX measurement_once ON measurement (case_id, point)
    WHERE point IN ('initial', 'closure') AND status <> 'discarded' AND corrects IS NULL;

CREATE TABLE measurement_score (
    measurement_id uuid NOT NULL REFERENCES measurement,
    case_id uuid NOT NULL REFERENCES family_case,
    area text COLLATE "C" NOT NULL,
    score smallint,
    not_applicable text,
    PRIMARY KEY (measurement_id, area),
    CHECK ((score IS NULL) <> (not_applicable IS NULL))
);
CREATE INDEX measurement_score_case ON measurement_score (case_id);

CREATE TABLE issue_answer (
    id uuid PRIMARY KEY,
    measurement_id uuid NOT NULL REFERENCES measurement,
    case_id uuid NOT NULL REFERENCES family_case,
    place smallint NOT NULL,
    question text COLLATE "C" NOT NULL,
    person_id uuid REFERENCES person,
    not_known boolean NOT NULL,
    yes boolean,
    percentage double precision CHECK (percentage BETWEEN 0 AND 100),
    amount_pence bigint CHECK (amount_pence >= 0),
    count integer CHECK (count >= 0),
    choice text COLLATE "C",
    day date,
    period_from date,
    period_to date CHECK (period_to >= period_from),
    creditor text,
    plan text COLLATE "C",
    instalment_pence bigint CHECK (instalment_pence >= 0),
    clear_by date,
    UNIQUE (measurement_id, place),
    CHECK (not_known = (num_nonnulls(yes, percentage, amount_pence, count, choice, day) = 0))
);
CREATE INDEX issue_answer_case ON issue_answer (case_id);
CREATE INDEX issue_answer_person ON issue_answer (person_id);

-- Who took part: members of the family, and people of other agencies.
CREATE TABLE measurement_participant (
    measurement_id uuid NOT NULL REFERENCES measurement,
    case_id uuid NOT NULL REFERENCES family_case,
    place smallint NOT NULL,
    person_id uuid REFERENCES person,
    name text,
    agency text,
    PRIMARY KEY (measurement_id, place),
    CHECK ((person_id IS NULL) <> (name IS NULL))
);
CREATE INDEX measurement_participant_case ON measurement_participant (case_id);
CREATE INDEX measurement_participant_person ON measurement_participant (person_id);

-- What the family said, in its own words: at a measurement, at closure, or at any time.
CREATE TABLE family_voice (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES family_case,
    family_id uuid NOT NULL REFERENCES family,
    measurement_id uuid REFERENCES measurement,
    said_on date NOT NULL,
    whose text COLLATE "C" NOT NULL CHECK (whose IN ('child', 'parent', 'carer', 'family', 'partner_agency')),
    person_id uuid REFERENCES person,
    about text COLLATE "C" NOT NULL,
    words text NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_by_name text NOT NULL
);
CREATE INDEX family_voice_case ON family_voice (case_id, said_on);
CREATE INDEX family_voice_family ON family_voice (family_id);
CREATE INDEX family_voice_measurement ON family_voice (measurement_id);
CREATE INDEX family_voice_person ON family_voice (person_id);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['measurement', 'measurement_score', 'issue_answer', 'measurement_participant', 'family_voice'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.case_id AND s.view = ''full''))', t, t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
END $$;
-- Only a draft is changed, and by that it may cease to be one.
CREATE POLICY drafted ON measurement FOR UPDATE TO threshold_web
    USING (status = 'draft' AND EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = measurement.case_id AND s.view = 'full'))
    WITH CHECK (true);
GRANT UPDATE (status, draft, ladder, ladder_version, measured_on, completed_at, completed_by, completed_by_name, due_at,
              in_time, working_well, worries, next_steps, version) ON measurement TO threshold_web;
GRANT SELECT ON ladder, ladder_area, ladder_stage, issue_question, issue_threshold TO threshold_web, threshold_worker;

INSERT INTO ladder (code, version, label, lowest, highest, valid_from, source, verified) VALUES
    ('outcome-ladder', 1, 'Outcome ladder', 1, 10, '2013-04-01',
     'ten areas, a ten-point scale and five stages as in the county''s annual report 2015/16; the wording is our own, and where one stage ends and the next begins was only shown there as a picture', false);

INSERT INTO ladder_area (code, version, area, place, label, about, counted_at) VALUES
    ('outcome-ladder', 1, 'health', 1, 'Keeping well', 'The children''s health is looked after: doctor, dentist, food, sleep, movement.', 'annual report 2015/16: Physical health'),
    ('outcome-ladder', 1, 'coping', 2, 'How the parents cope', 'The parents'' own feelings and strength, and what weighs on them.', 'annual report 2015/16: Your well-being'),
    ('outcome-ladder', 1, 'closeness', 3, 'Warmth and closeness', 'The children are listened to, comforted and encouraged.', 'annual report 2015/16: Meeting emotional needs'),
    ('outcome-ladder', 1, 'safety', 4, 'Safety', 'The children are watched over and safe, at home, outside and online.', 'annual report 2015/16: Keeping your children safe'),
    ('outcome-ladder', 1, 'people-around', 5, 'People around the family', 'Friends, relatives and neighbours the family can turn to; the children have friends.', 'annual report 2015/16: Social networks'),
    ('outcome-ladder', 1, 'learning', 6, 'Learning', 'The children learn and play as fits their age and go to school; the older ones have plans.', 'annual report 2015/16: Education and learning'),
    ('outcome-ladder', 1, 'limits', 7, 'Limits and behaviour', 'Everyone knows what is expected, and the parents hold to it calmly.', 'annual report 2015/16: Boundaries and behaviour'),
    ('outcome-ladder', 1, 'everyday-life', 8, 'Everyday life', 'Days have an order: getting up, meals, clothes, a home clean enough, time together.', 'annual report 2015/16: Family routine'),
    ('outcome-ladder', 1, 'housing-and-income', 9, 'Housing and income', 'A home that is secure and large enough, and money that lasts.', 'annual report 2015/16: Home and money'),
    ('outcome-ladder', 1, 'towards-work', 10, 'Towards work', 'The parents prepare for work, look for it, or have it.', 'annual report 2015/16: Progress to work');

INSERT INTO ladder_stage (code, version, stage, place, label, about, from_point, to_point, little_or_no_support) VALUES
    ('outcome-ladder', 1, 'not-started', 1, 'Not started', 'The difficulty is not seen yet, or help with it is not wanted.', 1, 2, false),
    ('outcome-ladder', 1, 'letting-help-in', 2, 'Letting help in', 'The family wants something to change and lets others help.', 3, 4, false),
    ('outcome-ladder', 1, 'making-changes', 3, 'Making changes', 'The family tries things out, with support.', 5, 6, false),
    ('outcome-ladder', 1, 'mostly-managing', 4, 'Mostly managing', 'Most of it works, with now and then a word from outside.', 7, 8, true),
    ('outcome-ladder', 1, 'managing', 5, 'Managing', 'It works without support from services.', 9, 10, true);

INSERT INTO issue_threshold (question, code, label, at_least, valid_from, source, verified) VALUES
    ('school_attendance', 'attendance_85', 'At least 85 % attendance', 85, '2013-04-01', 'annual report 2015/16, Education and learning: "at least 85% attendance"', true),
    ('school_attendance', 'attendance_90', 'At least 90 % attendance', 90, '2015-04-01', 'the national programme from 2015; its text was not seen', false);

INSERT INTO issue_question (code, subject, answer_type, label, area, choices, several, issue_when, counted_at, valid_from, source, verified) VALUES
    ('gp_registered', 'family', 'yes_no', 'Is everyone in the family registered with a GP?', 'health', NULL, false, ARRAY['no']::text[], ARRAY['annual report 2015/16, 1 Physical health: families not registered with a GP, and registered on closure']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('dentist_registered', 'family', 'yes_no', 'Is the family registered with a dentist?', 'health', NULL, false, ARRAY['no']::text[], ARRAY['annual report 2015/16, 1 Physical health: 33 families not registered with a dentist, 26 registered on closure']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('healthy_lifestyle_issues', 'family', 'yes_no', 'Does the family have issues with a healthy lifestyle (food, movement, sleep)?', 'health', NULL, false, ARRAY['yes']::text[], ARRAY['performance report January 2014, paragraph 11: healthy lifestyle issues (73 %)']::text[], '2013-04-01', 'performance monitoring report to the scrutiny committee, January 2014', true),
    ('negative_lifestyle_factors', 'individual', 'yes_no', 'Are there negative factors in how the person lives?', 'health', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 1 Physical health: 415 individuals, 92 no longer at the last review']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('developmental_concerns', 'child', 'yes_no', 'Are there concerns about the child''s development?', 'health', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 1 Physical health: 130 children, 24 no longer a concern']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('alcohol_misuse', 'individual', 'yes_no', 'Is alcohol a problem for the person?', 'health', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 1 Physical health: 26 individuals, 18 on closure']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('drug_misuse', 'individual', 'yes_no', 'Are drugs a problem for the person?', 'health', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, case study 3']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('long_term_health_condition', 'individual', 'yes_no', 'Does the person live with a long-term condition of body?', 'health', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, case studies 4 and 7']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('last_seen_by_dentist_on', 'individual', 'date', 'When was the person last seen by a dentist?', 'health', NULL, false, ARRAY[]::text[], ARRAY['annual report 2015/16, case study 7: the first appointment in five years']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('domestic_abuse_victim', 'individual', 'yes_no', 'Is the person a victim of domestic abuse at present?', 'coping', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 2 Your well-being: 36 individuals, 16 at the final review']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('domestic_abuse_perpetrator', 'individual', 'yes_no', 'Does the person abuse a partner or relative at present?', 'coping', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, case study 3']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('lack_of_confidence', 'individual', 'yes_no', 'Does the person lack confidence or self-esteem?', 'coping', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 2 Your well-being: 1 in 5 no longer at the final review']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('lack_of_motivation', 'individual', 'yes_no', 'Does the person lack motivation?', 'coping', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 2 Your well-being: 85 individuals, 27 no longer at the final review']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('mental_health_difficulties', 'individual', 'yes_no', 'Does the person have difficulties of mental health?', 'coping', NULL, false, ARRAY['yes']::text[], ARRAY['performance report January 2014, paragraph 21: many with mental health issues']::text[], '2013-04-01', 'performance monitoring report to the scrutiny committee, January 2014', true),
    ('mental_health_diagnosis', 'individual', 'yes_no', 'Has the person a diagnosis of mental health?', 'coping', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, case study 1']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('mental_health_support', 'individual', 'yes_no', 'Does the person have the support for mental health that they need?', 'coping', NULL, false, ARRAY['no']::text[], ARRAY['annual report 2015/16, case studies 1, 2 and 4']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('difficulties_looking_after_children', 'family', 'yes_no', 'Are there difficulties in looking after the children?', 'closeness', NULL, false, ARRAY['yes']::text[], ARRAY['performance report January 2014, paragraph 11: difficulties in looking after children (87 %)']::text[], '2013-04-01', 'performance monitoring report to the scrutiny committee, January 2014', true),
    ('family_breakdown_risk', 'family', 'yes_no', 'Is the family at risk of breaking apart, or a child of coming into care?', 'closeness', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, case studies 3 and 7']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('social_care_status', 'child', 'coded', 'Where does the child stand with children''s social care?', 'safety', 'social_care_status', false, ARRAY['child-in-need', 'child-protection-plan', 'looked-after']::text[], ARRAY['annual report 2015/16, introduction: children who need help, the third of the six problems']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('missing_episodes', 'child', 'count', 'How often did the child go missing?', 'safety', NULL, false, ARRAY['above_zero']::text[], ARRAY['annual report 2015/16, case studies 5 and 6']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('sexual_exploitation_risk', 'child', 'yes_no', 'Is the child at risk of sexual exploitation?', 'safety', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, case studies 5 and 6']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('bullying_victim', 'individual', 'yes_no', 'Is the person bullied?', 'safety', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 4 Keeping children safe: protecting the family from bullying']::text[], '2013-04-01', 'practice of casework; to be agreed by the partnership', false),
    ('police_callouts', 'family', 'count', 'How often were the police called to the family?', 'safety', NULL, false, ARRAY['above_zero']::text[], ARRAY['annual report 2015/16, case study 3: no further call-outs']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('limited_support_network', 'family', 'yes_no', 'Has the family no support, or little, from relatives and friends?', 'people-around', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 5 Social networks: 88 families, 20 no longer at the final review']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('lone_parent', 'family', 'yes_no', 'Does one parent bring up the children alone?', 'people-around', NULL, false, ARRAY[]::text[], ARRAY['performance report January 2014, paragraph 21: over 50 % of families are lone parents']::text[], '2013-04-01', 'performance monitoring report to the scrutiny committee, January 2014', true),
    ('school_attendance', 'child', 'percentage', 'How much of the school time did the child attend?', 'learning', NULL, false, ARRAY['attendance_85']::text[], ARRAY['annual report 2015/16, 6 Education and learning: 100 children below 85 %, 49 above it by closure', 'annual report 2015/16, case studies 5 (29 to 79 %) and 7 (26.6 to 61 %)']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('school_behaviour', 'child', 'yes_no', 'Has the child problems of behaviour at school?', 'learning', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 6 Education and learning: 117 children, 41 % no longer at closure']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('late_for_school', 'child', 'yes_no', 'Is the child often late for school?', 'learning', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, case study 4']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('special_needs', 'child', 'coded', 'Has the child special educational needs or a disability?', 'learning', 'special_needs', false, ARRAY[]::text[], ARRAY['appendix on early help services 2017, paragraph 6: 40 % of families have children with special educational needs or disabilities', 'annual report 2015/16, case study 7']::text[], '2013-04-01', 'appendix on early help services, 2017', true),
    ('not_in_education_or_work', 'individual', 'yes_no', 'Is the young person (16 or over) neither in education, training nor work?', 'learning', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, case study 6: classed as NEET']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('everyday_routine_missing', 'family', 'yes_no', 'Does everyday life lack an order the children can rely on?', 'everyday-life', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, case study 4']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('violent_behaviour', 'child', 'yes_no', 'Does the child behave violently or aggressively?', 'limits', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 8 Boundaries and behaviour: 116 children, one third fewer at the final review', 'performance report January 2014, paragraph 11: child with violent or aggressive behaviour in the household (61 %)']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('bullying_within_household', 'individual', 'yes_no', 'Does the person bully others in the household?', 'limits', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 8 Boundaries and behaviour: 23 individuals, 13 no longer at closure']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('bullying_outside_household', 'individual', 'yes_no', 'Does the person bully others outside the household?', 'limits', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 8 Boundaries and behaviour: 9 individuals, none at closure']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('crime_or_antisocial_behaviour', 'individual', 'yes_no', 'Is the person involved in crime or anti-social behaviour?', 'limits', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, introduction: the first of the six problems', 'annual report 2015/16, case study 5']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('homelessness_risk', 'family', 'yes_no', 'Is the family at risk of losing its home?', 'housing-and-income', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 9 Home and money: 24 families, 20 no longer at closure']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('rent_arrears', 'family', 'yes_no', 'Is the family in rent arrears?', 'housing-and-income', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 9 Home and money: 55 families, 18 no longer at closure']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('financial_difficulties', 'family', 'yes_no', 'Has the family financial difficulties?', 'housing-and-income', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 9 Home and money: 110 of 186 families, 25 no longer at closure', 'performance report January 2014, paragraph 11: family has financial difficulties (65 %)']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('benefit_reliance', 'family', 'coded', 'How far does the family live on benefits?', 'housing-and-income', 'benefit_reliance', false, ARRAY['heavily', 'solely']::text[], ARRAY['annual report 2015/16, 9 Home and money: 127 of 186 families heavily or solely reliant, 14 no longer at closure', 'performance report January 2014, paragraph 11: heavily or solely reliant on state benefits (71 %)']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('benefits_right', 'family', 'yes_no', 'Does the family receive the benefits it is entitled to?', 'housing-and-income', NULL, false, ARRAY['no']::text[], ARRAY['annual report 2015/16, case studies 1 and 4']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('debt', 'family', 'debt', 'What does the family owe, and to whom?', 'housing-and-income', 'debt', true, ARRAY['any']::text[], ARRAY['annual report 2015/16, case study 1: two debts, 2,642 and 1,082 pounds', 'performance report January 2014, paragraph 14: debt reduction']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('monthly_income', 'family', 'money', 'What does the family live on in a month?', 'housing-and-income', NULL, false, ARRAY[]::text[], ARRAY['annual report 2015/16, case study 1: 400 pounds a month']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('home_unsuitable', 'family', 'coded', 'What is wrong with the home?', 'housing-and-income', 'home_condition', true, ARRAY['overcrowded', 'damp-or-disrepair', 'unsafe', 'temporary']::text[], ARRAY['annual report 2015/16, case studies 1 and 4']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('court_or_eviction_action', 'family', 'yes_no', 'Is there action in court over debts or the home?', 'housing-and-income', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, case study 1']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('in_education_training_or_volunteering', 'adult', 'yes_no', 'Is the adult in training, education or volunteering?', 'towards-work', NULL, false, ARRAY['no']::text[], ARRAY['annual report 2015/16, 10 Progress to work: 262 adults not, 24 of them engaged at the final review']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('work_related_benefits', 'individual', 'yes_no', 'Does the person receive work-related benefits?', 'towards-work', NULL, false, ARRAY['yes']::text[], ARRAY['annual report 2015/16, 10 Progress to work: 22 of 148 individuals no longer at closure']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('in_employment', 'adult', 'yes_no', 'Is the adult in employment?', 'towards-work', NULL, false, ARRAY['no']::text[], ARRAY['annual report 2015/16, 10 Progress to work: 182 adults not, 18 in employment at closure']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true),
    ('employment_began_on', 'adult', 'date', 'When did the employment begin?', 'towards-work', NULL, false, ARRAY[]::text[], ARRAY['annual report 2015/16, case study 2', 'position statement June 2017: 319 in continuous employment']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('benefit_received', 'adult', 'coded', 'Which benefits does the adult receive?', 'towards-work', 'benefit', true, ARRAY[]::text[], ARRAY['annual report 2015/16, case studies 1, 2 and 4']::text[], '2013-04-01', 'practice, told in the case studies of the annual report 2015/16; not counted there; to be agreed by the partnership', false),
    ('ethnic_group', 'individual', 'coded', 'Which ethnic group does the person say they belong to?', NULL, 'ethnic_group', false, ARRAY[]::text[], ARRAY['annual report 2015/16, families and individuals: 7 % from black and minority ethnic groups; chart 3']::text[], '2013-04-01', 'annual report 2015/16 of the county''s family support service', true);

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('benefit_reliance', 'not', 'Not on benefits', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('benefit_reliance', 'partly', 'Partly', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('benefit_reliance', 'heavily', 'Heavily', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('benefit_reliance', 'solely', 'Solely', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('debt', 'rent', 'Rent', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('debt', 'council-tax', 'Council tax', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('debt', 'mortgage', 'Mortgage', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('debt', 'energy', 'Gas and electricity', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('debt', 'water', 'Water', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('debt', 'court-fine', 'Fine of a court', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('debt', 'benefit-overpayment', 'Benefit paid in error', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('debt', 'loan-or-card', 'Loan or credit card', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('debt', 'catalogue-or-hire-purchase', 'Catalogue or hire purchase', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('debt', 'doorstep-lender', 'Doorstep lender', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('debt', 'relatives-or-friends', 'Relatives or friends', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('debt', 'other', 'Other', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('payment_plan', 'none', 'No plan', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('payment_plan', 'being-agreed', 'Being agreed', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('payment_plan', 'agreed', 'Agreed', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('payment_plan', 'kept-to', 'Kept to', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('payment_plan', 'broken', 'Broken', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('payment_plan', 'cleared', 'Cleared', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('home_condition', 'suitable', 'Nothing: it is suitable', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('home_condition', 'overcrowded', 'Overcrowded', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('home_condition', 'damp-or-disrepair', 'Damp or in disrepair', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('home_condition', 'unsafe', 'Unsafe', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('home_condition', 'temporary', 'Only temporary', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('social_care_status', 'none', 'Not with social care', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('social_care_status', 'child-in-need', 'A child in need', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('social_care_status', 'child-protection-plan', 'Subject to a child protection plan', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('social_care_status', 'looked-after', 'Looked after by the council', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('special_needs', 'none', 'None known', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('special_needs', 'being-assessed', 'Being assessed', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('special_needs', 'support', 'Special educational needs, with support at school', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('special_needs', 'plan', 'With an education, health and care plan', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('special_needs', 'disability', 'A disability without special educational needs', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('benefit', 'universal-credit', 'Universal Credit', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('benefit', 'jobseekers-allowance', 'Jobseeker''s Allowance', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('benefit', 'employment-and-support-allowance', 'Employment and Support Allowance', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('benefit', 'income-support', 'Income Support', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('benefit', 'personal-independence-payment', 'Personal Independence Payment', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('benefit', 'carers-allowance', 'Carer''s Allowance', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('benefit', 'housing-benefit', 'Housing Benefit', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('benefit', 'child-benefit', 'Child Benefit', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('benefit', 'other', 'Other', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('ethnic_group', 'white', 'White', '2013-04-01', NULL, 'groups of the youth justice case-level returns'),
    ('ethnic_group', 'mixed', 'Mixed', '2013-04-01', NULL, 'groups of the youth justice case-level returns'),
    ('ethnic_group', 'asian', 'Asian or Asian British', '2013-04-01', NULL, 'groups of the youth justice case-level returns'),
    ('ethnic_group', 'black', 'Black or Black British', '2013-04-01', NULL, 'groups of the youth justice case-level returns'),
    ('ethnic_group', 'other', 'Other ethnic group', '2013-04-01', NULL, 'groups of the youth justice case-level returns'),
    ('ethnic_group', 'not-obtainable', 'Information not obtainable', '2013-04-01', NULL, 'groups of the youth justice case-level returns'),
    ('voice_about', 'working-well', 'What is working well', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('voice_about', 'worry', 'A worry', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('voice_about', 'wish', 'A wish', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('voice_about', 'change', 'What has changed', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('voice_about', 'without-the-service', 'What would have happened without the service', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('voice_about', 'of-the-service', 'Of the service itself', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership');

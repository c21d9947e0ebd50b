-- How a case ended, beyond its outcome: what was measured then or why nothing was, who goes on helping
-- and how the family asks again; whether the family's words may be told as a case study; and
-- what is heard of it 3, 6, 9 and 12 months later.

CREATE TABLE case_exit (
    case_id uuid PRIMARY KEY REFERENCES family_case,
    measurement_id uuid REFERENCES measurement,
    not_measured_because text COLLATE "C",
    continuing_help text,
    asking_again text,
    family_feedback text,
    closed_by uuid NOT NULL,
    closed_by_name text NOT NULL,
    CHECK ((continuing_help IS NULL) = (asking_again IS NULL))
);
CREATE INDEX case_exit_measurement ON case_exit (measurement_id);

-- Consent of a member of the family to have named words of theirs told. Its own record, so that
-- what may be told is one index range and a withdrawal takes it out at once.
CREATE TABLE case_study_consent (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES family_case,
    family_id uuid NOT NULL REFERENCES family,
    person_id uuid NOT NULL REFERENCES person,
    given_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_by_name text NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by_name text,
    withdrawn_because text,
    version bigint NOT NULL,
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by_name IS NULL))
);
CREATE INDEX case_study_consent_case ON case_study_consent (case_id, given_on);
CREATE INDEX case_study_consent_family ON case_study_consent (family_id);
CREATE INDEX case_study_consent_person ON case_study_consent (person_id);

CREATE TABLE case_study_voice (
    consent_id uuid NOT NULL REFERENCES case_study_consent,
    voice_id uuid NOT NULL REFERENCES family_voice,
    PRIMARY KEY (consent_id, voice_id)
);
CREATE INDEX case_study_voice_voice ON case_study_voice (voice_id);

CREATE TABLE follow_up (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES family_case,
    family_id uuid NOT NULL REFERENCES family,
    after text COLLATE "C" NOT NULL CHECK (after IN ('closure', 'onward_referral')),
    -- The day the months run from, and to which service the family went on.
    started_on date NOT NULL,
    onward_service text,
    months smallint NOT NULL CHECK (months > 0),
    due_at timestamptz NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('due', 'answered')),
    asked_on date,
    answered_at timestamptz,
    answered_by_name text,
    reached boolean,
    engaged boolean,
    sustained boolean,
    destination text COLLATE "C",
    words text,
    version bigint NOT NULL,
    CHECK ((status = 'answered') = (answered_at IS NOT NULL)),
    CHECK ((answered_at IS NULL) = (reached IS NULL)),
    -- Of whom nobody was reached nothing is known.
    CHECK (reached OR num_nonnulls(engaged, sustained, destination) = 0),
    CHECK ((after = 'closure') = (onward_service IS NULL))
);
CREATE INDEX follow_up_case ON follow_up (case_id, due_at);
CREATE INDEX follow_up_family ON follow_up (family_id);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['case_exit', 'case_study_consent', 'case_study_voice', 'follow_up'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['case_study_consent', 'follow_up'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.id AND s.view = ''full''))', t, t);
        EXECUTE format('CREATE POLICY changed ON %I FOR UPDATE TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.id AND s.view = ''full''))', t, t);
    END LOOP;
END $$;
CREATE POLICY seen ON case_exit FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = case_exit.case_id AND s.view = 'full'));
CREATE POLICY seen ON case_study_voice FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = case_study_voice.consent_id AND s.view = 'full'));
GRANT UPDATE (withdrawn_at, withdrawn_by_name, withdrawn_because, version) ON case_study_consent TO threshold_web;
GRANT UPDATE (status, asked_on, answered_at, answered_by_name, reached, engaged, sustained, destination, words, version)
    ON follow_up TO threshold_web;

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('follow_up_3_months', '2013-04-01', 3, 'month', 'follow-ups at 3, 6, 9 and 12 months, as the partnership asked for them', true),
    ('follow_up_6_months', '2013-04-01', 6, 'month', 'follow-ups at 3, 6, 9 and 12 months, as the partnership asked for them', true),
    ('follow_up_9_months', '2013-04-01', 9, 'month', 'follow-ups at 3, 6, 9 and 12 months, as the partnership asked for them', true),
    ('follow_up_12_months', '2013-04-01', 12, 'month', 'follow-ups at 3, 6, 9 and 12 months, as the partnership asked for them', true);

-- Late reviews and follow-ups remind the team. How often is each county's own.
INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified) VALUES
    ('family_assessment', 0, 168, 4, ARRAY['team'], 'cases', 'practice; how often is each county''s own', false),
    ('family_review', 0, 168, 4, ARRAY['team'], 'cases', 'practice; how often is each county''s own', false),
    ('follow_up_3_months', 0, 168, 4, ARRAY['team'], 'follow-ups', 'practice; how often is each county''s own', false),
    ('follow_up_6_months', 0, 168, 4, ARRAY['team'], 'follow-ups', 'practice; how often is each county''s own', false),
    ('follow_up_9_months', 0, 168, 4, ARRAY['team'], 'follow-ups', 'practice; how often is each county''s own', false),
    ('follow_up_12_months', 0, 168, 4, ARRAY['team'], 'follow-ups', 'practice; how often is each county''s own', false)
    ON CONFLICT DO NOTHING;

INSERT INTO clock (code, label, whose) VALUES
    ('family_assessment', 'Whole-family assessment', ARRAY['team']),
    ('family_review', 'Review', ARRAY['team']),
    ('follow_up_3_months', 'Follow-up after 3 months', ARRAY['team']),
    ('follow_up_6_months', 'Follow-up after 6 months', ARRAY['team']),
    ('follow_up_9_months', 'Follow-up after 9 months', ARRAY['team']),
    ('follow_up_12_months', 'Follow-up after 12 months', ARRAY['team'])
    ON CONFLICT DO NOTHING;
SELECT work_renew(ARRAY['family_assessment', 'family_review']);

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('assessed_case_type', 'intensive-family-support', 'Intensive family support: closed only with what was measured, or why nothing was', '2013-04-01', NULL, 'annual report 2015/16: the base of its progress is families with an assessment and a review'),
    ('not_measured', 'disengaged-before-assessment', 'The family disengaged before it was assessed', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('not_measured', 'disengaged-after-assessment', 'The family disengaged before the closing review', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('not_measured', 'did-not-want-to-be-assessed', 'The family did not want to be assessed', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('not_measured', 'moved-away', 'The family moved away at short notice', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('not_measured', 'stepped-up', 'Children''s social care took over', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('not_measured', 'opened-in-error', 'The case was opened in error', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('follow_up_destination', 'managing-without-services', 'Managing without services', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('follow_up_destination', 'universal-services', 'With universal services alone', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('follow_up_destination', 'with-onward-service', 'Still with the onward service', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('follow_up_destination', 'employment', 'In employment', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('follow_up_destination', 'education', 'In education', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('follow_up_destination', 'training', 'In training or volunteering', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('follow_up_destination', 're-referred', 'Referred again', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('follow_up_destination', 'with-social-care', 'With children''s social care', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('follow_up_destination', 'moved-away', 'Moved away', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership'),
    ('follow_up_destination', 'other', 'Other', '2013-04-01', NULL, 'words of casework; to be agreed by the partnership');

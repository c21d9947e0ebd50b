-- When the family said what it said; how far a member's consent to a case study goes; and what may be told now. The
-- last is a copy, because whoever writes case studies sees neither case nor family: only these words, without the
-- family's names. A withdrawal removes the copy in the same moment.

ALTER TABLE family_voice ADD point text COLLATE "C" NOT NULL DEFAULT 'at_any_time'
    CHECK (point IN ('assessment', 'review', 'closure', 'at_any_time'));
-- The owner is held by the policies too, so they are lifted for what was kept before.
ALTER TABLE family_voice NO FORCE ROW LEVEL SECURITY;
ALTER TABLE measurement NO FORCE ROW LEVEL SECURITY;
UPDATE family_voice v SET point = coalesce(
    (SELECT CASE m.point WHEN 'initial' THEN 'assessment' ELSE m.point END FROM measurement m WHERE m.id = v.measurement_id),
    'closure');
ALTER TABLE family_voice FORCE ROW LEVEL SECURITY;
ALTER TABLE measurement FORCE ROW LEVEL SECURITY;

ALTER TABLE case_study_consent
    ADD scope text COLLATE "C" NOT NULL DEFAULT 'anonymous' CHECK (scope IN ('anonymous', 'named', 'with_image')),
    -- The name to be shown, as the person wants it.
    ADD credited_as text,
    -- How the consent was given: by whom, how it was explained.
    ADD how text,
    ADD withdrawn_on date,
    ADD CHECK ((scope = 'anonymous') = (credited_as IS NULL));

CREATE TABLE case_study (
    id uuid PRIMARY KEY REFERENCES case_study_consent,
    case_type text COLLATE "C" NOT NULL,
    team text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    credited_as text,
    given_on date NOT NULL
);
CREATE TABLE case_study_quote (
    case_study_id uuid NOT NULL REFERENCES case_study,
    place smallint NOT NULL,
    whose text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    words text NOT NULL,
    -- Whether a name was taken out.
    masked boolean NOT NULL,
    PRIMARY KEY (case_study_id, place)
);

ALTER TABLE case_study ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_study FORCE ROW LEVEL SECURITY;
ALTER TABLE case_study_quote ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_study_quote FORCE ROW LEVEL SECURITY;
CREATE POLICY made ON case_study FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL);
CREATE POLICY made ON case_study_quote FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL);
CREATE POLICY seen ON case_study FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = case_study.id AND s.state = 'usable'));
CREATE POLICY seen ON case_study_quote FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = case_study_quote.case_study_id AND s.state = 'usable'));
-- Only the team that holds the consent takes it back.
CREATE POLICY gone ON case_study FOR DELETE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = case_study.id AND s.view = 'full'));
CREATE POLICY gone ON case_study_quote FOR DELETE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = case_study_quote.case_study_id AND s.view = 'full'));
CREATE POLICY worker ON case_study FOR SELECT TO threshold_worker USING (true);
CREATE POLICY worker ON case_study_quote FOR SELECT TO threshold_worker USING (true);
GRANT SELECT, INSERT, DELETE ON case_study, case_study_quote TO threshold_web;
GRANT SELECT ON case_study, case_study_quote TO threshold_worker;
GRANT UPDATE (withdrawn_on) ON case_study_consent TO threshold_web;

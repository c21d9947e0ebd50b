-- The 0 to 2 pathway's developmental tracking: at a check, how a child does in each area of development for
-- its age. A check is never changed; another corrects it. Its own record, seen by the team that recorded it
-- and whoever has the child's family whole.

CREATE TABLE development_check (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    family_id uuid REFERENCES family,
    service text COLLATE "C" NOT NULL,
    locality text COLLATE "C",
    checked_on date NOT NULL,
    -- Whole months since birth.
    age_months smallint NOT NULL CHECK (age_months >= 0),
    words text,
    corrects uuid UNIQUE REFERENCES development_check,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_by_name text NOT NULL
);
CREATE INDEX development_check_person ON development_check (person_id, checked_on, id);
CREATE INDEX development_check_family ON development_check (family_id) WHERE family_id IS NOT NULL;

CREATE TABLE development_judgement (
    check_id uuid NOT NULL REFERENCES development_check,
    area text COLLATE "C" NOT NULL,
    judgement text COLLATE "C" NOT NULL CHECK (judgement IN ('meeting', 'exceeding', 'below')),
    PRIMARY KEY (check_id, area)
);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['development_check', 'development_judgement'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.%I AND s.view = ''full''))', t, t,
            CASE t WHEN 'development_check' THEN 'id' ELSE 'check_id' END);
    END LOOP;
END $$;

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('development_pathway', '2003-01-01', 24, 'month', 'the county''s report on early help of 2017: through the first two years of the child''s life', true);

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('development_area', 'communication-and-language', 'Communication and language', '2003-01-01', NULL, 'Working list, unverified: the prime areas of the early-years framework'),
    ('development_area', 'physical', 'Physical development', '2003-01-01', NULL, 'Working list, unverified: the prime areas of the early-years framework'),
    ('development_area', 'personal-social-and-emotional', 'Personal, social and emotional development', '2003-01-01', NULL, 'Working list, unverified: the prime areas of the early-years framework')
ON CONFLICT DO NOTHING;

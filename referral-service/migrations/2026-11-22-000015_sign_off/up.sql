-- Who answers for the gravest and the lightest decisions, and the way of a referral across the
-- threshold of social care and back.
--
-- A decision of level 4, or that nothing is done, is a proposal until a manager signs it off: it is
-- kept with its reason, and whoever referred learns nothing of it. All of this is the working team's.

CREATE TABLE proposed_decision (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    outcome text COLLATE "C" NOT NULL,
    level_of_need smallint NOT NULL CHECK (level_of_need BETWEEN 1 AND 4),
    reason text NOT NULL,
    locality text COLLATE "C",
    feedback text,
    proposed_at timestamptz NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_by_name text NOT NULL,
    due_at timestamptz NOT NULL,
    settled_at timestamptz,
    agreed boolean,
    settled_by_name text,
    settled_because text,
    CHECK ((settled_at IS NULL) = (agreed IS NULL)),
    CHECK ((settled_at IS NULL) = (settled_by_name IS NULL)),
    CHECK (agreed IS NULL OR agreed OR settled_because IS NOT NULL)
);
CREATE INDEX proposed_decision_referral ON proposed_decision (referral_id, proposed_at);
CREATE UNIQUE INDEX proposed_decision_open ON proposed_decision (referral_id) WHERE settled_at IS NULL;

-- Which manager signed a decision off; nobody where it needed none.
ALTER TABLE decision_reason
    ADD COLUMN signed_off_by uuid,
    ADD COLUMN signed_off_by_name text,
    ADD CONSTRAINT decision_reason_signed_off CHECK ((signed_off_by IS NULL) = (signed_off_by_name IS NULL));

-- Each time a referral goes up to children's social care, comes down again, or ends there.
CREATE TABLE referral_step (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    direction text COLLATE "C" NOT NULL CHECK (direction IN ('up', 'down', 'end')),
    at timestamptz NOT NULL,
    from_status text COLLATE "C" NOT NULL,
    to_status text COLLATE "C" NOT NULL,
    level_of_need smallint CHECK (level_of_need BETWEEN 1 AND 4),
    reason text NOT NULL,
    locality text COLLATE "C",
    -- What social care did, and its own reference of the case.
    social_care_did text,
    social_care_reference text,
    by_user uuid NOT NULL,
    by_name text NOT NULL,
    -- In which capacity: `front-door`, `hub:charnwood`, `team:youth-work`.
    by_scope text COLLATE "C" NOT NULL
);
CREATE INDEX referral_step_referral ON referral_step (referral_id, at);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['proposed_decision', 'referral_step'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.referral_id AND s.view = ''full''))', t, t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
END $$;
CREATE POLICY moved ON proposed_decision FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = proposed_decision.referral_id AND s.view = 'full'));
GRANT UPDATE (settled_at, agreed, settled_by_name, settled_because) ON proposed_decision TO threshold_web;

-- Ends what services were asked to do and do with a referral that is stepped up: what was only
-- offered is withdrawn, what was accepted is closed with that outcome. Whoever steps it up does not see
-- the allocations of other teams. The answer names what was ended, so that the services can be told.
CREATE FUNCTION allocations_stepped_up(referral uuid, at timestamptz, because text)
    RETURNS TABLE (allocation_id uuid, service text, part text, was text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT record_is_mine(referral) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        RETURN QUERY
            WITH open AS (
                SELECT a.id, a.status FROM allocation a
                WHERE a.referral_id = referral AND a.status IN ('offered', 'accepted') ORDER BY a.id FOR UPDATE
            ), ended AS (
                UPDATE allocation a SET
                    status = CASE o.status WHEN 'offered' THEN 'withdrawn' ELSE 'closed' END,
                    answered_at = CASE o.status WHEN 'offered' THEN at ELSE a.answered_at END,
                    closed_at = CASE o.status WHEN 'accepted' THEN at END,
                    outcome = CASE o.status WHEN 'accepted' THEN 'stepped_up' END,
                    note = because,
                    version = a.version + 1
                FROM open o WHERE a.id = o.id
                RETURNING a.id, a.service, a.part, o.status AS was, a.status
            ), moved AS (
                UPDATE record_scope s SET state = e.status FROM ended e WHERE s.record_id = e.id
            ), stopped AS (
                UPDATE deadline d SET met_at = at FROM ended e WHERE d.record_id = e.id AND d.met_at IS NULL
            )
            SELECT e.id, e.service, e.part, e.was FROM ended e;
    END $$;
CREATE POLICY stepped_up ON deadline FOR UPDATE TO access_reader USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE ON deadline TO access_reader;
ALTER FUNCTION allocations_stepped_up(uuid, timestamptz, text) OWNER TO access_reader;

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('sign_off', '2013-04-01', 1, 'working_day',
     'practice: a manager answers by the end of the next working day; each county''s own', false),
    ('referrer_told', '2013-04-01', 3, 'working_day',
     'practice: whoever referred is told what was decided; each county''s own', false),
    -- What runs at children's social care. For information: its own system keeps these clocks.
    ('social_care_assessment', '2013-04-15', 45, 'working_day',
     'Working Together to Safeguard Children: the assessment within 45 working days of the referral', true),
    ('initial_child_protection_conference', '2013-04-15', 15, 'working_day',
     'Working Together to Safeguard Children, as recalled: within 15 working days of the strategy discussion', false),
    ('child_protection_core_group', '2013-04-15', 10, 'working_day',
     'Working Together to Safeguard Children, as recalled: within 10 working days of the conference', false),
    ('first_review_conference', '2013-04-15', 13, 'week',
     'Working Together to Safeguard Children, as recalled: within three months of the conference', false),
    ('later_review_conference', '2013-04-15', 26, 'week',
     'Working Together to Safeguard Children, as recalled: at most every six months after that', false);

INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified) VALUES
    ('sign_off', 0, 24, 5, ARRAY['front-door'], 'referrals', 'practice; how often is each county''s own', false);

-- A referral, one table for each view of it: `referral`, `decision` and `feedback` are what
-- the referrer may follow (any view); `contact`, `named_person`, `decision_reason` and
-- `referral_history` are the working team's (full view). Row policies then can't leak columns.

CREATE TABLE referral (
    id uuid PRIMARY KEY,
    reference text COLLATE "C" NOT NULL UNIQUE,
    status text COLLATE "C" NOT NULL CHECK (status IN
        ('received', 'screening', 'with_social_care', 'listed_for_hub', 'offered', 'in_service', 'closed', 'withdrawn')),
    received_at timestamptz NOT NULL,
    agency text COLLATE "C" NOT NULL,
    locality text COLLATE "C",
    version bigint NOT NULL
);

-- What the referrer said, verbatim, for ever.
CREATE TABLE contact (
    referral_id uuid PRIMARY KEY REFERENCES referral,
    made_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    referrer_name text NOT NULL,
    referrer_role text NOT NULL,
    referrer_telephone text,
    referrer_email text,
    family_knows boolean NOT NULL,
    concerns text[] NOT NULL,
    worries text NOT NULL,
    working_well text,
    needs_to_happen text
);

CREATE TABLE named_person (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    place smallint NOT NULL,
    relation text COLLATE "C" NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    birth_date date,
    address text,
    postcode text,
    school text,
    UNIQUE (referral_id, place)
);

CREATE TABLE person_link (
    named_person_id uuid PRIMARY KEY REFERENCES named_person,
    referral_id uuid NOT NULL REFERENCES referral,
    person_id uuid NOT NULL REFERENCES person,
    method text COLLATE "C" NOT NULL CHECK (method IN ('new', 'exact', 'normalised')),
    linked_at timestamptz NOT NULL
);
CREATE INDEX person_link_person ON person_link (person_id);
CREATE INDEX person_link_referral ON person_link (referral_id);

CREATE TABLE decision (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    stage text COLLATE "C" NOT NULL CHECK (stage IN ('front_door', 'hub')),
    outcome text COLLATE "C" NOT NULL,
    decided_at timestamptz NOT NULL
);
CREATE INDEX decision_referral ON decision (referral_id, decided_at);

CREATE TABLE decision_reason (
    decision_id uuid PRIMARY KEY REFERENCES decision,
    referral_id uuid NOT NULL REFERENCES referral,
    level_of_need smallint CHECK (level_of_need BETWEEN 1 AND 4),
    reason text NOT NULL,
    decided_by uuid NOT NULL,
    decided_by_name text NOT NULL
);
CREATE INDEX decision_reason_referral ON decision_reason (referral_id);

-- What the referrer was told, and when. It is told by being here; the referrer reads it.
CREATE TABLE feedback (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    told_at timestamptz NOT NULL,
    about text COLLATE "C" NOT NULL,
    message text NOT NULL
);
CREATE INDEX feedback_referral ON feedback (referral_id, told_at);

CREATE TABLE referral_history (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    at timestamptz NOT NULL,
    actor_id uuid NOT NULL,
    actor_name text NOT NULL,
    agency text COLLATE "C" NOT NULL,
    what text COLLATE "C" NOT NULL,
    from_status text COLLATE "C",
    to_status text COLLATE "C" NOT NULL,
    why text
);
CREATE INDEX referral_history_referral ON referral_history (referral_id, at, id);

-- A referral given to a service. Its own record, with its own scopes.
CREATE TABLE allocation (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    service text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('offered', 'accepted', 'declined', 'withdrawn', 'closed')),
    offered_at timestamptz NOT NULL,
    answered_at timestamptz,
    closed_at timestamptz,
    outcome text COLLATE "C",
    -- Why it was declined, or what came of the work.
    note text,
    version bigint NOT NULL,
    CHECK ((status = 'closed') = (outcome IS NOT NULL))
);
CREATE INDEX allocation_referral ON allocation (referral_id, offered_at);
-- At most one service at a time is asked or at work.
CREATE UNIQUE INDEX allocation_open ON allocation (referral_id) WHERE status IN ('offered', 'accepted');

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['referral', 'contact', 'named_person', 'person_link', 'decision',
                             'decision_reason', 'feedback', 'referral_history', 'allocation'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['decision', 'feedback'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.referral_id AND s.view IN (''full'', ''status'')))', t, t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['contact', 'named_person', 'person_link', 'decision_reason', 'referral_history'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.referral_id AND s.view = ''full''))', t, t);
    END LOOP;
END $$;

CREATE POLICY seen ON referral FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = referral.id AND s.view IN ('full', 'status')));
CREATE POLICY moved ON referral FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = referral.id AND s.view IN ('full', 'status')));
CREATE POLICY seen ON allocation FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = allocation.id AND s.view = 'full'));
CREATE POLICY moved ON allocation FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = allocation.id AND s.view = 'full'));

GRANT UPDATE (status, locality, version) ON referral TO threshold_web;
GRANT UPDATE (status, answered_at, closed_at, outcome, note, version) ON allocation TO threshold_web;

-- A referrer who withdraws does not see the allocation its withdrawal ends; this ends it.
-- The answer names what was ended, so that the service can be told.
CREATE FUNCTION allocation_withdraw(referral uuid, at timestamptz)
    RETURNS TABLE (allocation_id uuid, service text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT record_is_mine(referral) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        RETURN QUERY
            WITH ended AS (
                UPDATE allocation a SET status = 'withdrawn', answered_at = at, version = a.version + 1
                WHERE a.referral_id = referral AND a.status = 'offered'
                RETURNING a.id, a.service
            ), moved AS (
                UPDATE record_scope s SET state = 'withdrawn' FROM ended e WHERE s.record_id = e.id
            )
            SELECT e.id, e.service FROM ended e;
    END $$;
CREATE POLICY reader ON allocation TO access_reader USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE ON allocation TO access_reader;
ALTER FUNCTION allocation_withdraw(uuid, timestamptz) OWNER TO access_reader;

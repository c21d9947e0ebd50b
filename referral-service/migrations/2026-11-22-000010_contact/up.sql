-- Every way in which a worry reaches the front door: how it came and of what kind it is, who called,
-- who lives with whom, what each needs, whether it can wait. All of it is the working team's (full view)
-- but `urgent`, which whoever referred said themselves.

ALTER TABLE referral ADD COLUMN urgent boolean NOT NULL DEFAULT false;

ALTER TABLE contact
    ADD COLUMN channel text COLLATE "C" NOT NULL DEFAULT 'api'
        CHECK (channel IN ('api', 'form', 'telephone', 'email', 'in_person', 'bulk')),
    ADD COLUMN kind text COLLATE "C" NOT NULL DEFAULT 'professional'
        CHECK (kind IN ('professional', 'public', 'self_referral', 'hub_listing', 'step_down', 'top_up')),
    -- Who called, where somebody else took it down. An anonymous caller has no name, and then nobody has.
    ADD COLUMN caller_name text,
    ADD COLUMN caller_relationship text,
    ADD COLUMN caller_telephone text,
    ADD COLUMN anonymous boolean NOT NULL DEFAULT false,
    ALTER COLUMN referrer_name DROP NOT NULL,
    ADD CONSTRAINT contact_referrer_named CHECK (referrer_name IS NOT NULL OR anonymous),
    ADD CONSTRAINT contact_anonymous_unnamed CHECK (NOT anonymous OR caller_name IS NULL),
    -- Signs of Safety: worries, working_well and needs_to_happen stand there already.
    ADD COLUMN danger_statement text,
    ADD COLUMN safety_goal text,
    ADD COLUMN scale smallint CHECK (scale BETWEEN 0 AND 10),
    ADD COLUMN urgent_because text,
    ADD COLUMN social_care_reference text,
    ADD COLUMN step_down_reason text,
    ADD CONSTRAINT contact_step_down CHECK
        ((kind = 'step_down') = (social_care_reference IS NOT NULL AND step_down_reason IS NOT NULL)),
    ADD COLUMN earlier_reference text COLLATE "C";

-- Which household somebody lives in (0 the main one), and when an unborn child is expected.
ALTER TABLE named_person
    ADD COLUMN household smallint NOT NULL DEFAULT 0,
    ADD COLUMN expected_on date,
    ADD CONSTRAINT named_person_born_or_expected CHECK (birth_date IS NULL OR expected_on IS NULL);

-- Where a household lives now.
CREATE TABLE named_household (
    referral_id uuid NOT NULL REFERENCES referral,
    place smallint NOT NULL,
    address text,
    postcode text,
    PRIMARY KEY (referral_id, place)
);

-- Who is what to whom: `place` of one person named, `place` of the other.
CREATE TABLE named_relationship (
    referral_id uuid NOT NULL REFERENCES referral,
    person smallint NOT NULL,
    kinship text COLLATE "C" NOT NULL,
    of smallint NOT NULL,
    PRIMARY KEY (referral_id, person, of)
);

-- What is particularly sensitive, in a table of its own: most reads of a referral need none of it.
CREATE TABLE named_characteristic (
    referral_id uuid NOT NULL REFERENCES referral,
    place smallint NOT NULL,
    gender text COLLATE "C",
    ethnicity text COLLATE "C",
    language text,
    interpreter boolean,
    disability boolean,
    send text COLLATE "C",
    PRIMARY KEY (referral_id, place)
);

-- A need: a code of the set `concern` of the day it was told, who has it, and in which words.
CREATE TABLE contact_need (
    referral_id uuid NOT NULL REFERENCES referral,
    place smallint NOT NULL,
    code text COLLATE "C" NOT NULL,
    who smallint[] NOT NULL,
    words text,
    PRIMARY KEY (referral_id, place)
);

-- Whether the family agrees to a service. Not the basis on which it is told of: that is the next table,
-- and neither can stand in for the other. A worry may be told without agreement, with a reason.
CREATE TABLE service_consent (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    given text COLLATE "C" NOT NULL CHECK (given IN ('yes', 'no', 'not_asked')),
    given_by text,
    given_on date,
    how text,
    reason text,
    CHECK (given <> 'yes' OR given_by IS NOT NULL),
    CHECK (given <> 'no' OR reason IS NOT NULL)
);
CREATE INDEX service_consent_referral ON service_consent (referral_id, recorded_at);

-- The lawful basis on which the worry was shared. `stated` is false where the referrer named none and
-- the front door's usual one stands.
CREATE TABLE sharing_basis (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    basis text COLLATE "C" NOT NULL,
    stated boolean NOT NULL,
    note text
);
CREATE INDEX sharing_basis_referral ON sharing_basis (referral_id, recorded_at);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['named_household', 'named_relationship', 'named_characteristic', 'contact_need',
                             'service_consent', 'sharing_basis'] LOOP
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

-- Urgent referrals are asked for by themselves: like `state`, a copy that makes the list an index range.
ALTER TABLE record_scope ADD COLUMN urgent boolean NOT NULL DEFAULT false;
CREATE INDEX record_scope_urgent ON record_scope (scope, kind, state, sort_at DESC, record_id DESC) WHERE urgent;
CREATE INDEX record_scope_urgent_any ON record_scope (scope, kind, sort_at DESC, record_id DESC) WHERE urgent;

-- Whoever gets an urgent referral gets it as urgent.
CREATE FUNCTION record_scope_urgent() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        UPDATE record_scope s SET urgent = true
            FROM fresh f JOIN referral r ON r.id = f.record_id
            WHERE f.kind = 'referral' AND r.urgent AND s.record_id = f.record_id AND s.scope = f.scope;
        RETURN NULL;
    END $$;
CREATE POLICY intake_reader ON referral FOR SELECT TO access_reader USING (true);
GRANT SELECT ON referral TO access_reader;
ALTER FUNCTION record_scope_urgent() OWNER TO access_reader;
CREATE TRIGGER urgent AFTER INSERT ON record_scope
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION record_scope_urgent();

-- Lets those who hold a referral whole see the people it is about. A hub that lists a family does not
-- see, and must not need to see, that the index knows somebody of it already.
CREATE FUNCTION people_follow(referral uuid, to_scope text, at timestamptz) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT (to_scope = ANY (app_scopes()))
           OR NOT EXISTS (SELECT 1 FROM record_scope s
                          WHERE s.record_id = referral AND s.scope = to_scope AND s.view = 'full') THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
            SELECT DISTINCT l.person_id, 'person', to_scope, 'full', 'known', at
            FROM person_link l WHERE l.referral_id = referral
            ON CONFLICT (record_id, scope) DO UPDATE SET view = 'full';
    END $$;
CREATE POLICY intake_reader ON person_link FOR SELECT TO access_reader USING (true);
GRANT SELECT ON person_link TO access_reader;
ALTER FUNCTION people_follow(uuid, text, timestamptz) OWNER TO access_reader;

-- Which of these referrals name somebody whom another one, since `since` and not taken back, named before.
-- For the figures: whoever referred is not told, so only the ids go in and out, and the caller asks about
-- referrals it has just made.
CREATE INDEX person_link_recent ON person_link (person_id, linked_at DESC);
DROP INDEX person_link_person;
CREATE FUNCTION referral_repeats(referrals uuid[], since timestamptz) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        RETURN QUERY
            SELECT own.id FROM unnest(referrals) AS own(id)
            WHERE record_is_mine(own.id) AND EXISTS (
                SELECT 1 FROM person_link mine
                JOIN person_link earlier ON earlier.person_id = mine.person_id AND earlier.linked_at >= since
                JOIN referral r ON r.id = earlier.referral_id
                WHERE mine.referral_id = own.id AND r.id < own.id AND r.status <> 'withdrawn');
    END $$;
ALTER FUNCTION referral_repeats(uuid[], timestamptz) OWNER TO access_reader;

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('ethnicity', 'white-british', 'White: English, Welsh, Scottish, Northern Irish or British', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'white-irish', 'White: Irish', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'white-gypsy-or-irish-traveller', 'White: Gypsy or Irish Traveller', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'white-other', 'White: any other', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'mixed-white-and-black-caribbean', 'Mixed: White and Black Caribbean', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'mixed-white-and-black-african', 'Mixed: White and Black African', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'mixed-white-and-asian', 'Mixed: White and Asian', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'mixed-other', 'Mixed: any other', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'asian-indian', 'Asian or Asian British: Indian', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'asian-pakistani', 'Asian or Asian British: Pakistani', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'asian-bangladeshi', 'Asian or Asian British: Bangladeshi', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'asian-chinese', 'Asian or Asian British: Chinese', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'asian-other', 'Asian or Asian British: any other', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'black-african', 'Black or Black British: African', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'black-caribbean', 'Black or Black British: Caribbean', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'black-other', 'Black or Black British: any other', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'other-arab', 'Other: Arab', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('ethnicity', 'other', 'Any other ethnic group', '2011-03-27', NULL, 'Census 2011 for England, ethnic group (18 groups)'),
    ('lawful-basis', 'public-task', 'Public task', '2018-05-25', NULL, 'UK GDPR Article 6(1)(e); unverified, for information governance to confirm'),
    ('lawful-basis', 'legal-obligation', 'Legal obligation', '2018-05-25', NULL, 'UK GDPR Article 6(1)(c); unverified, for information governance to confirm'),
    ('lawful-basis', 'vital-interests', 'Vital interests', '2018-05-25', NULL, 'UK GDPR Article 6(1)(d); unverified, for information governance to confirm'),
    ('lawful-basis', 'legitimate-interests', 'Legitimate interests', '2018-05-25', NULL, 'UK GDPR Article 6(1)(f); unverified, for information governance to confirm'),
    ('lawful-basis', 'consent', 'Consent to share', '2018-05-25', NULL, 'UK GDPR Article 6(1)(a); unverified, for information governance to confirm'),
    -- Which agencies may tell of a step-down besides First Response: where children's social care is employed.
    ('social-care-agency', 'county-council', 'County Council (children''s social care)', '2013-04-01', NULL, 'the partnership''s own arrangement; change it where another agency holds social care');

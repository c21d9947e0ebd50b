-- The directory of services: who offers what, to whom, where and when, and whether there is room.
-- It is about services and not about people: everyone who is signed in reads all of it, and what
-- is published is read by anyone (the Open Referral feed). Only whoever keeps the organisation
-- changes it: its agency, or the partnership's administrators.

-- Whether the caller keeps what an agency offers. Which role may is the action policy's to say.
CREATE FUNCTION directory_keeps(agency text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN 'administration' = ANY (app_scopes()) OR ('agency:' || agency) = ANY (app_scopes());

CREATE TABLE organisation (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL,
    website text,
    email text,
    -- The agency of the partnership that keeps it; none for one that is no user.
    agency text COLLATE "C",
    -- Which directory it was imported from, and its id there.
    origin text COLLATE "C",
    origin_id text COLLATE "C",
    listed_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CHECK ((origin IS NULL) = (origin_id IS NULL))
);
CREATE INDEX organisation_listed ON organisation (listed_at DESC, id DESC);
CREATE UNIQUE INDEX organisation_name ON organisation (name) WHERE origin IS NULL;
CREATE UNIQUE INDEX organisation_origin ON organisation (origin, origin_id) WHERE origin IS NOT NULL;

CREATE TABLE directory_service (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisation,
    name text NOT NULL,
    description text NOT NULL,
    kind text COLLATE "C" NOT NULL,
    url text,
    email text,
    -- The allocation service (set `service`) that this stands for; none for one that is no user.
    code text COLLATE "C",
    status text COLLATE "C" NOT NULL CHECK (status IN ('open', 'full', 'closed')),
    minimum_age smallint CHECK (minimum_age BETWEEN 0 AND 120),
    maximum_age smallint CHECK (maximum_age BETWEEN 0 AND 120),
    -- Empty means everywhere, every need, every level.
    districts text[] NOT NULL,
    needs text[] NOT NULL,
    levels smallint[] NOT NULL,
    places integer CHECK (places >= 0),
    taken integer CHECK (taken >= 0),
    waiting_days integer CHECK (waiting_days >= 0),
    delivery text[] NOT NULL,
    languages text[] NOT NULL,
    accreditations text,
    alert text,
    assured_on date,
    published boolean NOT NULL,
    origin text COLLATE "C",
    origin_id text COLLATE "C",
    -- What the origin said last, so that saying it again changes nothing.
    origin_digest text COLLATE "C",
    -- What a search by words looks at: names and description, in small letters.
    words text NOT NULL,
    listed_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CHECK (minimum_age <= maximum_age),
    CHECK ((origin IS NULL) = (origin_id IS NULL))
);
CREATE INDEX directory_service_listed ON directory_service (listed_at DESC, id DESC);
CREATE INDEX directory_service_organisation ON directory_service (organisation_id);
CREATE INDEX directory_service_code ON directory_service (code) WHERE code IS NOT NULL;
CREATE UNIQUE INDEX directory_service_name ON directory_service (organisation_id, name) WHERE origin IS NULL;
CREATE UNIQUE INDEX directory_service_origin ON directory_service (origin, origin_id) WHERE origin IS NOT NULL;

-- Where a service is offered: Open Referral's location and service_at_location in one row.
CREATE TABLE service_place (
    id uuid PRIMARY KEY,
    service_id uuid NOT NULL REFERENCES directory_service,
    place smallint NOT NULL,
    location_type text COLLATE "C" NOT NULL CHECK (location_type IN ('physical', 'postal', 'virtual')),
    name text NOT NULL,
    description text,
    latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    address text,
    town text,
    county text,
    postcode text,
    accessibility text[] NOT NULL,
    CHECK ((latitude IS NULL) = (longitude IS NULL)),
    CHECK (location_type = 'virtual' OR (address IS NOT NULL AND town IS NOT NULL AND county IS NOT NULL AND postcode IS NOT NULL))
);
CREATE INDEX service_place_service ON service_place (service_id, place);

-- When: of the service, or of one of its places. Times as England's clocks show them.
CREATE TABLE service_schedule (
    id uuid PRIMARY KEY,
    service_id uuid NOT NULL REFERENCES directory_service,
    service_place_id uuid REFERENCES service_place,
    place smallint NOT NULL,
    freq text COLLATE "C" NOT NULL CHECK (freq IN ('WEEKLY', 'MONTHLY')),
    every smallint NOT NULL CHECK (every > 0),
    days text[] NOT NULL,
    opens_at text COLLATE "C",
    closes_at text COLLATE "C",
    starts_on date,
    ends_on date,
    description text
);
CREATE INDEX service_schedule_service ON service_schedule (service_id, place);
CREATE INDEX service_schedule_place ON service_schedule (service_place_id);

-- How to reach it: a desk or an office, never a named person.
CREATE TABLE service_contact (
    id uuid PRIMARY KEY,
    service_id uuid NOT NULL REFERENCES directory_service,
    place smallint NOT NULL,
    title text NOT NULL,
    telephone text,
    email text
);
CREATE INDEX service_contact_service ON service_contact (service_id, place);

CREATE TABLE service_cost (
    id uuid PRIMARY KEY,
    service_id uuid NOT NULL REFERENCES directory_service,
    place smallint NOT NULL,
    option text NOT NULL,
    pence integer CHECK (pence >= 0),
    note text
);
CREATE INDEX service_cost_service ON service_cost (service_id, place);

-- What was sent in from another directory, and what became of each row.
CREATE TABLE service_import (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    by_name text NOT NULL,
    agency text COLLATE "C" NOT NULL,
    origin text COLLATE "C" NOT NULL,
    report jsonb NOT NULL
);

-- Where a postcode lies, by its leading part; the longest that fits counts. For the feed's
-- `postcode` and `proximity`. Approximate: replace it with rows of the ONS Postcode Directory.
CREATE TABLE postcode_place (
    prefix text COLLATE "C" PRIMARY KEY,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    localities text[] NOT NULL,
    source text NOT NULL,
    verified boolean NOT NULL
);
GRANT SELECT ON postcode_place TO threshold_web, threshold_worker;

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['organisation', 'directory_service', 'service_place', 'service_schedule',
                             'service_contact', 'service_cost', 'service_import'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['service_place', 'service_schedule', 'service_contact', 'service_cost'] LOOP
        -- Seen and kept with the service. What a change leaves out goes.
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM directory_service s WHERE s.id = %I.service_id))', t, t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK (EXISTS (
            SELECT 1 FROM directory_service s JOIN organisation o ON o.id = s.organisation_id
            WHERE s.id = %I.service_id AND directory_keeps(o.agency)))', t, t);
        EXECUTE format('CREATE POLICY taken_away ON %I FOR DELETE TO threshold_web USING (EXISTS (
            SELECT 1 FROM directory_service s JOIN organisation o ON o.id = s.organisation_id
            WHERE s.id = %I.service_id AND directory_keeps(o.agency)))', t, t);
        EXECUTE format('GRANT DELETE ON %I TO threshold_web', t);
    END LOOP;
END $$;

CREATE POLICY seen ON organisation FOR SELECT TO threshold_web USING (true);
CREATE POLICY made ON organisation FOR INSERT TO threshold_web WITH CHECK (directory_keeps(agency));
CREATE POLICY changed ON organisation FOR UPDATE TO threshold_web
    USING (directory_keeps(agency)) WITH CHECK (directory_keeps(agency));
GRANT UPDATE (name, description, website, email, agency, changed_at, version) ON organisation TO threshold_web;

CREATE POLICY seen ON directory_service FOR SELECT TO threshold_web
    USING (published OR (SELECT app_user()) IS NOT NULL);
CREATE POLICY made ON directory_service FOR INSERT TO threshold_web
    WITH CHECK (EXISTS (SELECT 1 FROM organisation o WHERE o.id = organisation_id AND directory_keeps(o.agency)));
CREATE POLICY changed ON directory_service FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM organisation o WHERE o.id = organisation_id AND directory_keeps(o.agency)))
    WITH CHECK (EXISTS (SELECT 1 FROM organisation o WHERE o.id = organisation_id AND directory_keeps(o.agency)));
GRANT UPDATE (organisation_id, name, description, kind, url, email, code, status, minimum_age, maximum_age, districts,
              needs, levels, places, taken, waiting_days, delivery, languages, accreditations, alert, assured_on,
              published, origin_digest, words, changed_at, version)
    ON directory_service TO threshold_web;

CREATE POLICY seen ON service_import FOR SELECT TO threshold_web USING (directory_keeps(agency));
CREATE POLICY made ON service_import FOR INSERT TO threshold_web WITH CHECK (directory_keeps(agency));

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('service_kind', 'family-support', 'Family support', '2013-04-01', NULL, 'kinds of the directory'),
    ('service_kind', 'childrens-centre', 'Children''s centre', '2003-01-01', NULL, 'kinds of the directory'),
    ('service_kind', 'pathway-0-to-2', '0 to 2 pathway', '2013-04-01', NULL, 'kinds of the directory'),
    ('service_kind', 'group', 'Group for parents or children', '2003-01-01', NULL, 'kinds of the directory'),
    ('service_kind', 'youth-work', 'Youth work', '2013-04-01', NULL, 'kinds of the directory'),
    ('service_kind', 'youth-justice-prevention', 'Youth justice prevention', '2013-04-01', NULL, 'kinds of the directory'),
    ('service_kind', 'parenting-programme', 'Parenting programme', '2003-01-01', NULL, 'kinds of the directory'),
    ('service_kind', 'substance-misuse', 'Help with drugs and alcohol', '2003-01-01', NULL, 'kinds of the directory'),
    ('service_kind', 'domestic-abuse', 'Domestic abuse outreach', '2003-01-01', NULL, 'kinds of the directory'),
    ('service_kind', 'debt-advice', 'Debt and money advice', '2003-01-01', NULL, 'kinds of the directory'),
    ('service_kind', 'housing-advice', 'Housing advice', '2003-01-01', NULL, 'kinds of the directory'),
    ('service_kind', 'mental-health', 'Mental health and wellbeing', '2003-01-01', NULL, 'kinds of the directory'),
    ('service_kind', 'disability', 'Support for disabled children', '2003-01-01', NULL, 'kinds of the directory'),
    ('service_kind', 'education', 'Education and attendance', '2003-01-01', NULL, 'kinds of the directory'),
    ('service_kind', 'employment', 'Training and employment', '2003-01-01', NULL, 'kinds of the directory'),
    ('service_kind', 'community', 'Community and voluntary support', '2003-01-01', NULL, 'kinds of the directory'),
    ('service_delivery', 'home-visits', 'Visits at home', '2003-01-01', NULL, 'ways of the directory'),
    ('service_delivery', 'one-to-one', 'One to one', '2003-01-01', NULL, 'ways of the directory'),
    ('service_delivery', 'group-sessions', 'In a group', '2003-01-01', NULL, 'ways of the directory'),
    ('service_delivery', 'drop-in', 'Drop-in', '2003-01-01', NULL, 'ways of the directory'),
    ('service_delivery', 'telephone', 'By telephone', '2003-01-01', NULL, 'ways of the directory'),
    ('service_delivery', 'online', 'Online', '2003-01-01', NULL, 'ways of the directory');

INSERT INTO postcode_place (prefix, latitude, longitude, localities, source, verified)
    SELECT prefix, latitude, longitude, localities, 'the postcode district''s rough middle; replace with the ONS Postcode Directory', false
    FROM (VALUES
        ('LE2', 52.606, -1.105, ARRAY['oadby-and-wigston']),
        ('LE3', 52.632, -1.185, ARRAY['blaby']),
        ('LE4', 52.672, -1.115, ARRAY['charnwood']),
        ('LE7', 52.700, -1.030, ARRAY['charnwood', 'harborough']),
        ('LE8', 52.550, -1.090, ARRAY['blaby', 'harborough']),
        ('LE9', 52.570, -1.290, ARRAY['blaby', 'hinckley-and-bosworth']),
        ('LE10', 52.541, -1.373, ARRAY['hinckley-and-bosworth']),
        ('LE11', 52.772, -1.206, ARRAY['charnwood']),
        ('LE12', 52.780, -1.190, ARRAY['charnwood', 'north-west-leicestershire']),
        ('LE13', 52.765, -0.887, ARRAY['melton']),
        ('LE14', 52.780, -0.860, ARRAY['melton']),
        ('LE16', 52.478, -0.920, ARRAY['harborough']),
        ('LE17', 52.456, -1.200, ARRAY['harborough']),
        ('LE18', 52.582, -1.103, ARRAY['oadby-and-wigston']),
        ('LE19', 52.577, -1.205, ARRAY['blaby']),
        ('LE65', 52.747, -1.472, ARRAY['north-west-leicestershire']),
        ('LE67', 52.714, -1.340, ARRAY['north-west-leicestershire', 'hinckley-and-bosworth']),
        ('CV13', 52.612, -1.430, ARRAY['hinckley-and-bosworth']),
        ('DE74', 52.840, -1.330, ARRAY['north-west-leicestershire']),
        ('NG13', 52.940, -0.800, ARRAY['melton'])
    ) AS p (prefix, latitude, longitude, localities);

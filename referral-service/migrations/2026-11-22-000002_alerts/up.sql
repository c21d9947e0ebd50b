-- What somebody must learn of without looking for it: a child in danger, a child gone missing, an
-- answer that is overdue. An alert is seen by the scopes it was raised for and by nobody else, and
-- what restricts a person restricts the alerts about that person.

CREATE TABLE alert (
    id uuid PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    urgency text COLLATE "C" NOT NULL CHECK (urgency IN ('urgent', 'reminder')),
    raised_at timestamptz NOT NULL,
    -- What it is about: the first words of an address, `referrals`, and the record's id.
    about text COLLATE "C" NOT NULL,
    about_id uuid NOT NULL,
    locality text COLLATE "C",
    acknowledged_at timestamptz,
    acknowledged_by_name text,
    note text,
    version bigint NOT NULL,
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by_name IS NULL))
);
CREATE INDEX alert_about ON alert (about_id);

ALTER TABLE alert ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON alert FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = alert.id AND s.view = 'full'));
CREATE POLICY made ON alert FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL);
CREATE POLICY moved ON alert FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = alert.id AND s.view = 'full'));
CREATE POLICY worker ON alert TO threshold_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON alert TO threshold_web, threshold_worker;
GRANT UPDATE (acknowledged_at, acknowledged_by_name, note, version) ON alert TO threshold_web;

-- Which clocks are chased when they have run out: from when on, how often, and whom it reminds, by
-- the first part of the scopes that hold the record.
CREATE TABLE chase (
    code text COLLATE "C" PRIMARY KEY,
    after_hours integer NOT NULL CHECK (after_hours >= 0),
    again_hours integer NOT NULL CHECK (again_hours > 0),
    times smallint NOT NULL CHECK (times > 0),
    whom text[] NOT NULL,
    -- What the reminder is about, as `alert.about`.
    about text COLLATE "C" NOT NULL,
    source text NOT NULL,
    verified boolean NOT NULL
);
GRANT SELECT ON chase TO threshold_web, threshold_worker;

-- Which have been chased.
CREATE TABLE chased (
    record_id uuid NOT NULL,
    code text COLLATE "C" NOT NULL REFERENCES chase,
    times smallint NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (record_id, code)
);
ALTER TABLE chased ENABLE ROW LEVEL SECURITY;
ALTER TABLE chased FORCE ROW LEVEL SECURITY;
CREATE POLICY of_seen_record ON chased FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = chased.record_id));
CREATE POLICY worker ON chased TO threshold_worker USING (true) WITH CHECK (true);
GRANT SELECT ON chased TO threshold_web;
GRANT SELECT, INSERT, UPDATE ON chased TO threshold_worker;

-- A decision at the front door that is late is chased each day until it is made.
INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified) VALUES
    ('front_door_decision', 0, 24, 5, ARRAY['front-door'], 'referrals', 'practice; how often is each county''s own', false);

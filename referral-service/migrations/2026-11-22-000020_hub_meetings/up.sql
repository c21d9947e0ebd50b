-- How the hub of a district comes to its decisions: by a meeting, by a desk team, or both; the
-- meetings, who sat on them, what was on their agenda and what was decided of each item. An item is
-- seen by the district's hub as far as it sees the referral: what restricts a child restricts the items
-- about it too.

CREATE TABLE hub_practice (
    locality text COLLATE "C" PRIMARY KEY,
    way text COLLATE "C" NOT NULL CHECK (way IN ('meeting', 'desk', 'both')),
    reason text,
    changed_at timestamptz,
    changed_by_name text,
    version bigint NOT NULL,
    CHECK ((changed_at IS NULL) = (changed_by_name IS NULL))
);
-- Before the policies hold the owner too.
INSERT INTO hub_practice (locality, way, version)
    SELECT DISTINCT code, 'both', 1 FROM code WHERE set = 'locality';

ALTER TABLE hub_practice ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub_practice FORCE ROW LEVEL SECURITY;
-- How a hub works is no secret; who changes it is a matter of roles.
CREATE POLICY known ON hub_practice TO threshold_web
    USING ((SELECT app_user()) IS NOT NULL) WITH CHECK ((SELECT app_user()) IS NOT NULL);
CREATE POLICY worker ON hub_practice FOR SELECT TO threshold_worker USING (true);
GRANT SELECT, INSERT ON hub_practice TO threshold_web;
GRANT UPDATE (way, reason, changed_at, changed_by_name, version) ON hub_practice TO threshold_web;
GRANT SELECT ON hub_practice TO threshold_worker;


CREATE TABLE hub_meeting (
    id uuid PRIMARY KEY,
    locality text COLLATE "C" NOT NULL,
    held_on timestamptz NOT NULL,
    chair text NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('planned', 'open', 'closed')),
    planned_by_name text NOT NULL,
    opened_at timestamptz,
    closed_at timestamptz,
    closed_by_name text,
    minutes text,
    version bigint NOT NULL,
    CHECK ((status = 'planned') = (opened_at IS NULL)),
    CHECK ((status = 'closed') = (closed_at IS NOT NULL))
);

-- Who sits on a meeting, for which agency, and whether they came.
CREATE TABLE hub_meeting_member (
    id uuid PRIMARY KEY,
    meeting_id uuid NOT NULL REFERENCES hub_meeting,
    place smallint NOT NULL,
    name text NOT NULL,
    agency text COLLATE "C" NOT NULL,
    user_id uuid,
    attendance text COLLATE "C" CHECK (attendance IN ('attended', 'apologies', 'absent')),
    UNIQUE (meeting_id, place)
);

-- A line of an agenda: a referral to be decided, or a note of something that happened outside the
-- meeting. A note waits without a meeting until the next one takes it up.
CREATE TABLE hub_item (
    id uuid PRIMARY KEY,
    locality text COLLATE "C" NOT NULL,
    meeting_id uuid REFERENCES hub_meeting,
    referral_id uuid NOT NULL REFERENCES referral,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('decision', 'note')),
    -- What a note is about, and its allocation where it is about one.
    about text COLLATE "C" CHECK (about IN ('decided_outside_meeting', 'supporting_service_declined')),
    allocation_id uuid REFERENCES allocation,
    place integer,
    status text COLLATE "C" NOT NULL CHECK (status IN
        ('listed', 'decided', 'deferred', 'removed', 'not_reached', 'overtaken', 'noted')),
    added_at timestamptz NOT NULL,
    added_by_name text NOT NULL,
    added_because text,
    outcome text COLLATE "C",
    settled_at timestamptz,
    settled_by_name text,
    settled_because text,
    version bigint NOT NULL,
    CHECK ((kind = 'note') = (about IS NOT NULL)),
    CHECK (kind = 'note' OR meeting_id IS NOT NULL),
    CHECK ((meeting_id IS NULL) = (place IS NULL)),
    CHECK ((status = 'listed') = (settled_at IS NULL))
);
CREATE INDEX hub_item_agenda ON hub_item (meeting_id, place, id);
CREATE INDEX hub_item_referral ON hub_item (referral_id, added_at);
CREATE INDEX hub_item_allocation ON hub_item (allocation_id) WHERE allocation_id IS NOT NULL;
CREATE INDEX hub_item_notes ON hub_item (locality, added_at DESC, id DESC) WHERE kind = 'note' AND status = 'listed';
-- A referral is on one open agenda at a time.
CREATE UNIQUE INDEX hub_item_once ON hub_item (referral_id) WHERE kind = 'decision' AND status = 'listed';

-- What a decision of the hub was made in, beside its outcome and reasons.
CREATE TABLE hub_decision (
    decision_id uuid PRIMARY KEY REFERENCES decision,
    referral_id uuid NOT NULL REFERENCES referral,
    meeting_id uuid REFERENCES hub_meeting,
    way text COLLATE "C" NOT NULL CHECK (way IN ('meeting', 'desk', 'urgent')),
    urgent_because text,
    CHECK ((way = 'meeting') = (meeting_id IS NOT NULL)),
    CHECK ((way = 'urgent') = (urgent_because IS NOT NULL))
);
CREATE INDEX hub_decision_referral ON hub_decision (referral_id);
CREATE INDEX hub_decision_meeting ON hub_decision (meeting_id) WHERE meeting_id IS NOT NULL;

-- Who saw it otherwise.
CREATE TABLE decision_dissent (
    decision_id uuid NOT NULL REFERENCES decision,
    place smallint NOT NULL,
    referral_id uuid NOT NULL REFERENCES referral,
    who text NOT NULL,
    agency text COLLATE "C" NOT NULL,
    words text NOT NULL,
    PRIMARY KEY (decision_id, place)
);
CREATE INDEX decision_dissent_referral ON decision_dissent (referral_id);

-- What was put off, what is missing, and until when.
CREATE TABLE hub_deferral (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    item_id uuid REFERENCES hub_item,
    deferred_at timestamptz NOT NULL,
    deferred_by_name text NOT NULL,
    missing text NOT NULL,
    until_day date NOT NULL,
    reason text NOT NULL
);
CREATE INDEX hub_deferral_referral ON hub_deferral (referral_id, deferred_at DESC);
CREATE INDEX hub_deferral_item ON hub_deferral (item_id) WHERE item_id IS NOT NULL;

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['hub_meeting', 'hub_meeting_member', 'hub_item', 'hub_decision', 'decision_dissent',
                             'hub_deferral'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['hub_decision', 'decision_dissent', 'hub_deferral'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.referral_id AND s.view = ''full''))', t, t);
    END LOOP;
END $$;

CREATE POLICY seen ON hub_meeting FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = hub_meeting.id AND s.view = 'full'));
CREATE POLICY changed ON hub_meeting FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = hub_meeting.id AND s.view = 'full'));
CREATE POLICY seen ON hub_meeting_member FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = hub_meeting_member.meeting_id AND s.view = 'full'));
CREATE POLICY changed ON hub_meeting_member FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = hub_meeting_member.meeting_id AND s.view = 'full'));
CREATE POLICY unseated ON hub_meeting_member FOR DELETE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = hub_meeting_member.meeting_id AND s.view = 'full'));
CREATE POLICY seen ON hub_item FOR SELECT TO threshold_web
    USING ('hub:' || locality = ANY ((SELECT app_scopes())::text[])
           AND EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = hub_item.referral_id AND s.view = 'full'));
CREATE POLICY changed ON hub_item FOR UPDATE TO threshold_web
    USING ('hub:' || locality = ANY ((SELECT app_scopes())::text[])
           AND EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = hub_item.referral_id AND s.view = 'full'));

GRANT UPDATE (held_on, chair, status, opened_at, closed_at, closed_by_name, minutes, version) ON hub_meeting TO threshold_web;
GRANT UPDATE (attendance) ON hub_meeting_member TO threshold_web;
-- While a meeting is planned its members are named anew; who came is never removed.
GRANT DELETE ON hub_meeting_member TO threshold_web;
GRANT UPDATE (status, outcome, settled_at, settled_by_name, settled_because, version) ON hub_item TO threshold_web;

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['hub_meeting', 'hub_item', 'hub_deferral'] LOOP
        EXECUTE format('CREATE POLICY reader ON %I TO access_reader USING (true) WITH CHECK (true)', t);
    END LOOP;
END $$;
GRANT SELECT ON hub_meeting, hub_deferral, referral TO access_reader;
GRANT SELECT, INSERT, UPDATE ON hub_item TO access_reader;

-- Puts on a meeting's agenda what is listed for the hub and on no agenda: urgent ones first, then those
-- whose deferral is over, then the longest listed; and takes up the notes. Whoever does it may not see
-- every child among them, and none may be left out for that. The answer is how many were added.
CREATE FUNCTION hub_agenda_build(of_meeting uuid, on_day date, at timestamptz, by_name text) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE hub text; last integer; added bigint; noted bigint;
    BEGIN
        SELECT m.locality INTO hub FROM hub_meeting m WHERE m.id = of_meeting AND m.status <> 'closed';
        IF hub IS NULL OR NOT coalesce('hub:' || hub = ANY (app_scopes()), false) THEN
            RAISE EXCEPTION 'not your meeting' USING ERRCODE = '42501';
        END IF;
        SELECT coalesce(max(i.place), 0) INTO last FROM hub_item i WHERE i.meeting_id = of_meeting;
        WITH due AS (
            SELECT r.id, row_number() OVER (ORDER BY r.urgent DESC, d.until_day IS NULL, r.received_at, r.id) AS n
            FROM record_scope s
            JOIN referral r ON r.id = s.record_id AND r.locality = hub
            LEFT JOIN LATERAL (
                SELECT x.until_day FROM hub_deferral x WHERE x.referral_id = r.id
                ORDER BY x.deferred_at DESC LIMIT 1) d ON true
            WHERE s.scope = 'hub:' || hub AND s.kind = 'referral' AND s.state = 'listed_for_hub'
              AND (d.until_day IS NULL OR d.until_day <= on_day)
              AND NOT EXISTS (
                  SELECT 1 FROM hub_item i WHERE i.referral_id = r.id AND i.kind = 'decision'
                  AND (i.status = 'listed' OR i.meeting_id = of_meeting))
        ), made AS (
            INSERT INTO hub_item (id, locality, meeting_id, referral_id, kind, place, status, added_at, added_by_name, version)
                SELECT gen_random_uuid(), hub, of_meeting, due.id, 'decision', last + due.n, 'listed', at, by_name, 1
                FROM due ORDER BY due.n
            -- Another meeting of the hub may build its agenda at this moment.
            ON CONFLICT DO NOTHING
            RETURNING 1)
        SELECT count(*) INTO added FROM made;
        SELECT coalesce(max(i.place), 0) INTO last FROM hub_item i WHERE i.meeting_id = of_meeting;
        WITH pending AS (
            SELECT i.id, row_number() OVER (ORDER BY i.added_at, i.id) AS n FROM hub_item i
            WHERE i.locality = hub AND i.kind = 'note' AND i.status = 'listed' AND i.meeting_id IS NULL
        ), taken AS (
            UPDATE hub_item i SET meeting_id = of_meeting, place = last + p.n, version = i.version + 1
            FROM pending p WHERE i.id = p.id AND i.meeting_id IS NULL
            RETURNING 1)
        SELECT count(*) INTO noted FROM taken;
        RETURN added + noted;
    END $$;
ALTER FUNCTION hub_agenda_build(uuid, date, timestamptz, text) OWNER TO access_reader;

-- What a meeting that closes leaves open: a referral that was not reached is listed for the next one,
-- one that went on meanwhile is done with, and a note waits for the next meeting. All of them, whoever
-- closes it. The answer is how many were not reached.
CREATE FUNCTION hub_agenda_settle(of_meeting uuid, at timestamptz, by_name text) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE hub text; not_reached bigint;
    BEGIN
        SELECT m.locality INTO hub FROM hub_meeting m WHERE m.id = of_meeting;
        IF hub IS NULL OR NOT coalesce('hub:' || hub = ANY (app_scopes()), false) THEN
            RAISE EXCEPTION 'not your meeting' USING ERRCODE = '42501';
        END IF;
        UPDATE hub_item i SET meeting_id = NULL, place = NULL, version = i.version + 1
            WHERE i.meeting_id = of_meeting AND i.kind = 'note' AND i.status = 'listed';
        WITH settled AS (
            UPDATE hub_item i
            SET status = CASE WHEN r.status = 'listed_for_hub' THEN 'not_reached' ELSE 'overtaken' END,
                settled_at = at, settled_by_name = by_name, version = i.version + 1
            FROM referral r
            WHERE i.meeting_id = of_meeting AND i.kind = 'decision' AND i.status = 'listed' AND r.id = i.referral_id
            RETURNING i.status)
        SELECT count(*) FILTER (WHERE settled.status = 'not_reached') INTO not_reached FROM settled;
        RETURN not_reached;
    END $$;
ALTER FUNCTION hub_agenda_settle(uuid, timestamptz, text) OWNER TO access_reader;

-- What became of a meeting's items, in numbers, those with them that the caller does not see.
CREATE FUNCTION hub_agenda_count(of_meeting uuid)
    RETURNS TABLE (listed bigint, decided bigint, deferred bigint, removed bigint, not_reached bigint, overtaken bigint, noted bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT record_is_mine(of_meeting) THEN
            RETURN;
        END IF;
        RETURN QUERY
            SELECT count(*) FILTER (WHERE i.status = 'listed'), count(*) FILTER (WHERE i.status = 'decided'),
                   count(*) FILTER (WHERE i.status = 'deferred'), count(*) FILTER (WHERE i.status = 'removed'),
                   count(*) FILTER (WHERE i.status = 'not_reached'), count(*) FILTER (WHERE i.status = 'overtaken'),
                   count(*) FILTER (WHERE i.status = 'noted')
            FROM hub_item i WHERE i.meeting_id = of_meeting;
    END $$;
ALTER FUNCTION hub_agenda_count(uuid) OWNER TO access_reader;

-- What was put off is due back on its day; then the hub is reminded.
INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified) VALUES
    ('hub_deferral', 24, 168, 4, ARRAY['hub'], 'referrals', 'practice; how often is each county''s own', false);

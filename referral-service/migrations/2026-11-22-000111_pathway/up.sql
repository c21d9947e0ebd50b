-- The 0 to 2 pathway itself: who is on it, from which day to which, at which service, and who said so. A
-- check of a child's development belongs to the time on the pathway that holds its day; one of a child who
-- is not on it stands as before. Its own record, seen by the team the child joined at and whoever has the
-- child's family whole.

CREATE TABLE pathway_membership (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    family_id uuid REFERENCES family,
    service text COLLATE "C" NOT NULL,
    -- Which of the service's places, such as one children's centre of several.
    centre text,
    locality text COLLATE "C",
    joined_on date NOT NULL,
    -- Who told the service that the child joins, and what they are to it.
    told_by_name text NOT NULL,
    told_by_is text NOT NULL,
    joined_recorded_at timestamptz NOT NULL,
    joined_recorded_by uuid NOT NULL,
    joined_recorded_by_name text NOT NULL,
    left_on date CHECK (left_on >= joined_on),
    left_because text COLLATE "C",
    left_words text,
    left_recorded_at timestamptz,
    left_recorded_by uuid,
    left_recorded_by_name text,
    version bigint NOT NULL,
    CHECK ((left_on IS NULL) = (left_because IS NULL))
);
CREATE INDEX pathway_membership_person ON pathway_membership (person_id, joined_on, id);
CREATE UNIQUE INDEX pathway_membership_once ON pathway_membership (person_id) WHERE left_on IS NULL;
CREATE INDEX pathway_membership_family ON pathway_membership (family_id) WHERE family_id IS NOT NULL;

ALTER TABLE pathway_membership ENABLE ROW LEVEL SECURITY;
ALTER TABLE pathway_membership FORCE ROW LEVEL SECURITY;
CREATE POLICY made ON pathway_membership FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL);
CREATE POLICY seen ON pathway_membership FOR SELECT TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = pathway_membership.id AND s.view = 'full'));
CREATE POLICY ended ON pathway_membership FOR UPDATE TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = pathway_membership.id AND s.view = 'full'));
CREATE POLICY worker ON pathway_membership FOR SELECT TO threshold_worker USING (true);
CREATE POLICY reader ON pathway_membership FOR SELECT TO access_reader USING (true);
GRANT SELECT, INSERT ON pathway_membership TO threshold_web;
GRANT UPDATE (left_on, left_because, left_words, left_recorded_at, left_recorded_by, left_recorded_by_name, version)
    ON pathway_membership TO threshold_web;
GRANT SELECT ON pathway_membership TO threshold_worker, access_reader;

-- How the child's last time on the pathway stands, for one who sees the child, also where another service
-- recorded it: a child is on the pathway once in the county. Two who let it join at once come one after the other.
CREATE FUNCTION pathway_last(child uuid) RETURNS TABLE (joined_on date, left_on date)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM record_scope s
                       WHERE s.record_id = child AND s.view = 'full' AND s.scope = ANY (app_scopes())) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended('pathway:' || child, 14));
        RETURN QUERY
            SELECT m.joined_on, m.left_on FROM pathway_membership m
            WHERE m.person_id = child ORDER BY m.left_on DESC NULLS FIRST, m.joined_on DESC LIMIT 1;
    END $$;
ALTER FUNCTION pathway_last(uuid) OWNER TO access_reader;

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('pathway_leaving', 'aged-out', 'Reached the age it ends at', '2003-01-01', NULL, 'Working list, unverified'),
    ('pathway_leaving', 'moved-away', 'Moved away', '2003-01-01', NULL, 'Working list, unverified'),
    ('pathway_leaving', 'declined', 'The family did not want it any more', '2003-01-01', NULL, 'Working list, unverified'),
    ('pathway_leaving', 'stepped-up', 'Stepped up to other help', '2003-01-01', NULL, 'Working list, unverified'),
    ('pathway_leaving', 'other', 'Something else, said in words', '2003-01-01', NULL, 'Working list, unverified')
ON CONFLICT DO NOTHING;

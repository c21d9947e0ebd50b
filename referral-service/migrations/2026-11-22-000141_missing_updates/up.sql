-- What is heard of a child while it is missing: that the risk is judged anew, that somebody saw it, its district.
-- Appended, never changed: the report stays as it was told. It is the working team's, as the report is; whoever
-- reported may add to it without reading what others added.

CREATE TABLE missing_update (
    id uuid PRIMARY KEY,
    episode_id uuid NOT NULL REFERENCES missing_episode,
    risk_level text COLLATE "C",
    seen_at timestamptz,
    seen_place text,
    seen_told_by text,
    locality text COLLATE "C",
    note text,
    agency text COLLATE "C" NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_by_name text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CHECK (risk_level IS NOT NULL OR seen_at IS NOT NULL OR locality IS NOT NULL),
    CHECK ((seen_at IS NULL) = (seen_place IS NULL) AND (seen_at IS NULL) = (seen_told_by IS NULL))
);
CREATE INDEX missing_update_episode ON missing_update (episode_id, recorded_at);

ALTER TABLE missing_update ENABLE ROW LEVEL SECURITY;
ALTER TABLE missing_update FORCE ROW LEVEL SECURITY;
CREATE POLICY made ON missing_update FOR INSERT TO threshold_web WITH CHECK (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = missing_update.episode_id));
CREATE POLICY seen ON missing_update FOR SELECT TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = missing_update.episode_id AND s.view = 'full'));
CREATE POLICY worker ON missing_update FOR SELECT TO threshold_worker USING (true);
CREATE POLICY reader ON missing_update FOR SELECT TO access_reader USING (true);
GRANT SELECT, INSERT ON missing_update TO threshold_web;
GRANT SELECT ON missing_update TO threshold_worker, access_reader;
GRANT UPDATE (locality) ON missing_episode TO threshold_web;

-- The risk as last judged, for whoever adds to the episode and may not read it: whether it is raised.
CREATE FUNCTION missing_risk(episode uuid) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT coalesce(
            (SELECT u.risk_level FROM missing_update u WHERE u.episode_id = a.episode_id AND u.risk_level IS NOT NULL
             ORDER BY u.recorded_at DESC, u.id DESC LIMIT 1), a.risk_level)
        FROM missing_account a WHERE a.episode_id = episode AND record_is_mine(episode)
    $$;
ALTER FUNCTION missing_risk(uuid) OWNER TO access_reader;

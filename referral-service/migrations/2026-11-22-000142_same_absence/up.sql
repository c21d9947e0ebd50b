-- One absence that two report, each not seeing the other's report: the school a child whom the police have reported.
-- Neither is refused, for that would tell it of the other. The later is marked as the same absence, which is shown to
-- who sees both whole; it counts as no repeat; and what becomes of either, the return and the interview, becomes of both.

CREATE TABLE missing_same_absence (
    episode_id uuid PRIMARY KEY REFERENCES missing_episode,
    -- The one that was reported before.
    same_as uuid NOT NULL REFERENCES missing_episode,
    CHECK (episode_id <> same_as)
);
CREATE INDEX missing_same_absence_same_as ON missing_same_absence (same_as);

ALTER TABLE missing_same_absence ENABLE ROW LEVEL SECURITY;
ALTER TABLE missing_same_absence FORCE ROW LEVEL SECURITY;
CREATE POLICY made ON missing_same_absence FOR INSERT TO threshold_web WITH CHECK (
    EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = missing_same_absence.episode_id));
CREATE POLICY seen ON missing_same_absence FOR SELECT TO threshold_web USING (
    EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = missing_same_absence.episode_id AND s.view = 'full')
    AND EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = missing_same_absence.same_as AND s.view = 'full'));
CREATE POLICY worker ON missing_same_absence FOR SELECT TO threshold_worker USING (true);
CREATE POLICY reader ON missing_same_absence FOR SELECT TO access_reader USING (true);
GRANT SELECT, INSERT ON missing_same_absence TO threshold_web;
GRANT SELECT ON missing_same_absence TO threshold_worker, access_reader;

CREATE POLICY followed ON missing_episode FOR UPDATE TO access_reader USING (true) WITH CHECK (true);
GRANT UPDATE (status, returned_at, interview_offered_at, interview_answered_at, interview_in_time, version)
    ON missing_episode TO access_reader;
CREATE POLICY followed ON deadline FOR INSERT TO access_reader WITH CHECK (true);
GRANT INSERT ON deadline TO access_reader;

-- The first open episode of a child, whoever asks: for marking the one that is being reported, and never shown. Reports
-- of one child, and what becomes of them, follow one another: two at the same moment would not see each other.
CREATE FUNCTION missing_absence_of(child uuid) RETURNS TABLE (id uuid, repeat_number integer)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    #variable_conflict use_column
    BEGIN
        IF app_user() IS NULL THEN
            RETURN;
        END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended(child::text, 142));
        RETURN QUERY
            SELECT e.id, a.repeat_number
            FROM missing_account a JOIN missing_episode e ON e.id = a.episode_id
            LEFT JOIN missing_same_absence m ON m.episode_id = e.id
            WHERE a.person_id = child AND e.status = 'missing'
            ORDER BY m.same_as IS NOT NULL, e.reported_at, e.id LIMIT 1;
    END $$;
ALTER FUNCTION missing_absence_of(uuid) OWNER TO access_reader;

-- Waits for whoever changes an episode of the same child.
CREATE FUNCTION missing_absence_hold(episode uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended(a.person_id::text, 142))
            FROM missing_account a
            WHERE a.episode_id = episode AND app_user() IS NOT NULL AND record_is_mine(episode);
    END $$;
ALTER FUNCTION missing_absence_hold(uuid) OWNER TO access_reader;

-- Lets the other episodes of the absence stand where this one stands, with its clock. What was told of the return and
-- the interview stays with this one. Only whoever holds the other too moves it: a word of somebody who does not know of
-- it must not end the search for a child. Such a one is answered as not followed, for those who hold it to be told.
-- An episode that began after the return of the other is another absence after all.
-- The answer is for telling other services, and never shown.
CREATE FUNCTION missing_absence_follow(episode uuid, at timestamptz)
    RETURNS TABLE (id uuid, locality text, missing_since timestamptz, followed boolean)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    #variable_conflict use_column
    DECLARE acted missing_episode; one record;
    BEGIN
        IF app_user() IS NULL OR NOT record_is_mine(episode) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        SELECT * INTO acted FROM missing_episode e WHERE e.id = episode;
        FOR one IN
            WITH others AS (
                SELECT m.same_as AS other FROM missing_same_absence m WHERE m.episode_id = episode
                UNION
                SELECT m.episode_id FROM missing_same_absence m WHERE m.same_as = episode
                UNION
                SELECT b.episode_id FROM missing_same_absence a JOIN missing_same_absence b ON b.same_as = a.same_as
                WHERE a.episode_id = episode AND b.episode_id <> episode
            ), followed AS (
                UPDATE missing_episode o
                    SET status = acted.status, returned_at = coalesce(o.returned_at, acted.returned_at),
                        interview_offered_at = acted.interview_offered_at,
                        interview_answered_at = acted.interview_answered_at,
                        interview_in_time = acted.interview_in_time, version = o.version + 1
                    FROM others
                    WHERE o.id = others.other AND o.status <> 'cancelled' AND o.missing_since <= acted.returned_at
                      AND (o.returned_at IS NULL OR acted.missing_since <= o.returned_at)
                      AND (acted.status <> 'returned' OR o.status = 'missing') AND record_is_mine(o.id)
                    RETURNING o.id, o.locality, o.missing_since
            ), moved AS (
                UPDATE record_scope s SET state = acted.status FROM followed f WHERE s.record_id = f.id
            ), clocks AS (
                INSERT INTO deadline (record_id, code, started_at, due_at, met_at)
                    SELECT f.id, d.code, d.started_at, d.due_at, d.met_at
                    FROM followed f JOIN deadline d ON d.record_id = episode AND d.code = 'return_interview'
                    ON CONFLICT (record_id, code) DO UPDATE SET met_at = excluded.met_at
            )
            SELECT f.id, f.locality, f.missing_since, true AS followed FROM followed f
            UNION ALL
            SELECT o.id, o.locality, o.missing_since, false FROM missing_episode o JOIN others ON others.other = o.id
            WHERE acted.status = 'returned' AND o.status = 'missing' AND o.missing_since <= acted.returned_at
              AND NOT record_is_mine(o.id)
        LOOP
            IF one.followed THEN
                PERFORM alerts_over(one.id, ARRAY['missing_child', 'missing_exploited_child', 'return_told_elsewhere'], at);
            END IF;
            id := one.id;
            locality := one.locality;
            missing_since := one.missing_since;
            followed := one.followed;
            RETURN NEXT;
        END LOOP;
    END $$;
ALTER FUNCTION missing_absence_follow(uuid, timestamptz) OWNER TO access_reader;

-- An absence that two reported is one, as long as the report that came first stands, and unless the other is told to
-- have begun after that return.
CREATE OR REPLACE FUNCTION missing_count(person uuid, after timestamptz, until timestamptz) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT count(*) FROM missing_account a JOIN missing_episode e ON e.id = a.episode_id
        WHERE app_user() IS NOT NULL AND a.person_id = person
          AND a.missing_since > after AND a.missing_since <= until AND e.status <> 'cancelled'
          AND NOT EXISTS (SELECT 1 FROM missing_same_absence m JOIN missing_episode o ON o.id = m.same_as
                          WHERE m.episode_id = e.id AND o.status <> 'cancelled'
                            AND (o.returned_at IS NULL OR e.missing_since <= o.returned_at))
    $$;

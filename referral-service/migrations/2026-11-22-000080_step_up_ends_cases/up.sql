-- A step up to children's social care ends the family's open case of that referral: with its ending, its workers'
-- parts, its plan, the meetings that were still to come and every clock. Whoever takes the step (First Response,
-- a hub, another team) may see none of it, so it is done here for whoever sees the referral, as
-- allocations_stepped_up does with the services' work. What was done stays in the file.

CREATE FUNCTION cases_stepped_up(of_referral uuid, at timestamptz, because text, by_name text)
    RETURNS TABLE (case_id uuid, family_id uuid, case_type text, team text, locality text, measured boolean,
                   people jsonb, actions jsonb, goals jsonb, meetings jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    #variable_conflict use_column
    DECLARE
        one record;
        closing uuid;
        today date := ($2 AT TIME ZONE 'UTC')::date;
    BEGIN
        IF NOT record_is_mine(of_referral) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        -- The order of locks is everyone's: referral and allocations before, then families, then cases.
        PERFORM 1 FROM family f
            WHERE f.id IN (SELECT k.family_id FROM family_case k WHERE k.referral_id = of_referral AND k.status = 'open')
            ORDER BY f.id FOR UPDATE;
        FOR one IN
            SELECT k.id, k.family_id, k.case_type, k.team, f.locality FROM family_case k JOIN family f ON f.id = k.family_id
            WHERE k.referral_id = of_referral AND k.status = 'open' ORDER BY k.id FOR UPDATE OF k
        LOOP
            SELECT m.id INTO closing FROM measurement m
                WHERE m.case_id = one.id AND m.point = 'closure' AND m.status = 'completed'
                ORDER BY m.completed_at DESC LIMIT 1;
            UPDATE family_case k SET status = 'closed', closed_at = $2, version = k.version + 1 WHERE k.id = one.id;
            INSERT INTO case_ending (case_id, outcome, planned_exit, summary) VALUES (one.id, 'stepped_up', false, because);
            INSERT INTO case_exit (case_id, measurement_id, not_measured_because, closed_by, closed_by_name)
                VALUES (one.id, closing, CASE WHEN closing IS NULL THEN 'stepped-up' END, app_user(), by_name);
            UPDATE case_worker w SET to_at = $2 WHERE w.case_id = one.id AND w.to_at IS NULL;
            WITH dropped AS (
                UPDATE plan_goal g SET status = 'dropped', closed_on = greatest(g.set_on, today), note = because
                    WHERE g.case_id = one.id AND g.status = 'open' RETURNING g.id, g.need, g.set_on, g.closed_on
            ), changed AS (
                UPDATE plan p SET version = p.version + 1 WHERE p.case_id = one.id AND EXISTS (SELECT 1 FROM dropped)
            )
            SELECT coalesce(jsonb_agg(jsonb_build_object('goal_id', d.id, 'need', d.need, 'set_on', d.set_on,
                       'closed_on', d.closed_on)), '[]') INTO goals FROM dropped d;
            WITH cancelled AS (
                UPDATE team_around m SET status = 'cancelled', cancelled_because = because, version = m.version + 1
                    WHERE m.case_id = one.id AND m.status = 'planned' RETURNING m.id, m.starts_at
            )
            SELECT coalesce(jsonb_agg(jsonb_build_object('meeting_id', c.id, 'starts_at', c.starts_at)), '[]')
                INTO meetings FROM cancelled c;
            WITH cancelled AS (
                UPDATE plan_action a SET status = 'cancelled', ended_at = $2, version = a.version + 1
                    WHERE a.case_id = one.id AND a.status IN ('proposed', 'accepted') RETURNING a.*
            ), told AS (
                -- The agency that was asked reads this line: it hears that the work has ended, and not where the family went.
                INSERT INTO plan_action_history (id, action_id, at, who, agency, what, words)
                    SELECT gen_random_uuid(), c.id, $2, $4, app_agency(), 'cancelled',
                           'The team has ended its work with the family.' FROM cancelled c
            ), moved AS (
                UPDATE record_scope s SET state = 'cancelled' FROM cancelled c WHERE s.record_id = c.id
            ), stopped AS (
                UPDATE deadline d SET met_at = $2 FROM cancelled c WHERE d.record_id = c.id AND d.met_at IS NULL
            )
            SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'facts', jsonb_build_object('action_id', c.id,
                       'locality', c.locality, 'owner_kind', c.owner_kind, 'agency', c.owner_agency, 'due_on', c.due_on,
                       'proposed_at', c.proposed_at, 'status', c.status))), '[]') INTO actions FROM cancelled c;
            UPDATE deadline d SET met_at = $2 WHERE d.record_id = one.id AND d.met_at IS NULL;
            UPDATE record_scope s SET state = 'closed' WHERE s.record_id = one.id;
            IF NOT EXISTS (SELECT 1 FROM family_case k WHERE k.family_id = one.family_id AND k.status = 'open') THEN
                UPDATE record_scope s SET state = 'known' WHERE s.record_id = one.family_id;
            END IF;
            SELECT coalesce(jsonb_agg(jsonb_build_object('person_id', m.person_id, 'role', m.role, 'unborn', m.unborn,
                       'birth_date', p.birth_date) ORDER BY m.from_date, m.id), '[]') INTO people
                FROM family_member m JOIN person p ON p.id = m.person_id
                WHERE m.family_id = one.family_id AND m.from_date <= today AND (m.to_date IS NULL OR today < m.to_date);
            case_id := one.id;
            family_id := one.family_id;
            case_type := one.case_type;
            team := one.team;
            locality := one.locality;
            measured := closing IS NOT NULL;
            RETURN NEXT;
        END LOOP;
    END $$;

-- What the function needs, and no more.
CREATE POLICY stepped_up ON family FOR UPDATE TO access_reader USING (true) WITH CHECK (true);
CREATE POLICY stepped_up ON family_case FOR UPDATE TO access_reader USING (true) WITH CHECK (true);
CREATE POLICY stepped_up ON case_worker FOR UPDATE TO access_reader USING (true) WITH CHECK (true);
CREATE POLICY stepped_up ON case_ending FOR INSERT TO access_reader WITH CHECK (true);
CREATE POLICY stepped_up ON case_exit FOR INSERT TO access_reader WITH CHECK (true);
CREATE POLICY stepped_up ON plan TO access_reader USING (true) WITH CHECK (true);
CREATE POLICY stepped_up ON plan_goal TO access_reader USING (true) WITH CHECK (true);
CREATE POLICY stepped_up ON team_around TO access_reader USING (true) WITH CHECK (true);
CREATE POLICY stepped_up ON plan_action FOR UPDATE TO access_reader USING (true) WITH CHECK (true);
CREATE POLICY stepped_up ON plan_action_history FOR INSERT TO access_reader WITH CHECK (true);
CREATE POLICY stepped_up ON measurement FOR SELECT TO access_reader USING (true);
GRANT UPDATE (version) ON family TO access_reader;
GRANT UPDATE (status, closed_at, version) ON family_case TO access_reader;
GRANT UPDATE (to_at) ON case_worker TO access_reader;
GRANT INSERT ON case_ending, case_exit, plan_action_history TO access_reader;
GRANT SELECT ON plan, plan_goal, team_around, measurement TO access_reader;
GRANT UPDATE (version) ON plan TO access_reader;
GRANT UPDATE (status, closed_on, note) ON plan_goal TO access_reader;
GRANT UPDATE (status, cancelled_because, version) ON team_around TO access_reader;
GRANT UPDATE (status, ended_at, version) ON plan_action TO access_reader;
ALTER FUNCTION cases_stepped_up(uuid, timestamptz, text, text) OWNER TO access_reader;

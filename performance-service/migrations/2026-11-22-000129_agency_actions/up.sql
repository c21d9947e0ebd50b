-- What other agencies were asked to do for a family, as referral-service's events tell it, and whether they did it by the
-- day. The documents define no figure of it: these are proposals.

-- Each time and day is set by one kind of event; what the action is, every event of it says alike.
CREATE TABLE agency_action_fact (
    action_id uuid PRIMARY KEY,
    agency text COLLATE "C" NOT NULL,
    service text COLLATE "C",
    locality text COLLATE "C",
    due_on date NOT NULL,
    proposed_at timestamptz NOT NULL,
    accepted_at timestamptz,
    declined_at timestamptz,
    completed_on date,
    cancelled_at timestamptz
);
CREATE INDEX agency_action_fact_due ON agency_action_fact (due_on);
ALTER TABLE agency_action_fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE agency_action_fact FORCE ROW LEVEL SECURITY;
CREATE POLICY figures ON agency_action_fact FOR SELECT TO threshold_web USING ('figures' = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY worker ON agency_action_fact TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY reader ON agency_action_fact FOR SELECT TO access_reader USING (true);
GRANT SELECT ON agency_action_fact TO threshold_web, access_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON agency_action_fact TO threshold_worker;

-- The actions due in the period, with where they stand. One that the team cancelled after its day had passed stays overdue.
CREATE FUNCTION agency_actions_due(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, agency text, standing text, by_its_day boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, f.service, f.agency,
               CASE WHEN f.completed_on IS NOT NULL THEN 'completed'
                    WHEN f.declined_at IS NOT NULL THEN 'declined'
                    WHEN (f.cancelled_at AT TIME ZONE 'Europe/London')::date <= f.due_on THEN 'cancelled'
                    WHEN f.due_on < (app_now() AT TIME ZONE 'Europe/London')::date THEN 'overdue'
                    WHEN f.accepted_at IS NOT NULL THEN 'accepted'
                    ELSE 'proposed' END,
               coalesce(f.completed_on <= f.due_on, false)
        FROM agency_action_fact f
        WHERE f.due_on >= (in_from AT TIME ZONE 'Europe/London')::date AND f.due_on < (in_to AT TIME ZONE 'Europe/London')::date
          AND app_user() IS NOT NULL
    $$;

CREATE FUNCTION counted_agency_actions(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT a.locality, a.service, a.standing, count(*), NULL::bigint, count(*) FILTER (WHERE a.standing IN ('accepted', 'proposed'))
        FROM agency_actions_due(in_from, in_to) a GROUP BY 1, 2, 3
    $$;

-- One that was declined is in the base: or an agency that declines everything would have done all it should. One that was
-- cancelled by its day is in neither number.
CREATE FUNCTION counted_agency_actions_done(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT a.locality, a.service, a.agency, count(*) FILTER (WHERE a.by_its_day),
               count(*) FILTER (WHERE a.standing IN ('completed', 'declined', 'overdue')),
               count(*) FILTER (WHERE a.standing IN ('accepted', 'proposed'))
        FROM agency_actions_due(in_from, in_to) a GROUP BY 1, 2, 3
    $$;

DO $$
DECLARE f text;
BEGIN
    FOREACH f IN ARRAY ARRAY['agency_actions_due', 'counted_agency_actions', 'counted_agency_actions_done'] LOOP
        EXECUTE format('ALTER FUNCTION %I(timestamptz, timestamptz) OWNER TO access_reader', f);
    END LOOP;
END $$;
-- Rows leave this by the counting functions only.
REVOKE EXECUTE ON FUNCTION agency_actions_due(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agency_actions_due(timestamptz, timestamptz) TO access_reader;

ALTER TABLE indicator NO FORCE ROW LEVEL SECURITY;
INSERT INTO indicator (id, code, title, numerator, denominator, unit, decimals, polarity, tolerance, source, verified, computed, breakdowns, part_is, created_at, created_by) VALUES
    ('0193a000-0000-7000-8000-000000000084', 'agency_actions', 'Actions of other agencies',
     'Actions that another agency was asked for and that were due in the period, by where they stand', NULL,
     'count', 0, 'neutral', 5, 'Proposal, unverified: events of this system', false, true, ARRAY['locality', 'service', 'part'], 'where the action stands', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000085', 'agency_actions_done', 'Actions of other agencies done by their day',
     'Actions that another agency was asked for, due in the period, that were completed by their day',
     'Actions that another agency was asked for, due in the period, that were completed or declined, or whose day has passed; less those that were cancelled by their day',
     'percentage', 1, 'higher_is_better', 1, 'Proposal, unverified: events of this system', false, true, ARRAY['locality', 'service', 'part'], 'agency asked', '2026-11-22T00:00:00Z', 'migration');
ALTER TABLE indicator FORCE ROW LEVEL SECURITY;

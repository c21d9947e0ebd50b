-- Children who went missing, as referral-service's events tell it, and the return interviews that
-- must be held within 72 hours. Each column is set by one kind of event, as in referral_fact.

CREATE TABLE missing_fact (
    episode_id uuid PRIMARY KEY,
    person_id uuid,
    locality text COLLATE "C",
    agency text COLLATE "C",
    reported_at timestamptz,
    risk_level text COLLATE "C",
    exploitation boolean,
    repeat_number integer,
    returned_at timestamptz,
    interview_due_at timestamptz,
    offered_at timestamptz,
    declined_at timestamptz,
    held_at timestamptz,
    held_in_time boolean,
    themes text[] NOT NULL DEFAULT '{}',
    cancelled_at timestamptz
);
CREATE INDEX missing_fact_reported ON missing_fact (reported_at);
CREATE INDEX missing_fact_returned ON missing_fact (returned_at);

ALTER TABLE missing_fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE missing_fact FORCE ROW LEVEL SECURITY;
CREATE POLICY figures ON missing_fact FOR SELECT TO threshold_web USING ('figures' = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY worker ON missing_fact TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY reader ON missing_fact FOR SELECT TO access_reader USING (true);
GRANT SELECT ON missing_fact TO threshold_web, access_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON missing_fact TO threshold_worker;

CREATE FUNCTION counted_missing_episodes(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, f.risk_level, count(*), NULL::bigint, 0::bigint
        FROM missing_fact f
        WHERE f.reported_at >= in_from AND f.reported_at < in_to AND f.cancelled_at IS NULL AND app_user() IS NOT NULL
        GROUP BY f.locality, f.risk_level
    $$;

-- Of the returns of the period: held within the limit, of those that were held or declined or whose
-- limit has passed. One that is still within its limit can't be judged yet.
CREATE FUNCTION counted_return_interviews_in_time(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, NULL::text,
               count(*) FILTER (WHERE f.held_in_time),
               count(*) FILTER (WHERE f.held_at IS NOT NULL OR f.declined_at IS NOT NULL OR f.interview_due_at < app_now()),
               count(*) FILTER (WHERE f.held_at IS NULL AND f.declined_at IS NULL AND f.interview_due_at >= app_now())
        FROM missing_fact f
        WHERE f.returned_at >= in_from AND f.returned_at < in_to AND f.cancelled_at IS NULL AND app_user() IS NOT NULL
        GROUP BY f.locality
    $$;

CREATE FUNCTION counted_return_interviews_held(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, NULL::text, count(*), NULL::bigint, 0::bigint
        FROM missing_fact f
        WHERE f.held_at >= in_from AND f.held_at < in_to AND f.cancelled_at IS NULL AND app_user() IS NOT NULL
        GROUP BY f.locality
    $$;

-- How many held interviews named each theme; an interview may name several.
CREATE FUNCTION counted_return_interview_themes(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, t.theme, count(*), NULL::bigint, 0::bigint
        FROM missing_fact f CROSS JOIN unnest(f.themes) AS t(theme)
        WHERE f.held_at >= in_from AND f.held_at < in_to AND f.cancelled_at IS NULL AND app_user() IS NOT NULL
        GROUP BY f.locality, t.theme
    $$;

ALTER FUNCTION counted_missing_episodes(timestamptz, timestamptz) OWNER TO access_reader;
ALTER FUNCTION counted_return_interviews_in_time(timestamptz, timestamptz) OWNER TO access_reader;
ALTER FUNCTION counted_return_interviews_held(timestamptz, timestamptz) OWNER TO access_reader;
ALTER FUNCTION counted_return_interview_themes(timestamptz, timestamptz) OWNER TO access_reader;

ALTER TABLE indicator NO FORCE ROW LEVEL SECURITY;
INSERT INTO indicator (id, code, title, numerator, denominator, unit, decimals, polarity, tolerance, source, verified, computed, breakdowns, part_is, created_at, created_by) VALUES
    ('0193a000-0000-7000-8000-000000000010', 'missing_episodes', 'Missing episodes',
     'Episodes reported in the period, less those that proved to be none', NULL,
     'count', 0, 'lower_is_better', 5, 'Events of this system', true, true, ARRAY['locality', 'part'], 'risk level', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000011', 'return_interviews_in_time', 'Return interviews held within 72 hours',
     'Returns in the period whose return interview was held within the limit',
     'Returns in the period whose interview was held or declined, or whose limit has passed',
     'percentage', 1, 'higher_is_better', 1, 'Statutory guidance on children who run away or go missing; 72 hours from the return', true, true, ARRAY['locality'], NULL, '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000012', 'return_interviews_held', 'Return interviews held',
     'Return interviews held in the period', NULL,
     'count', 0, 'neutral', 5, 'Events of this system', true, true, ARRAY['locality'], NULL, '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000013', 'return_interview_themes', 'What children told of in return interviews',
     'Interviews held in the period that named the theme; one may name several', NULL,
     'count', 0, 'neutral', 5, 'Events of this system; the list of themes is a proposal', false, true, ARRAY['locality', 'part'], 'theme', '2026-11-22T00:00:00Z', 'migration');
ALTER TABLE indicator FORCE ROW LEVEL SECURITY;

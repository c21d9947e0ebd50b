-- One absence that two agencies reported is counted once: the episode that was reported later says of which it is the
-- same, and counts only if that one proved to be none, or if it is told to have begun after that one's return.

ALTER TABLE missing_fact ADD same_absence_as uuid;
ALTER TABLE missing_fact ADD missing_since timestamptz;

CREATE FUNCTION missing_counted_before(fact missing_fact) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = public, pg_temp
    AS $$
        SELECT fact.same_absence_as IS NOT NULL AND EXISTS (
            SELECT 1 FROM missing_fact first
            WHERE first.episode_id = fact.same_absence_as AND first.cancelled_at IS NULL
              AND (first.returned_at IS NULL OR fact.missing_since <= first.returned_at))
    $$;

CREATE OR REPLACE FUNCTION counted_missing_episodes(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, f.risk_level, count(*), NULL::bigint, 0::bigint
        FROM missing_fact f
        WHERE f.reported_at >= in_from AND f.reported_at < in_to AND f.cancelled_at IS NULL
          AND NOT missing_counted_before(f) AND app_user() IS NOT NULL
        GROUP BY f.locality, f.risk_level
    $$;

-- Of the returns of the period: held within the limit, of those that were held or declined or whose
-- limit has passed. One that is still within its limit can't be judged yet.
CREATE OR REPLACE FUNCTION counted_return_interviews_in_time(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, NULL::text,
               count(*) FILTER (WHERE f.held_in_time),
               count(*) FILTER (WHERE f.held_at IS NOT NULL OR f.declined_at IS NOT NULL OR f.interview_due_at < app_now()),
               count(*) FILTER (WHERE f.held_at IS NULL AND f.declined_at IS NULL AND f.interview_due_at >= app_now())
        FROM missing_fact f
        WHERE f.returned_at >= in_from AND f.returned_at < in_to AND f.cancelled_at IS NULL
          AND NOT missing_counted_before(f) AND app_user() IS NOT NULL
        GROUP BY f.locality
    $$;

CREATE OR REPLACE FUNCTION counted_return_interviews_held(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, NULL::text, count(*), NULL::bigint, 0::bigint
        FROM missing_fact f
        WHERE f.held_at >= in_from AND f.held_at < in_to AND f.cancelled_at IS NULL
          AND NOT missing_counted_before(f) AND app_user() IS NOT NULL
        GROUP BY f.locality
    $$;

-- How many held interviews named each theme; an interview may name several.
CREATE OR REPLACE FUNCTION counted_return_interview_themes(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, t.theme, count(*), NULL::bigint, 0::bigint
        FROM missing_fact f CROSS JOIN unnest(f.themes) AS t(theme)
        WHERE f.held_at >= in_from AND f.held_at < in_to AND f.cancelled_at IS NULL
          AND NOT missing_counted_before(f) AND app_user() IS NOT NULL
        GROUP BY f.locality, t.theme
    $$;

-- Who is on the 0 to 2 pathway, as referral-service's events tell it.

CREATE TABLE pathway_fact (
    membership_id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    joined_on date NOT NULL,
    -- Whole months from joining until the child is older than the pathway is for. Not the day, which would
    -- tell its birthday. Null until the joining is read, should the leaving be read first.
    months_to_go smallint,
    left_on date,
    because text COLLATE "C",
    service text COLLATE "C" NOT NULL,
    locality text COLLATE "C"
);
CREATE INDEX pathway_fact_joined ON pathway_fact (joined_on);
ALTER TABLE pathway_fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE pathway_fact FORCE ROW LEVEL SECURITY;
CREATE POLICY figures ON pathway_fact FOR SELECT TO threshold_web USING ('figures' = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY worker ON pathway_fact TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY reader ON pathway_fact FOR SELECT TO access_reader USING (true);
GRANT SELECT ON pathway_fact TO threshold_web, access_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON pathway_fact TO threshold_worker;

-- Each child once, where it last joined. One that nobody took off the pathway counts until the month in which
-- it outgrows it: or those who were forgotten would count for ever.
CREATE FUNCTION counted_pathway_children(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT t.locality, t.service, NULL::text, count(*), NULL::bigint, 0::bigint
        FROM (SELECT DISTINCT ON (f.person_id) f.locality, f.service
              FROM pathway_fact f
              WHERE f.joined_on < (in_to AT TIME ZONE 'Europe/London')::date
                AND coalesce(f.left_on, (f.joined_on + make_interval(months => f.months_to_go + 1))::date - 1)
                    >= (in_from AT TIME ZONE 'Europe/London')::date
                AND app_user() IS NOT NULL
              ORDER BY f.person_id, f.joined_on DESC, f.membership_id DESC) t
        GROUP BY 1, 2
    $$;
ALTER FUNCTION counted_pathway_children(timestamptz, timestamptz) OWNER TO access_reader;

ALTER TABLE indicator NO FORCE ROW LEVEL SECURITY;
INSERT INTO indicator (id, code, title, numerator, denominator, unit, decimals, polarity, tolerance, source, verified, computed, breakdowns, part_is, created_at, created_by) VALUES
    ('0193a000-0000-7000-8000-000000000055', 'pathway_children', 'Children on the 0 to 2 pathway',
     'Children who were on the pathway on any day of the period', NULL, 'count', 0, 'neutral', 5,
     'Events of this system; that one whom nobody took off the pathway counts until it outgrows it is a proposal', false, true, ARRAY['locality', 'service'], NULL, '2026-11-22T00:00:00Z', 'migration');
ALTER TABLE indicator FORCE ROW LEVEL SECURITY;

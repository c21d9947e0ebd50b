-- What lists from partners find: families whom nobody had referred, and how many of those who were offered help
-- accepted it.

CREATE TABLE partner_family_fact (
    partner_family_id uuid PRIMARY KEY,
    agency text COLLATE "C",
    found_at timestamptz,
    standing text COLLATE "C",
    offered_at timestamptz,
    accepted_at timestamptz,
    answered_at timestamptz
);
CREATE INDEX partner_family_fact_found ON partner_family_fact (found_at);
CREATE INDEX partner_family_fact_offered ON partner_family_fact (offered_at);
ALTER TABLE partner_family_fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE partner_family_fact FORCE ROW LEVEL SECURITY;
CREATE POLICY figures ON partner_family_fact FOR SELECT TO threshold_web USING ('figures' = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY worker ON partner_family_fact TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY reader ON partner_family_fact FOR SELECT TO access_reader USING (true);
GRANT SELECT ON partner_family_fact TO threshold_web, access_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON partner_family_fact TO threshold_worker;

-- One that only may be known counts once an officer has decided.
CREATE FUNCTION counted_partner_families_found(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT NULL::text, NULL::text, f.agency, count(*) FILTER (WHERE f.standing IN ('new', 'matched')), NULL::bigint,
               count(*) FILTER (WHERE f.standing = 'possible')
        FROM partner_family_fact f
        WHERE f.found_at >= in_from AND f.found_at < in_to AND app_user() IS NOT NULL
        GROUP BY 3
    $$;

-- Of the families first offered help in the period: one that has not answered counts as one that has not accepted.
CREATE FUNCTION counted_partner_offers_accepted(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT NULL::text, NULL::text, f.agency, count(*) FILTER (WHERE f.accepted_at IS NOT NULL), count(*),
               count(*) FILTER (WHERE f.answered_at IS NULL)
        FROM partner_family_fact f
        WHERE f.offered_at >= in_from AND f.offered_at < in_to AND app_user() IS NOT NULL
        GROUP BY 3
    $$;
ALTER FUNCTION counted_partner_families_found(timestamptz, timestamptz) OWNER TO access_reader;
ALTER FUNCTION counted_partner_offers_accepted(timestamptz, timestamptz) OWNER TO access_reader;

ALTER TABLE indicator NO FORCE ROW LEVEL SECURITY;
INSERT INTO indicator (id, code, title, numerator, denominator, unit, decimals, polarity, tolerance, source, verified, computed, breakdowns, part_is, created_at, created_by) VALUES
    ('0193a000-0000-7000-8000-000000000060', 'partner_families_found', 'Families found on partners'' lists',
     'Families on lists that came in the period whom nobody had referred and nobody worked with', NULL, 'count', 0, 'neutral', 5,
     'Events of this system', true, true, ARRAY['part'], 'partner', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000061', 'partner_offers_accepted', 'Families on partners'' lists who accepted help',
     'Families first offered help in the period who accepted it', 'Families on partners'' lists first offered help in the period',
     'percentage', 1, 'higher_is_better', 1, 'Events of this system', true, true, ARRAY['part'], 'partner', '2026-11-22T00:00:00Z', 'migration');
ALTER TABLE indicator FORCE ROW LEVEL SECURITY;

-- Whom one works with: whoever is of the same agency, or works in a team or sits on a hub that is one's own. Their
-- names and where they work, so that a case can be given to somebody; the account itself stays the administrators' to
-- read, and of another agency's people no more is said than what one shares with them. As for the caller's own scopes,
-- holding a team or a locality alone says nothing: a role must say in which capacity.
CREATE FUNCTION colleagues(
    of_team text, of_locality text, named text, after_at timestamptz, after_id uuid, at_most bigint
) RETURNS TABLE (
    id uuid, display_name text, agency text, roles text[], localities text[], teams text[], created_at timestamptz
)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        WITH mine AS MATERIALIZED (
            SELECT coalesce(array_agg(substr(scope, 6)) FILTER (WHERE scope LIKE 'team:%'), '{}') AS teams,
                   coalesce(array_agg(substr(scope, 5)) FILTER (WHERE scope LIKE 'hub:%'), '{}') AS localities
            FROM unnest(app_scopes()) scope
        )
        SELECT u.id, u.display_name, u.agency, shown.roles, shown.localities, shown.teams, u.created_at
        FROM user_account u
        CROSS JOIN mine m
        CROSS JOIN LATERAL (
            SELECT u.agency = (SELECT app_agency()) AS own, 'hub_member' = ANY (u.roles) AS on_hub,
                   u.roles && ARRAY['service_worker', 'service_manager', 'youth_justice_worker'] AS in_team
        ) is_so
        CROSS JOIN LATERAL (
            SELECT ARRAY(SELECT l FROM unnest(u.localities) l WHERE on_hub AND (own OR l = ANY (m.localities))) AS localities,
                   ARRAY(SELECT t FROM unnest(u.teams) t WHERE in_team AND (own OR t = ANY (m.teams))) AS teams
        ) works
        CROSS JOIN LATERAL (
            SELECT works.localities, works.teams, ARRAY(
                SELECT r FROM unnest(u.roles) r
                WHERE own OR (r = 'hub_member' AND works.localities <> '{}')
                   OR (r IN ('service_worker', 'service_manager', 'youth_justice_worker') AND works.teams <> '{}')) AS roles
        ) shown
        WHERE app_user() IS NOT NULL AND u.deactivated_at IS NULL
          AND (u.agency = (SELECT app_agency()) OR u.teams && (SELECT n.teams FROM mine n)
               OR u.localities && (SELECT n.localities FROM mine n))
          AND shown.roles <> '{}'
          AND (of_team IS NULL OR of_team = ANY (shown.teams))
          AND (of_locality IS NULL OR of_locality = ANY (shown.localities))
          AND (named IS NULL OR strpos(lower(u.display_name), lower(named)) > 0)
          AND (u.created_at, u.id) < (after_at, after_id)
        ORDER BY u.created_at DESC, u.id DESC
        LIMIT at_most
    $$;
CREATE POLICY colleagues ON user_account FOR SELECT TO access_reader USING (true);
GRANT SELECT (id, display_name, agency, roles, localities, teams, created_at, deactivated_at)
    ON user_account TO access_reader;
ALTER FUNCTION colleagues(text, text, text, timestamptz, uuid, bigint) OWNER TO access_reader;

CREATE INDEX user_account_agency ON user_account (agency, created_at DESC, id DESC);
CREATE INDEX user_account_teams ON user_account USING gin (teams);
CREATE INDEX user_account_localities ON user_account USING gin (localities);

-- Whom one works with: whoever is of the same agency, team or hub. Their names and where they work, so that a case
-- can be given to somebody; the account itself stays the administrators' to read.
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
        SELECT u.id, u.display_name, u.agency, u.roles, u.localities, u.teams, u.created_at
        FROM user_account u
        WHERE app_user() IS NOT NULL AND u.deactivated_at IS NULL
          AND (u.agency = (SELECT app_agency()) OR u.teams && (SELECT m.teams FROM mine m)
               OR u.localities && (SELECT m.localities FROM mine m))
          AND (of_team IS NULL OR of_team = ANY (u.teams))
          AND (of_locality IS NULL OR of_locality = ANY (u.localities))
          AND (named IS NULL OR strpos(lower(u.display_name), lower(named)) > 0)
          AND (u.created_at, u.id) < (after_at, after_id)
        ORDER BY u.created_at DESC, u.id DESC
        LIMIT at_most
    $$;
CREATE POLICY colleagues ON user_account FOR SELECT TO access_reader USING (true);
GRANT SELECT ON user_account TO access_reader;
ALTER FUNCTION colleagues(text, text, text, timestamptz, uuid, bigint) OWNER TO access_reader;

CREATE INDEX user_account_agency ON user_account (agency, created_at DESC, id DESC);
CREATE INDEX user_account_teams ON user_account USING gin (teams);
CREATE INDEX user_account_localities ON user_account USING gin (localities);

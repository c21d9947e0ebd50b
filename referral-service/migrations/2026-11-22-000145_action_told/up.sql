-- Whoever was asked for an action and declines it does not see who works on the case; those who do must learn of it.
-- The team that asked, and the workers named on the case; only for somebody who sees the action.
CREATE FUNCTION action_team(action uuid) RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT coalesce(array_agg(DISTINCT s.scope ORDER BY s.scope), '{}')
        FROM plan_action a JOIN record_scope s ON s.record_id = a.id
        WHERE a.id = action AND app_user() IS NOT NULL AND record_is_mine(action) AND s.view = 'full'
          AND (s.scope = 'team:' || a.team
               OR (s.scope LIKE 'user:%' AND s.scope <> 'user:' || coalesce(a.owner_user::text, '')))
    $$;
ALTER FUNCTION action_team(uuid) OWNER TO access_reader;

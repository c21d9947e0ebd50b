DROP POLICY not_restricted ON record_scope;
CREATE POLICY not_restricted ON record_scope AS RESTRICTIVE FOR SELECT TO threshold_web
    USING ((
        SELECT true FROM access a
        WHERE a.record_id = record_scope.record_id
          AND a.valid_from <= (SELECT app_now())
          AND (a.valid_until IS NULL OR a.valid_until > (SELECT app_now()))
          AND (a.effect = 'exclude'
               OR (a.effect = 'restrict' AND record_scope.scope <> 'governance'
                   AND record_scope.view <> 'status'
                   AND NOT EXISTS (
                    SELECT 1 FROM access g
                    WHERE g.record_id = a.record_id AND g.effect = 'allow'
                      AND g.valid_from <= (SELECT app_now())
                      AND (g.valid_until IS NULL OR g.valid_until > (SELECT app_now())))))
        LIMIT 1) IS NULL);

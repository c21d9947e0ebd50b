-- What a record is found by its reference is shown with it: concerns about exploitation, groups and brief interventions
-- have references too.
DO $$
BEGIN
    EXECUTE format($view$CREATE OR REPLACE VIEW record_label WITH (security_invoker = true) AS %s
        UNION ALL
        SELECT id, reference, locality FROM exploitation_concern
        UNION ALL
        SELECT id, reference, locality FROM support_group
        UNION ALL
        SELECT id, reference, locality FROM brief_intervention$view$,
        rtrim(pg_get_viewdef('record_label'::regclass), '; '));
END $$;

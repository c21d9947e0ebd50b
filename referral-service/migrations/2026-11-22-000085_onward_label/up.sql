-- What lists that hold records of many kinds say of an onward referral: its referral's reference, and its
-- district. Added to whatever the view names already, so that it does not matter who was before.
DO $$
BEGIN
    EXECUTE format($view$CREATE OR REPLACE VIEW record_label WITH (security_invoker = true) AS %s
        UNION ALL
        SELECT o.id, r.reference, o.locality FROM onward_referral o LEFT JOIN referral r ON r.id = o.referral_id$view$,
        rtrim(pg_get_viewdef('record_label'::regclass), '; '));
END $$;

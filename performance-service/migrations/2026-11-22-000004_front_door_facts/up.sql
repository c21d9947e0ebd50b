-- How worries come, whether they come again, whether whoever told hears of it in time, and how soon
-- other agencies answer what they are asked.

ALTER TABLE referral_fact
    ADD channel text COLLATE "C",
    ADD kind text COLLATE "C",
    ADD urgent boolean,
    ADD repeated boolean,
    ADD told_at timestamptz,
    ADD told_in_time boolean;

CREATE TABLE information_request_fact (
    request_id uuid PRIMARY KEY,
    agency text COLLATE "C",
    locality text COLLATE "C",
    asked_at timestamptz,
    due_at timestamptz,
    answered_at timestamptz,
    answered_in_time boolean,
    cancelled_at timestamptz
);
CREATE INDEX information_request_fact_asked ON information_request_fact (asked_at);
ALTER TABLE information_request_fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE information_request_fact FORCE ROW LEVEL SECURITY;
CREATE POLICY figures ON information_request_fact FOR SELECT TO threshold_web USING ('figures' = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY worker ON information_request_fact TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY reader ON information_request_fact FOR SELECT TO access_reader USING (true);
GRANT SELECT ON information_request_fact TO threshold_web, access_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON information_request_fact TO threshold_worker;

CREATE FUNCTION counted_referrals_by_kind(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, f.kind, count(*), NULL::bigint, 0::bigint FROM referral_fact f
        WHERE f.received_at >= in_from AND f.received_at < in_to AND app_user() IS NOT NULL
        GROUP BY 1, 3
    $$;

CREATE FUNCTION counted_repeat_referrals(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, NULL::text, count(*) FILTER (WHERE f.repeated), count(*), 0::bigint FROM referral_fact f
        WHERE f.received_at >= in_from AND f.received_at < in_to AND f.repeated IS NOT NULL AND app_user() IS NOT NULL
        GROUP BY 1
    $$;

CREATE FUNCTION counted_urgent_referrals(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, NULL::text, count(*), NULL::bigint, 0::bigint FROM referral_fact f
        WHERE f.received_at >= in_from AND f.received_at < in_to AND f.urgent AND app_user() IS NOT NULL
        GROUP BY 1
    $$;

-- By when the referrer was told, of the referrals of which they were told something in the period.
CREATE FUNCTION counted_referrer_told_in_time(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, f.agency, count(*) FILTER (WHERE f.told_in_time), count(*), 0::bigint FROM referral_fact f
        WHERE f.told_at >= in_from AND f.told_at < in_to AND app_user() IS NOT NULL
        GROUP BY 1, 3
    $$;

CREATE FUNCTION counted_information_answered_in_time(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, f.agency, count(*) FILTER (WHERE f.answered_in_time),
               count(*) FILTER (WHERE f.answered_at IS NOT NULL OR f.due_at < app_now()),
               count(*) FILTER (WHERE f.answered_at IS NULL AND f.due_at >= app_now())
        FROM information_request_fact f
        WHERE f.asked_at >= in_from AND f.asked_at < in_to AND f.cancelled_at IS NULL AND app_user() IS NOT NULL
        GROUP BY 1, 3
    $$;

DO $$
DECLARE f text;
BEGIN
    FOREACH f IN ARRAY ARRAY['counted_referrals_by_kind', 'counted_repeat_referrals', 'counted_urgent_referrals',
                             'counted_referrer_told_in_time', 'counted_information_answered_in_time'] LOOP
        EXECUTE format('ALTER FUNCTION %I(timestamptz, timestamptz) OWNER TO access_reader', f);
    END LOOP;
END $$;

ALTER TABLE indicator NO FORCE ROW LEVEL SECURITY;
INSERT INTO indicator (id, code, title, numerator, denominator, unit, decimals, polarity, tolerance, source, verified, computed, breakdowns, part_is, created_at, created_by) VALUES
    ('0193a000-0000-7000-8000-000000000040', 'referrals_by_kind', 'Referrals by who came with them',
     'Referrals received in the period', NULL, 'count', 0, 'neutral', 5, 'Events of this system', true, true, ARRAY['locality', 'part'], 'kind of contact', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000041', 'repeat_referrals', 'Repeat referrals',
     'Referrals received in the period of somebody who was referred in the twelve months before',
     'Referrals received in the period', 'percentage', 1, 'lower_is_better', 1, 'Events of this system', true, true, ARRAY['locality'], NULL, '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000042', 'urgent_referrals', 'Urgent safeguarding referrals',
     'Referrals received in the period that were told as immediate safeguarding', NULL, 'count', 0, 'neutral', 5, 'Events of this system', true, true, ARRAY['locality'], NULL, '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000043', 'referrer_told_in_time', 'Referrers who heard the outcome in time',
     'Referrers told the first outcome within the limit',
     'Referrers told the first outcome in the period', 'percentage', 1, 'higher_is_better', 1, 'Events of this system; the limit is a row of time_limit and unverified', false, true, ARRAY['locality', 'part'], 'agency', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000044', 'information_answered_in_time', 'Information requests answered in time',
     'Requests of the period answered within the limit',
     'Requests of the period that were answered, or whose limit has passed', 'percentage', 1, 'higher_is_better', 1, 'Events of this system; the limit is a row of time_limit and unverified', false, true, ARRAY['locality', 'part'], 'agency asked', '2026-11-22T00:00:00Z', 'migration');
ALTER TABLE indicator FORCE ROW LEVEL SECURITY;

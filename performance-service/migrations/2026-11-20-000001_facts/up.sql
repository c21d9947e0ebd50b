-- What became of each referral and allocation, as referral-service's events tell it: no name,
-- no birth date, nobody's words. Each column is set by one kind of event, so that the order in
-- which events arrive, or their arriving twice, changes nothing, and reading the log again
-- from its beginning makes the same rows.

CREATE TABLE referral_fact (
    referral_id uuid PRIMARY KEY,
    received_at timestamptz,
    -- The decision's limit. A decision's own word on it wins: holidays may have moved it.
    due_at timestamptz,
    agency text COLLATE "C",
    screening_started_at timestamptz,
    decided_at timestamptz,
    outcome text COLLATE "C",
    level_of_need smallint,
    in_time boolean,
    hub_decided_at timestamptz,
    hub_outcome text COLLATE "C",
    hub_service text COLLATE "C",
    withdrawn_at timestamptz,
    closed_at timestamptz,
    closed_how text COLLATE "C",
    received_locality text COLLATE "C",
    decided_locality text COLLATE "C",
    hub_locality text COLLATE "C",
    locality text COLLATE "C" GENERATED ALWAYS AS (coalesce(hub_locality, decided_locality, received_locality)) STORED
);
CREATE INDEX referral_fact_received ON referral_fact (received_at);

CREATE TABLE allocation_fact (
    allocation_id uuid PRIMARY KEY,
    referral_id uuid NOT NULL,
    service text COLLATE "C" NOT NULL,
    locality text COLLATE "C",
    offered_at timestamptz,
    accepted_at timestamptz,
    declined_at timestamptz,
    withdrawn_at timestamptz,
    closed_at timestamptz,
    outcome text COLLATE "C"
);
CREATE INDEX allocation_fact_offered ON allocation_fact (offered_at);

-- Facts are person data, if pseudonymous: only those who keep or steer by the figures see rows.
ALTER TABLE referral_fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE referral_fact FORCE ROW LEVEL SECURITY;
ALTER TABLE allocation_fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE allocation_fact FORCE ROW LEVEL SECURITY;
CREATE POLICY figures ON referral_fact FOR SELECT TO threshold_web
    USING ('figures' = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY figures ON allocation_fact FOR SELECT TO threshold_web
    USING ('figures' = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY worker ON referral_fact TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON allocation_fact TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY reader ON referral_fact FOR SELECT TO access_reader USING (true);
CREATE POLICY reader ON allocation_fact FOR SELECT TO access_reader USING (true);

GRANT SELECT ON referral_fact, allocation_fact TO threshold_web, access_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON referral_fact, allocation_fact TO threshold_worker;
GRANT SELECT ON consumer_position, dead_letter TO access_reader;

-- The figures count everything, so they are counted by access_reader; who may ask is the action
-- policy's to say, but without a context nobody gets an answer. Every function answers in cells
-- of one shape, and whoever shows them rolls the cells up. `pending` are cases that may still
-- change the cell.

CREATE FUNCTION figure_referrals_received(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text, count(*), NULL::bigint, 0::bigint
        FROM referral_fact f
        WHERE f.received_at >= in_from AND f.received_at < in_to AND app_user() IS NOT NULL
        GROUP BY f.locality
    $$;

-- Decided in time, of those that were decided or whose limit has passed. A referral taken back
-- before its limit passed was never late; one taken back after was. One that is neither decided
-- nor due is pending: it will count, but can't be judged yet.
CREATE FUNCTION figure_decided_in_time(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, NULL::text,
               count(*) FILTER (WHERE f.decided_at IS NOT NULL AND f.in_time),
               count(*) FILTER (WHERE f.decided_at IS NOT NULL OR f.due_at < least(f.withdrawn_at, app_now())),
               count(*) FILTER (WHERE f.decided_at IS NULL AND f.withdrawn_at IS NULL AND f.due_at >= app_now())
        FROM referral_fact f
        WHERE f.received_at >= in_from AND f.received_at < in_to AND app_user() IS NOT NULL
        GROUP BY f.locality
    $$;

-- Allocations offered to a service, less those it declined and those withdrawn before it accepted.
-- One that is not answered yet is counted, and pending.
CREATE FUNCTION figure_allocated_by_service(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT coalesce(r.locality, a.locality), a.service, count(*), NULL::bigint,
               count(*) FILTER (WHERE a.accepted_at IS NULL AND a.closed_at IS NULL)
        FROM allocation_fact a LEFT JOIN referral_fact r ON r.referral_id = a.referral_id
        WHERE a.offered_at >= in_from AND a.offered_at < in_to AND app_user() IS NOT NULL
          AND a.declined_at IS NULL
          AND (a.withdrawn_at IS NULL OR a.accepted_at <= a.withdrawn_at)
        GROUP BY 1, 2
    $$;

-- How far the log was read, and how many events are held back: what a figure may lack.
CREATE FUNCTION projection_state(in_consumer text)
    RETURNS TABLE (read_to bigint, held_back bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT (SELECT position FROM consumer_position WHERE consumer = in_consumer),
               (SELECT count(*) FROM dead_letter WHERE consumer = in_consumer)
    $$;

ALTER FUNCTION figure_referrals_received(timestamptz, timestamptz) OWNER TO access_reader;
ALTER FUNCTION figure_decided_in_time(timestamptz, timestamptz) OWNER TO access_reader;
ALTER FUNCTION figure_allocated_by_service(timestamptz, timestamptz) OWNER TO access_reader;
ALTER FUNCTION projection_state(text) OWNER TO access_reader;

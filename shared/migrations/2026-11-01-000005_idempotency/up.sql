-- What a retried request is answered with: status, location and version, nothing else.
-- The body is read again under the rights of the day.

CREATE TABLE idempotency (
    caller uuid NOT NULL,
    route text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    location text,
    version bigint,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (caller, route, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);

ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON idempotency TO threshold_web
    USING (caller = (SELECT app_user())) WITH CHECK (caller = (SELECT app_user()));
CREATE POLICY worker ON idempotency TO threshold_worker USING (true);
GRANT SELECT, INSERT ON idempotency TO threshold_web;
GRANT SELECT, DELETE ON idempotency TO threshold_worker;

-- One round trip: takes the lock of the key and says what is known of it.
-- 'new': go on; 'busy': the same key is being worked on; 'other': it came with another
-- body; 'done': the answer stands in the row.
CREATE FUNCTION idempotency_claim(in_route text, in_key text, in_fingerprint bytea,
                                  OUT state text, OUT status smallint, OUT location text, OUT version bigint)
    LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp
    AS $$
    DECLARE found_row idempotency;
    BEGIN
        IF NOT pg_try_advisory_xact_lock(hashtextextended(app_user()::text || ' ' || in_route || ' ' || in_key, 0)) THEN
            state := 'busy';
            RETURN;
        END IF;
        SELECT * INTO found_row FROM idempotency i
            WHERE i.caller = app_user() AND i.route = in_route AND i.key = in_key;
        IF NOT FOUND THEN
            state := 'new';
        ELSIF found_row.fingerprint <> in_fingerprint THEN
            state := 'other';
        ELSE
            state := 'done'; status := found_row.status;
            location := found_row.location; version := found_row.version;
        END IF;
    END $$;

-- What the token endpoint and the sign-in remember, all of it for minutes. Times are the
-- machine's and come from the program.

-- Tokens no longer believed: those of a sign-in, or all of a user or client, made at or before `at`.
CREATE TABLE revocation (
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('session', 'subject')),
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (id, at, kind)
);
CREATE INDEX revocation_at ON revocation (at);

-- Assertions that were used: each is good once.
CREATE TABLE used_assertion (
    client uuid NOT NULL,
    -- SHA-256 of the assertion's jti.
    jti bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (client, jti)
);
CREATE INDEX used_assertion_expiry ON used_assertion (expires_at);

-- Codes on their way from the sign-in page to the token endpoint.
CREATE TABLE authorization_code (
    -- SHA-256 of the code; the code itself is kept nowhere.
    code bytea PRIMARY KEY,
    client_id text COLLATE "C" NOT NULL,
    redirect_uri text COLLATE "C" NOT NULL,
    challenge text COLLATE "C" NOT NULL,
    user_id uuid NOT NULL,
    session_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX authorization_code_expiry ON authorization_code (expires_at);

-- Wrong passwords, by user name and source together: whoever guesses delays nobody but
-- himself. The user name may not exist, so it stands here as a digest.
CREATE TABLE sign_in_attempt (
    username bytea NOT NULL,
    source text COLLATE "C" NOT NULL,
    failures integer NOT NULL,
    next_at timestamptz NOT NULL,
    PRIMARY KEY (username, source)
);
CREATE INDEX sign_in_attempt_next ON sign_in_attempt (next_at);

ALTER TABLE revocation ENABLE ROW LEVEL SECURITY;
ALTER TABLE revocation FORCE ROW LEVEL SECURITY;
ALTER TABLE used_assertion ENABLE ROW LEVEL SECURITY;
ALTER TABLE used_assertion FORCE ROW LEVEL SECURITY;
ALTER TABLE authorization_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE authorization_code FORCE ROW LEVEL SECURITY;
ALTER TABLE sign_in_attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_in_attempt FORCE ROW LEVEL SECURITY;

CREATE POLICY web ON revocation FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL);
CREATE POLICY worker ON revocation TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON used_assertion TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON authorization_code TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON sign_in_attempt TO threshold_worker USING (true) WITH CHECK (true);

GRANT INSERT ON revocation TO threshold_web;
GRANT SELECT, INSERT, DELETE ON revocation, used_assertion TO threshold_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON authorization_code, sign_in_attempt TO threshold_worker;

-- Who may sign in: agencies, teams, people and partners' systems. No child or family is
-- named in this database; staff are, so their rows are held as closely as records are.
--
-- A person's or client's record belongs to the scopes 'administration' (the partnership's
-- administrators), 'agency-administration:<agency>' and 'governance' (who only read).

CREATE TABLE agency (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    kind text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX agency_list ON agency (created_at DESC, id DESC);

CREATE TABLE team (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    agency text COLLATE "C" NOT NULL REFERENCES agency (code),
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX team_list ON team (created_at DESC, id DESC);

CREATE TABLE user_account (
    id uuid PRIMARY KEY,
    username text COLLATE "C" NOT NULL UNIQUE,
    display_name text NOT NULL,
    agency text COLLATE "C" NOT NULL REFERENCES agency (code),
    roles text[] NOT NULL,
    localities text[] NOT NULL,
    teams text[] NOT NULL,
    created_at timestamptz NOT NULL,
    deactivated_at timestamptz,
    version bigint NOT NULL
);

-- Apart from the account, so that no policy on accounts can ever show it.
CREATE TABLE user_password (
    user_id uuid PRIMARY KEY REFERENCES user_account (id),
    -- PHC string, argon2id.
    hash text COLLATE "C" NOT NULL,
    changed_at timestamptz NOT NULL
);

-- A partner's system, which acts for itself.
CREATE TABLE client (
    id uuid PRIMARY KEY,
    client_id text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    agency text COLLATE "C" NOT NULL REFERENCES agency (code),
    roles text[] NOT NULL,
    localities text[] NOT NULL,
    teams text[] NOT NULL,
    -- Its public keys (RFC 7517).
    jwks jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    deactivated_at timestamptz,
    version bigint NOT NULL
);

-- Programs through which people sign in. They have no key and no rights of their own.
CREATE TABLE sign_in_client (
    client_id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    -- Where a code may be sent: whole addresses, or paths below the issuer.
    redirect_uris text[] NOT NULL
);
INSERT INTO sign_in_client (client_id, name, redirect_uris) VALUES ('console', 'Threshold', ARRAY['/signed-in']);

ALTER TABLE agency ENABLE ROW LEVEL SECURITY;
ALTER TABLE agency FORCE ROW LEVEL SECURITY;
ALTER TABLE team ENABLE ROW LEVEL SECURITY;
ALTER TABLE team FORCE ROW LEVEL SECURITY;
ALTER TABLE user_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_account FORCE ROW LEVEL SECURITY;
ALTER TABLE user_password ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_password FORCE ROW LEVEL SECURITY;
ALTER TABLE client ENABLE ROW LEVEL SECURITY;
ALTER TABLE client FORCE ROW LEVEL SECURITY;

-- Agencies and teams are known to everyone who is signed in; they name no person.
CREATE POLICY known ON agency FOR SELECT TO threshold_web USING ((SELECT app_user()) IS NOT NULL);
CREATE POLICY known ON team FOR SELECT TO threshold_web USING ((SELECT app_user()) IS NOT NULL);
CREATE POLICY kept ON agency FOR INSERT TO threshold_web
    WITH CHECK ('administration' = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY kept ON team FOR INSERT TO threshold_web
    WITH CHECK ('administration' = ANY ((SELECT app_scopes())::text[]));

CREATE POLICY seen ON user_account FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = user_account.id AND s.view = 'full'));
CREATE POLICY kept ON user_account FOR INSERT TO threshold_web
    WITH CHECK (ARRAY['administration', 'agency-administration:' || agency] && (SELECT app_scopes())::text[]);
CREATE POLICY changed ON user_account FOR UPDATE TO threshold_web
    USING (ARRAY['administration', 'agency-administration:' || agency] && (SELECT app_scopes())::text[])
    WITH CHECK (ARRAY['administration', 'agency-administration:' || agency] && (SELECT app_scopes())::text[]);

-- Only for an account one sees, and only the first: nothing here lets one be replaced.
CREATE POLICY kept ON user_password FOR INSERT TO threshold_web
    WITH CHECK (EXISTS (SELECT 1 FROM user_account u WHERE u.id = user_password.user_id));

CREATE POLICY seen ON client FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = client.id AND s.view = 'full'));
CREATE POLICY kept ON client FOR INSERT TO threshold_web
    WITH CHECK (ARRAY['administration', 'agency-administration:' || agency] && (SELECT app_scopes())::text[]);
CREATE POLICY changed ON client FOR UPDATE TO threshold_web
    USING (ARRAY['administration', 'agency-administration:' || agency] && (SELECT app_scopes())::text[])
    WITH CHECK (ARRAY['administration', 'agency-administration:' || agency] && (SELECT app_scopes())::text[]);

-- The worker role checks credentials, and makes the first administrator.
CREATE POLICY worker ON agency TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON team FOR SELECT TO threshold_worker USING (true);
CREATE POLICY worker ON user_account TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON user_password TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON client FOR SELECT TO threshold_worker USING (true);

GRANT SELECT, INSERT ON agency, team, user_account, client TO threshold_web;
GRANT UPDATE (roles, localities, teams, deactivated_at, version) ON user_account TO threshold_web;
GRANT UPDATE (deactivated_at, version) ON client TO threshold_web;
GRANT INSERT ON user_password TO threshold_web;
GRANT SELECT, INSERT ON agency, user_account, user_password TO threshold_worker;
GRANT SELECT ON team, client, sign_in_client TO threshold_worker;

-- Who looked at or changed what, and what was refused: one row for each request, in the
-- transaction of the request, before any data leaves. Nobody who serves requests
-- can read, change or remove a row.

CREATE TABLE audit_entry (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_id uuid NOT NULL,
    actor_name text NOT NULL,
    agency text COLLATE "C" NOT NULL,
    on_behalf_of text,
    session_id uuid NOT NULL,
    token_id uuid NOT NULL,
    action text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('done', 'refused')),
    status smallint NOT NULL,
    record_id uuid,
    subjects uuid[] NOT NULL,
    trace text COLLATE "C",
    -- Unguessable, so that a published digest of a row tells nothing of the row.
    salt bytea NOT NULL,
    -- The sequencer's number among committed rows; null until it has passed.
    sequence bigint,
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
CREATE TABLE audit_entry_default PARTITION OF audit_entry DEFAULT;
CREATE INDEX audit_entry_unsequenced ON audit_entry (at) WHERE sequence IS NULL;

-- The same rows by person, written by the sequencer.
CREATE TABLE audit_subject (
    person_id uuid NOT NULL,
    at timestamptz NOT NULL,
    entry_id uuid NOT NULL,
    PRIMARY KEY (person_id, at, entry_id)
);

CREATE TABLE audit_sequence (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    last bigint NOT NULL
);
INSERT INTO audit_sequence (last) VALUES (0);

ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_subject ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_subject FORCE ROW LEVEL SECURITY;
-- In nobody else's name.
CREATE POLICY web ON audit_entry FOR INSERT TO threshold_web
    WITH CHECK (sequence IS NULL AND actor_id = (SELECT app_user()));
CREATE POLICY worker ON audit_entry TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON audit_subject TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY reader ON audit_entry FOR SELECT TO access_reader USING (true);
CREATE POLICY reader ON audit_subject FOR SELECT TO access_reader USING (true);

GRANT INSERT ON audit_entry TO threshold_web;
GRANT SELECT, INSERT ON audit_entry TO threshold_worker;
GRANT UPDATE (sequence) ON audit_entry TO threshold_worker;
GRANT SELECT, INSERT ON audit_subject TO threshold_worker;
GRANT SELECT, UPDATE ON audit_sequence TO threshold_worker;
GRANT SELECT ON audit_entry, audit_subject TO access_reader;

-- The access log of a person the caller sees, newest first. Who may ask is the action
-- policy's to say; that the person is visible to the caller is asked here.
CREATE FUNCTION access_log(person uuid, before_at timestamptz, before_id uuid, how_many integer)
    RETURNS TABLE (entry_id uuid, at timestamptz, actor_id uuid, actor_name text, agency text,
                   on_behalf_of text, action text, outcome text, record_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT e.id, e.at, e.actor_id, e.actor_name, e.agency, e.on_behalf_of, e.action, e.outcome, e.record_id
        FROM audit_subject s
        JOIN audit_entry e ON e.at = s.at AND e.id = s.entry_id
        WHERE s.person_id = person
          AND (s.at, s.entry_id) < (before_at, before_id)
          AND EXISTS (SELECT 1 FROM record_scope r WHERE r.record_id = person AND r.scope = ANY (app_scopes()))
          AND NOT EXISTS (SELECT 1 FROM access a WHERE a.record_id = person AND a.effect = 'exclude' AND a.user_id = app_user()
                          AND (a.valid_until IS NULL OR a.valid_until > app_now()))
        ORDER BY s.at DESC, s.entry_id DESC
        LIMIT how_many
    $$;
ALTER FUNCTION access_log(uuid, timestamptz, uuid, integer) OWNER TO access_reader;

-- Onward referral: a family is passed on to a service that is no user. What is shared, with whom, for
-- what and on which basis is written down; the service reads it and answers by a link that ends.
--
-- Whoever sees the referral whole sees its onward referrals whole. The service sees, by its link, where
-- it stands and what is shared with it (view status), and nothing of why: one table for each.

CREATE TABLE onward_referral (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    service_id uuid NOT NULL REFERENCES directory_service,
    -- As they were called when they were asked.
    service_name text NOT NULL,
    organisation text NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN
        ('sent', 'viewed', 'accepted', 'declined', 'no_answer', 'expired', 'withdrawn')),
    locality text COLLATE "C",
    sent_at timestamptz NOT NULL,
    -- Until when the link opens.
    expires_at timestamptz NOT NULL,
    viewed_at timestamptz,
    answered_at timestamptz,
    answered_by text COLLATE "C" CHECK (answered_by IN ('link', 'worker')),
    outcome text COLLATE "C" CHECK (outcome IN ('engaged', 'sustained', 'did_not_engage', 'not_known')),
    outcome_on date,
    version bigint NOT NULL,
    CHECK ((status IN ('accepted', 'declined')) <= (answered_at IS NOT NULL)),
    CHECK ((outcome IS NULL) = (outcome_on IS NULL))
);
CREATE INDEX onward_referral_referral ON onward_referral (referral_id, sent_at DESC, id DESC);
CREATE INDEX onward_referral_service ON onward_referral (service_id);
CREATE INDEX onward_referral_waiting ON onward_referral (expires_at) WHERE status IN ('sent', 'viewed');

-- Each disclosure: to whom, which fields, for what, on which basis, by whom. Consent to share is its own
-- basis, and is not the family's agreement to a service.
CREATE TABLE onward_disclosure (
    id uuid PRIMARY KEY,
    onward_id uuid NOT NULL REFERENCES onward_referral,
    referral_id uuid NOT NULL REFERENCES referral,
    at timestamptz NOT NULL,
    by_user uuid NOT NULL,
    by_name text NOT NULL,
    agency text COLLATE "C" NOT NULL,
    to_whom text NOT NULL,
    fields text[] NOT NULL,
    people uuid[] NOT NULL,
    purpose text NOT NULL,
    basis text COLLATE "C" NOT NULL,
    basis_note text,
    consent_given_by text,
    consent_on date,
    -- What stood in the way of asking the service, and was overcome.
    warnings text[] NOT NULL,
    reply_to text NOT NULL,
    CHECK ((basis = 'consent') = (consent_given_by IS NOT NULL AND consent_on IS NOT NULL))
);
CREATE INDEX onward_disclosure_onward ON onward_disclosure (onward_id, at);
CREATE INDEX onward_disclosure_referral ON onward_disclosure (referral_id);

-- What the service reads: a copy of what was to be shared, as it was then.
CREATE TABLE onward_share (
    onward_id uuid PRIMARY KEY REFERENCES onward_referral,
    content jsonb NOT NULL
);

-- A link's id is who acts by it. What opens it is not stored, only its hash.
CREATE TABLE onward_link (
    id uuid PRIMARY KEY,
    onward_id uuid NOT NULL REFERENCES onward_referral,
    hash bytea NOT NULL UNIQUE,
    made_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX onward_link_onward ON onward_link (onward_id, made_at);

CREATE TABLE onward_history (
    id uuid PRIMARY KEY,
    onward_id uuid NOT NULL REFERENCES onward_referral,
    at timestamptz NOT NULL,
    who text NOT NULL,
    what text COLLATE "C" NOT NULL,
    note text
);
CREATE INDEX onward_history_onward ON onward_history (onward_id, at, id);

-- How the family is asked 3, 6, 9 and 12 months after the service took it on.
CREATE TABLE onward_follow_up (
    id uuid PRIMARY KEY,
    onward_id uuid NOT NULL REFERENCES onward_referral,
    months smallint NOT NULL CHECK (months > 0),
    started_on date NOT NULL,
    due_at timestamptz NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('due', 'answered', 'cancelled')),
    asked_on date,
    answered_at timestamptz,
    answered_by_name text,
    reached boolean,
    engaged boolean,
    sustained boolean,
    destination text COLLATE "C",
    words text,
    UNIQUE (onward_id, months),
    CHECK ((status = 'answered') = (answered_at IS NOT NULL AND reached IS NOT NULL AND asked_on IS NOT NULL)),
    -- Of whom nobody was reached nothing is known.
    CHECK (reached OR num_nonnulls(engaged, sustained, destination) = 0)
);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['onward_referral', 'onward_disclosure', 'onward_share', 'onward_link', 'onward_history', 'onward_follow_up'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('CREATE POLICY worker ON %I TO threshold_worker USING (true) WITH CHECK (true)', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
    -- The link sees where it stands and what is shared with it.
    FOREACH t IN ARRAY ARRAY['onward_disclosure', 'onward_link', 'onward_history', 'onward_follow_up'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM onward_referral o JOIN record_scope s ON s.record_id = o.referral_id AND s.view = ''full''
            WHERE o.id = %I.onward_id))', t, t);
    END LOOP;
END $$;

CREATE POLICY seen ON onward_referral FOR SELECT TO threshold_web USING (
    EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = onward_referral.referral_id AND s.view = 'full')
    OR EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = onward_referral.id AND s.view = 'status'));
CREATE POLICY moved ON onward_referral FOR UPDATE TO threshold_web USING (
    EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = onward_referral.referral_id AND s.view = 'full')
    OR EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = onward_referral.id AND s.view = 'status'));
CREATE POLICY seen ON onward_share FOR SELECT TO threshold_web USING (
    EXISTS (SELECT 1 FROM onward_referral o WHERE o.id = onward_share.onward_id));
CREATE POLICY answered ON onward_follow_up FOR UPDATE TO threshold_web USING (EXISTS (
    SELECT 1 FROM onward_referral o JOIN record_scope s ON s.record_id = o.referral_id AND s.view = 'full'
    WHERE o.id = onward_follow_up.onward_id));
GRANT UPDATE (status, asked_on, answered_at, answered_by_name, reached, engaged, sustained, destination, words)
    ON onward_follow_up TO threshold_web;
CREATE POLICY ended ON onward_link FOR UPDATE TO threshold_web USING (EXISTS (
    SELECT 1 FROM onward_referral o JOIN record_scope s ON s.record_id = o.referral_id AND s.view = 'full'
    WHERE o.id = onward_link.onward_id));
GRANT UPDATE (status, expires_at, viewed_at, answered_at, answered_by, outcome, outcome_on, version)
    ON onward_referral TO threshold_web;
GRANT UPDATE (revoked_at) ON onward_link TO threshold_web;
GRANT UPDATE (status, version) ON onward_referral TO threshold_worker;
GRANT INSERT ON onward_history TO threshold_worker;

-- What a secret opens, if it is one of ours, has not ended and was not taken back. Asked by whoever
-- holds the secret and is nobody else; wrong and ended are alike.
CREATE FUNCTION onward_opened(secret text, at timestamptz) RETURNS TABLE (link_id uuid, onward_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT l.id, l.onward_id FROM onward_link l JOIN onward_referral o ON o.id = l.onward_id
        WHERE l.hash = sha256(convert_to(secret, 'UTF8')) AND l.revoked_at IS NULL
          AND o.expires_at > at AND o.status <> 'withdrawn'
    $$;

-- Puts an onward referral on the worklists of a caller who sees its referral whole: whoever acts on it
-- has it in hand. That the caller sees it is asked before, under the caller's own policies.
CREATE FUNCTION onward_join(onward uuid) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
            SELECT o.id, 'onward_referral', s.scope, 'full', o.status, o.sent_at
            FROM onward_referral o
            JOIN record_scope s ON s.record_id = o.referral_id AND s.view = 'full' AND s.scope = ANY (app_scopes())
            WHERE o.id = onward
            ON CONFLICT DO NOTHING
    $$;
CREATE POLICY reader ON onward_referral FOR SELECT TO access_reader USING (true);
CREATE POLICY reader ON onward_link FOR SELECT TO access_reader USING (true);
GRANT SELECT ON onward_referral, onward_link TO access_reader;
ALTER FUNCTION onward_opened(text, timestamptz) OWNER TO access_reader;
ALTER FUNCTION onward_join(uuid) OWNER TO access_reader;

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('onward_answer', '2013-04-01', 10, 'working_day', 'practice: when a service that is no user should have answered; each county''s own', false),
    ('onward_link', '2013-04-01', 28, 'day', 'practice: for how long a link of an onward referral opens', false),
    ('onward_outcome', '2013-04-01', 182, 'day', 'practice: for how long a service that accepted may say what came of it', false),
    ('onward_follow_up_3_months', '2013-04-01', 3, 'month', 'follow-ups at 3, 6, 9 and 12 months, as the partnership asked for them', true),
    ('onward_follow_up_6_months', '2013-04-01', 6, 'month', 'follow-ups at 3, 6, 9 and 12 months, as the partnership asked for them', true),
    ('onward_follow_up_9_months', '2013-04-01', 9, 'month', 'follow-ups at 3, 6, 9 and 12 months, as the partnership asked for them', true),
    ('onward_follow_up_12_months', '2013-04-01', 12, 'month', 'follow-ups at 3, 6, 9 and 12 months, as the partnership asked for them', true);
INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified)
    SELECT code, 0, 168, 3, ARRAY['front-door', 'hub', 'team'], 'onward-referrals', 'practice; how often is each county''s own', false
    FROM unnest(ARRAY['onward_answer', 'onward_follow_up_3_months', 'onward_follow_up_6_months', 'onward_follow_up_9_months',
                      'onward_follow_up_12_months']) AS code;
INSERT INTO clock (code, label, whose) VALUES
    ('onward_answer', 'Answer to an onward referral', ARRAY['front-door', 'hub', 'team']),
    ('onward_follow_up_3_months', 'Follow-up 3 months after an onward referral', ARRAY['front-door', 'hub', 'team']),
    ('onward_follow_up_6_months', 'Follow-up 6 months after an onward referral', ARRAY['front-door', 'hub', 'team']),
    ('onward_follow_up_9_months', 'Follow-up 9 months after an onward referral', ARRAY['front-door', 'hub', 'team']),
    ('onward_follow_up_12_months', 'Follow-up 12 months after an onward referral', ARRAY['front-door', 'hub', 'team']);

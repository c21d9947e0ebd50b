-- A large batch goes on in the background after its sender has gone, and the sender's rights may be revoked meanwhile.
-- Then it is held until the sender resumes it under the rights they have now, or it is stopped: by the sender, by
-- their agency, by First Response or by an administrator. What was taken stays; the other rows are answered `not_taken`.

ALTER TABLE referral_batch
    -- When the sender's token was made, in seconds since 1970: what is revoked later holds the batch. Batches of before
    -- have none, and end as they began.
    ADD token_made_at bigint,
    -- When the rights of the sender were last known to stand, by the machine's clock.
    ADD believed_at timestamptz,
    ADD held_at timestamptz,
    ADD stopped_at timestamptz,
    -- Nobody, if it was held for as long as its words are kept.
    ADD stopped_by_name text,
    ADD stopped_because text,
    ADD not_taken_rows integer NOT NULL DEFAULT 0,
    ADD CHECK ((stopped_at IS NULL) = (stopped_because IS NULL));

ALTER TABLE referral_batch_row
    DROP CONSTRAINT referral_batch_row_outcome_check,
    ADD CONSTRAINT referral_batch_row_outcome_check CHECK (outcome IN ('taken', 'refused', 'not_taken'));

-- How far a batch is may be seen by whoever may stop it; its rows stay its sender's alone.
DROP POLICY seen ON referral_batch;
CREATE POLICY seen ON referral_batch FOR SELECT TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = referral_batch.id));
CREATE POLICY stopped ON referral_batch FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = referral_batch.id))
    WITH CHECK (stopped_at IS NOT NULL);
GRANT UPDATE (user_name, roles, localities, teams, session_id, token_id, token_made_at, on_behalf_of, believed_at, held_at, stopped_at,
              stopped_by_name, stopped_because, not_taken_rows) ON referral_batch TO threshold_web;
-- The background work holds what is no longer allowed, and stops what was held for too long.
GRANT UPDATE (believed_at, held_at, stopped_at, stopped_because, version) ON referral_batch TO threshold_worker;

-- Batches of before are given to those who may stop them. Row-level security holds for the tables' owner too.
ALTER TABLE referral_batch NO FORCE ROW LEVEL SECURITY;
ALTER TABLE record_scope NO FORCE ROW LEVEL SECURITY;
INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
    SELECT b.id, 'batch', s.scope, 'status', 'batch', b.received_at
    FROM referral_batch b CROSS JOIN LATERAL unnest(ARRAY['agency:' || b.agency, 'front-door', 'administration']) AS s(scope)
    ON CONFLICT (record_id, scope) DO NOTHING;
ALTER TABLE referral_batch FORCE ROW LEVEL SECURITY;
ALTER TABLE record_scope FORCE ROW LEVEL SECURITY;

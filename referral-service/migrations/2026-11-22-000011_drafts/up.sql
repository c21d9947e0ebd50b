-- A referral that somebody has begun to write and not yet sent. Nobody else sees it, and nothing is done
-- about it, so it is kept for a while only.

CREATE TABLE referral_draft (
    id uuid PRIMARY KEY,
    title text,
    -- Whatever of the form has been filled in, right or wrong.
    form jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX referral_draft_expires ON referral_draft (expires_at);

ALTER TABLE referral_draft ENABLE ROW LEVEL SECURITY;
ALTER TABLE referral_draft FORCE ROW LEVEL SECURITY;
-- The scope of a draft is its author's own, `user:…`.
CREATE POLICY seen ON referral_draft FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = referral_draft.id AND s.view = 'full'));
CREATE POLICY made ON referral_draft FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL);
CREATE POLICY moved ON referral_draft FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = referral_draft.id AND s.view = 'full'));
CREATE POLICY worker ON referral_draft FOR SELECT TO threshold_worker USING (true);
GRANT SELECT, INSERT ON referral_draft TO threshold_web;
GRANT UPDATE (title, form, changed_at, expires_at, version) ON referral_draft TO threshold_web;
GRANT SELECT ON referral_draft TO threshold_worker;

-- Removes drafts, with their place on their author's list: by the author, or by the background work that
-- ends those past their time.
CREATE FUNCTION draft_remove(drafts uuid[]) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE removed bigint;
    BEGIN
        IF NOT pg_has_role(session_user, 'threshold_worker', 'MEMBER')
           AND (app_user() IS NULL OR EXISTS (SELECT 1 FROM unnest(drafts) d WHERE NOT record_is_mine(d))) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        DELETE FROM record_scope WHERE record_id = ANY (drafts) AND kind = 'draft';
        DELETE FROM referral_draft WHERE id = ANY (drafts);
        GET DIAGNOSTICS removed = ROW_COUNT;
        RETURN removed;
    END $$;
CREATE POLICY reader ON referral_draft TO access_reader USING (true);
GRANT SELECT, DELETE ON referral_draft TO access_reader;
ALTER FUNCTION draft_remove(uuid[]) OWNER TO access_reader;

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('referral_draft', '2013-04-01', 30, 'day', 'a working assumption of how long an unfinished referral is of use', false);

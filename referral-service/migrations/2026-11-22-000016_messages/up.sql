-- Messages between whoever referred and those who work on the referral. Both sides see them, and nothing
-- else of each other's view: so they are seen in the view `status` as in the view `full`, and hold no column
-- that is only one side's. What was said stays; that the other side has seen it is added once.

CREATE TABLE message (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    sent_at timestamptz NOT NULL,
    -- Who says it: whoever referred, or whoever works on it.
    side text COLLATE "C" NOT NULL CHECK (side IN ('referrer', 'worker')),
    author uuid NOT NULL,
    author_name text NOT NULL,
    author_agency text COLLATE "C" NOT NULL,
    words text NOT NULL,
    seen_at timestamptz
);
CREATE INDEX message_referral ON message (referral_id, sent_at DESC, id DESC);
CREATE INDEX message_unseen ON message (referral_id, side) WHERE seen_at IS NULL;

ALTER TABLE message ENABLE ROW LEVEL SECURITY;
ALTER TABLE message FORCE ROW LEVEL SECURITY;
CREATE POLICY made ON message FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL);
CREATE POLICY seen ON message FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = message.referral_id AND s.view IN ('full', 'status')));
CREATE POLICY read ON message FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = message.referral_id AND s.view IN ('full', 'status')));
CREATE POLICY worker ON message FOR SELECT TO threshold_worker USING (true);
GRANT SELECT, INSERT ON message TO threshold_web;
GRANT UPDATE (seen_at) ON message TO threshold_web;
GRANT SELECT ON message TO threshold_worker;

-- Who is to learn that the referrer wrote: the teams at work, else the hub that has it, else the front door.
-- The referrer does not see where the referral is held; this says it to the program alone.
CREATE FUNCTION message_recipients(of_referral uuid) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE recipients text[];
    BEGIN
        IF NOT record_is_mine(of_referral) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        SELECT array_agg('team:' || a.service ORDER BY a.service) INTO recipients
            FROM allocation a WHERE a.referral_id = of_referral AND a.status = 'accepted';
        IF recipients IS NULL THEN
            SELECT CASE WHEN r.status IN ('listed_for_hub', 'offered') AND r.locality IS NOT NULL
                        THEN ARRAY['hub:' || r.locality] ELSE ARRAY['front-door'] END INTO recipients
                FROM referral r WHERE r.id = of_referral;
        END IF;
        RETURN recipients;
    END $$;
ALTER FUNCTION message_recipients(uuid) OWNER TO access_reader;

-- Many referrals in one file. The file is cut into chunks, each of which becomes referrals, row results and
-- the end of the chunk in one transaction: whatever happens in between, a referral is there whole or not
-- at all, and work goes on where it was. Whoever sent the file sees it, and nobody else.

CREATE TABLE referral_batch (
    id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL,
    -- Whoever sent it, as their token said: the rows are taken under their rights, whenever that is.
    user_id uuid NOT NULL,
    user_name text NOT NULL,
    agency text COLLATE "C" NOT NULL,
    roles text[] NOT NULL,
    localities text[] NOT NULL,
    teams text[] NOT NULL,
    session_id uuid NOT NULL,
    token_id uuid NOT NULL,
    on_behalf_of text,
    -- How the file is to be read: its separator, and the columns its header names, in their order.
    separator text COLLATE "C" NOT NULL,
    header text[] NOT NULL,
    row_count integer NOT NULL,
    taken_rows integer NOT NULL DEFAULT 0,
    refused_rows integer NOT NULL DEFAULT 0,
    warned_rows integer NOT NULL DEFAULT 0,
    referrals integer NOT NULL DEFAULT 0,
    chunks_left integer NOT NULL,
    warnings jsonb NOT NULL,
    finished_at timestamptz,
    -- Until when the words of refused rows are kept, so that they can be put right and sent again.
    kept_until timestamptz NOT NULL,
    emptied boolean NOT NULL DEFAULT false,
    version bigint NOT NULL
);
CREATE INDEX referral_batch_open ON referral_batch (received_at, id) WHERE finished_at IS NULL;
CREATE INDEX referral_batch_kept ON referral_batch (kept_until) WHERE NOT emptied;

-- Rows that wait. A chunk is deleted by the transaction that takes it, and its words with it.
CREATE TABLE referral_batch_chunk (
    batch_id uuid NOT NULL REFERENCES referral_batch,
    n integer NOT NULL,
    content text NOT NULL,
    failures smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (batch_id, n)
);

-- What became of each row. The words of a row that was taken stand in the referral, those of one that was
-- refused here, for a while.
CREATE TABLE referral_batch_row (
    batch_id uuid NOT NULL REFERENCES referral_batch,
    -- As a spreadsheet shows it: the header is row 1.
    number integer NOT NULL,
    outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('taken', 'refused')),
    referral_id uuid,
    reference text COLLATE "C",
    problems jsonb NOT NULL,
    content text[],
    PRIMARY KEY (batch_id, number),
    CHECK ((outcome = 'taken') = (referral_id IS NOT NULL AND reference IS NOT NULL))
);
CREATE INDEX referral_batch_row_outcome ON referral_batch_row (batch_id, outcome, number);

DO $$
DECLARE t text; record text;
BEGIN
    FOREACH t IN ARRAY ARRAY['referral_batch', 'referral_batch_chunk', 'referral_batch_row'] LOOP
        record := CASE t WHEN 'referral_batch' THEN 'referral_batch.id' ELSE t || '.batch_id' END;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %s AND s.view = ''full''))', t, record);
        EXECUTE format('CREATE POLICY worker ON %I TO threshold_worker USING (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['referral_batch', 'referral_batch_chunk'] LOOP
        record := CASE t WHEN 'referral_batch' THEN 'referral_batch.id' ELSE t || '.batch_id' END;
        EXECUTE format('CREATE POLICY moved ON %I FOR UPDATE TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %s AND s.view = ''full''))', t, record);
    END LOOP;
END $$;
CREATE POLICY done ON referral_batch_chunk FOR DELETE TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = referral_batch_chunk.batch_id AND s.view = 'full'));
GRANT DELETE ON referral_batch_chunk TO threshold_web;
GRANT UPDATE (failures) ON referral_batch_chunk TO threshold_web;
GRANT UPDATE (taken_rows, refused_rows, warned_rows, referrals, chunks_left, finished_at, version) ON referral_batch TO threshold_web;
-- The background work finds what waits, and forgets the words of rows past their time.
GRANT SELECT ON referral_batch TO threshold_worker;
GRANT UPDATE (emptied) ON referral_batch TO threshold_worker;
GRANT SELECT (batch_id, content) ON referral_batch_row TO threshold_worker;
GRANT UPDATE (content) ON referral_batch_row TO threshold_worker;

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('referral_batch_rows', '2013-04-01', 30, 'day', 'a working assumption of how long it takes to put refused rows right', false);

-- What the agency that refers calls it: its own incident, log or case number, by which its system maps what it sent
-- to what came of it. Shown to that agency and to whoever has the referral whole; nobody else is told another
-- agency's numbers.
ALTER TABLE referral ADD their_reference text COLLATE "C";
CREATE INDEX referral_their_reference ON referral (agency, their_reference, received_at DESC, id DESC)
    WHERE their_reference IS NOT NULL;

-- By what the sender of a file knows a row: kept for rows that were taken too, whose other words are not, and
-- forgotten with the words of those that were refused.
ALTER TABLE referral_batch_row
    ADD referral_key text,
    ADD their_reference text;
GRANT SELECT (referral_key, their_reference) ON referral_batch_row TO threshold_worker;
GRANT UPDATE (referral_key, their_reference) ON referral_batch_row TO threshold_worker;

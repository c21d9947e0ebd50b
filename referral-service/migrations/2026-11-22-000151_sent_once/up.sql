-- An agency's number stands for one referral that was not withdrawn: a file that is put right and sent again whole
-- must not tell of 289 families twice.
CREATE UNIQUE INDEX referral_sent_once ON referral (agency, their_reference)
    WHERE their_reference IS NOT NULL AND status <> 'withdrawn';

-- Which of these numbers the caller's own agency has sent, and as what. It looks past what the caller sees, because
-- the index does: a restriction must not turn into a fault. The agency was told the reference when it sent it.
-- Until the transaction ends no other of the agency's asks: of two at once the second finds the first's.
CREATE FUNCTION referral_already_sent(theirs text[]) RETURNS TABLE (their_reference text, reference text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('their_reference:' || app_agency(), 0));
        RETURN QUERY
            SELECT r.their_reference, r.reference FROM referral r
            WHERE r.agency = app_agency() AND r.their_reference = ANY (theirs) AND r.status <> 'withdrawn';
    END $$;
ALTER FUNCTION referral_already_sent(text[]) OWNER TO access_reader;

-- As which referral a refused row was sent before.
ALTER TABLE referral_batch_row ADD already_sent_as text COLLATE "C";

-- A file that comes again byte for byte is told so.
ALTER TABLE referral_batch ADD content_digest bytea;
CREATE INDEX referral_batch_content ON referral_batch (agency, content_digest, received_at DESC, id DESC)
    WHERE content_digest IS NOT NULL;

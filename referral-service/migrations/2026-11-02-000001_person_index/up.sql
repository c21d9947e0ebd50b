-- The person index. Who a referrer named is kept as it was told, for ever, in
-- named_person (with the referral, next migration); whom the partnership takes that to be
-- is a person; a person_link says so, and can be redone without changing either.

CREATE TABLE person (
    id uuid PRIMARY KEY,
    given_name text NOT NULL,
    family_name text NOT NULL,
    birth_date date,
    -- Normalised keys (people/domain.rs). C collation: equality and prefix are leakproof
    -- and can use an index under row-level security.
    given_key text COLLATE "C" NOT NULL,
    family_key text COLLATE "C" NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX person_name ON person (family_key, given_key, birth_date);

ALTER TABLE person ENABLE ROW LEVEL SECURITY;
ALTER TABLE person FORCE ROW LEVEL SECURITY;
CREATE POLICY seen ON person FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = person.id AND s.view = 'full'));
CREATE POLICY made ON person FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL);
CREATE POLICY worker ON person FOR SELECT TO threshold_worker USING (true);
CREATE POLICY reader ON person FOR SELECT TO access_reader USING (true);
GRANT SELECT, INSERT ON person TO threshold_web;
GRANT SELECT ON person TO threshold_worker, access_reader;

-- Whom the index has under these keys, whoever asks: the asker does not see the person by
-- it, and is never told the id. Only a full birth date makes a match; a name alone is not one.
-- The lock keeps two referrals of one new child from making two people; taken in
-- one order, so that two families can't wait for each other.
CREATE FUNCTION person_match(given_keys text[], family_keys text[], births date[])
    RETURNS TABLE (n bigint, person_id uuid, given_name text, family_name text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF app_user() IS NULL THEN
            RETURN;
        END IF;
        PERFORM pg_advisory_xact_lock(k) FROM (
            SELECT DISTINCT hashtextextended(f || ' ' || g || ' ' || b::text, 11) AS k
            FROM unnest(given_keys, family_keys, births) AS t(g, f, b) WHERE b IS NOT NULL ORDER BY 1) keys;
        RETURN QUERY
            SELECT t.n, p.id, p.given_name, p.family_name
            FROM unnest(given_keys, family_keys, births) WITH ORDINALITY AS t(g, f, b, n)
            CROSS JOIN LATERAL (
                SELECT * FROM person
                WHERE family_key = t.f AND given_key = t.g AND birth_date = t.b
                ORDER BY id LIMIT 1) p
            WHERE t.b IS NOT NULL;
    END $$;
ALTER FUNCTION person_match(text[], text[], date[]) OWNER TO access_reader;

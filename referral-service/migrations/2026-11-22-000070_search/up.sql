-- What people, households and records are looked for by. Keys are compared by `=` and by ranges of
-- C-collated text alone: those are leakproof, so that an index serves them before row-level security
-- has judged a row. None of them is ever shown.

-- How names sound, by double metaphone (people/sound). Null until it has been written: in rows that were
-- there before, it is filled in in the background, and such people are found by their names
-- all the same.
ALTER TABLE person
    ADD given_sound text COLLATE "C",
    ADD family_sound text COLLATE "C",
    -- The last part of a family name that has several.
    ADD family_last_key text COLLATE "C";
CREATE INDEX person_sound ON person (family_sound, given_sound, birth_date);
CREATE INDEX person_birth ON person (birth_date, family_sound, given_sound);
CREATE INDEX person_family_last ON person (family_last_key, given_key) WHERE family_last_key IS NOT NULL;
CREATE INDEX person_unsounded ON person (id) WHERE family_sound IS NULL;
CREATE POLICY sounded ON person FOR UPDATE TO threshold_worker USING (true) WITH CHECK (true);
GRANT UPDATE (given_sound, family_sound, family_last_key) ON person TO threshold_worker;

-- A postcode in capitals, without spaces.
CREATE FUNCTION postcode_key(postcode text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN nullif(upper(regexp_replace(postcode, '[^A-Za-z0-9]', '', 'g')), '');

-- Street and house number of an address as people write it: '12 High St, Loughborough' and
-- 'Flat 2, 12 High Street' are both 'highstreet|12'. The street stands first, so that all of a street
-- is one range of keys. Where no street can be told, the first line stands for it.
CREATE FUNCTION address_key(address text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    DECLARE
        line text;
        last text;
        found text[];
        number text;
        first text;
    BEGIN
        FOREACH line IN ARRAY regexp_split_to_array(lower(translate(normalize(address, NFKD), '''’.', '')), '[,;\n]+') LOOP
            line := btrim(regexp_replace(line, '[^a-z0-9]+', ' ', 'g'));
            CONTINUE WHEN line = '';
            last := substring(line FROM ' ([a-z]+)$');
            line := CASE last
                WHEN 'st' THEN line || 'reet'
                WHEN 'str' THEN line || 'eet'
                WHEN 'rd' THEN left(line, -2) || 'road'
                WHEN 'ave' THEN line || 'nue'
                WHEN 'av' THEN line || 'enue'
                WHEN 'ln' THEN left(line, -2) || 'lane'
                WHEN 'cl' THEN line || 'ose'
                WHEN 'cres' THEN line || 'cent'
                WHEN 'dr' THEN line || 'ive'
                WHEN 'ct' THEN left(line, -2) || 'court'
                WHEN 'gdns' THEN left(line, -4) || 'gardens'
                WHEN 'pl' THEN line || 'ace'
                WHEN 'sq' THEN line || 'uare'
                WHEN 'ter' THEN line || 'race'
                ELSE line END;
            -- The number that stands before the street: of '2 12 high street' the 12.
            found := regexp_match(line, '^(?:.* )?([0-9]+[a-z]?) ([a-z]{2}[a-z ]*)$');
            IF found IS NOT NULL THEN
                RETURN replace(found[2], ' ', '') || '|' || found[1];
            ELSIF line ~ '^[0-9]+ ?[a-z]?$' THEN
                number := replace(line, ' ', '');
            ELSIF line ~ '^[a-z ]+ (street|road|avenue|lane|close|crescent|drive|court|gardens|place|square|terrace|way|grove|hill|walk|rise|row|mews|green|park|view|end|yard)$' THEN
                RETURN replace(line, ' ', '') || '|' || coalesce(number, '');
            ELSIF first IS NULL AND line !~ '^(flat|apartment|apt|unit|room) ' THEN
                first := line;
            END IF;
        END LOOP;
        RETURN replace(coalesce(first, CASE WHEN number IS NOT NULL THEN '' END), ' ', '') || '|' || coalesce(number, '');
    END $$;

ALTER TABLE named_person
    ADD address_key text COLLATE "C" GENERATED ALWAYS AS (address_key(address)) STORED,
    ADD postcode_key text COLLATE "C" GENERATED ALWAYS AS (postcode_key(postcode)) STORED;
ALTER TABLE named_household
    ADD address_key text COLLATE "C" GENERATED ALWAYS AS (address_key(address)) STORED,
    ADD postcode_key text COLLATE "C" GENERATED ALWAYS AS (postcode_key(postcode)) STORED;
ALTER TABLE family_address
    ADD address_key text COLLATE "C" GENERATED ALWAYS AS (address_key(address)) STORED,
    ADD postcode_key text COLLATE "C" GENERATED ALWAYS AS (postcode_key(postcode)) STORED;
CREATE INDEX named_person_address ON named_person (address_key, id) WHERE address_key IS NOT NULL;
CREATE INDEX named_person_postcode ON named_person (postcode_key, id) WHERE postcode_key IS NOT NULL;
CREATE INDEX named_household_address ON named_household (address_key, referral_id) WHERE address_key IS NOT NULL;
CREATE INDEX named_household_postcode ON named_household (postcode_key, referral_id) WHERE postcode_key IS NOT NULL;
CREATE INDEX family_address_address ON family_address (address_key, id) WHERE address_key IS NOT NULL;
CREATE INDEX family_address_postcode ON family_address (postcode_key, id) WHERE postcode_key IS NOT NULL;

-- Who works with families, by the name they sign in with.
CREATE INDEX case_worker_name ON case_worker (name) WHERE to_at IS NULL;

-- What lists that hold records of many kinds say of each: reference and district, as far as the reader
-- sees them.
CREATE VIEW record_label WITH (security_invoker = true) AS
    SELECT id, reference, locality FROM referral
    UNION ALL
    SELECT a.id, r.reference, r.locality FROM allocation a LEFT JOIN referral r ON r.id = a.referral_id
    UNION ALL
    SELECT id, reference, locality FROM family
    UNION ALL
    SELECT c.id, f.reference, f.locality FROM family_case c LEFT JOIN family f ON f.id = c.family_id
    UNION ALL
    SELECT id, reference, locality FROM missing_episode
    UNION ALL
    SELECT u.id, f.reference, f.locality FROM follow_up u LEFT JOIN family f ON f.id = u.family_id
    UNION ALL
    SELECT p.id, p.family_reference, f.locality FROM plan_action p
        LEFT JOIN family_case c ON c.id = p.case_id LEFT JOIN family f ON f.id = c.family_id;
GRANT SELECT ON record_label TO threshold_web;

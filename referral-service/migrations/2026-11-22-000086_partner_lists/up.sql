-- Lists from partners, under agreement: of children often absent, of workless households, of addresses the police
-- were called to. They find families whom nobody has referred yet; each is offered help, and what is not
-- taken up is forgotten when the agreement says.
--
-- A partner learns what became of its rows and never whom the partnership knows: what was sent (partner_list) is
-- seen by the partner and by information governance; the families, and who they may be, by the front door alone.

-- No list is taken without one. Registered by information governance.
CREATE TABLE partner_agreement (
    id uuid PRIMARY KEY,
    agency text COLLATE "C" NOT NULL,
    title text NOT NULL,
    purpose text NOT NULL,
    lawful_basis text COLLATE "C" NOT NULL,
    basis_note text,
    -- For which reasons a family may stand on a list: codes of `partner_list_reason`.
    reasons text[] NOT NULL CHECK (cardinality(reasons) > 0),
    -- Which fields a row may have besides names, relation and reason.
    fields text[] NOT NULL,
    starts_on date NOT NULL,
    -- In force to this day; a review sets a later one.
    review_on date NOT NULL,
    retention_days integer NOT NULL CHECK (retention_days BETWEEN 1 AND 731),
    registered_at timestamptz NOT NULL,
    registered_by_name text NOT NULL,
    reviewed_at timestamptz,
    reviewed_by_name text,
    review_note text,
    ended_at timestamptz,
    ended_by_name text,
    ended_because text,
    version bigint NOT NULL,
    CHECK (review_on > starts_on),
    CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE INDEX partner_agreement_agency ON partner_agreement (agency, review_on);

CREATE TABLE partner_list (
    id uuid PRIMARY KEY,
    agreement_id uuid NOT NULL REFERENCES partner_agreement,
    agency text COLLATE "C" NOT NULL,
    -- As of which day the partner drew it.
    drawn_on date NOT NULL,
    received_at timestamptz NOT NULL,
    sent_by uuid NOT NULL,
    sent_by_name text NOT NULL,
    row_count integer NOT NULL,
    taken_rows integer NOT NULL,
    family_count integer NOT NULL,
    -- What there was to say of each row: numbers, columns and codes, never a cell.
    answers jsonb NOT NULL,
    delete_after timestamptz NOT NULL,
    deleted_at timestamptz
);
CREATE INDEX partner_list_agreement ON partner_list (agreement_id, received_at DESC, id DESC);
CREATE INDEX partner_list_to_delete ON partner_list (delete_after) WHERE deleted_at IS NULL;

CREATE TABLE partner_family (
    id uuid PRIMARY KEY,
    list_id uuid NOT NULL REFERENCES partner_list,
    agency text COLLATE "C" NOT NULL,
    -- The partner's own mark of which rows belong together.
    family_key text COLLATE "C",
    reasons text[] NOT NULL,
    standing text COLLATE "C" NOT NULL CHECK (standing IN ('new', 'matched', 'possible', 'already_open')),
    offer text COLLATE "C" NOT NULL CHECK (offer IN ('to_offer', 'offered', 'accepted', 'declined', 'unreachable')),
    found_at timestamptz NOT NULL,
    offered_at timestamptz,
    answered_at timestamptz,
    referral_id uuid REFERENCES referral,
    version bigint NOT NULL,
    CHECK ((offer = 'accepted') = (referral_id IS NOT NULL))
);
CREATE INDEX partner_family_list ON partner_family (list_id, found_at DESC, id DESC);
CREATE INDEX partner_family_referral ON partner_family (referral_id);

CREATE TABLE partner_row (
    id uuid PRIMARY KEY,
    family_id uuid NOT NULL REFERENCES partner_family,
    number integer NOT NULL,
    relation text COLLATE "C" NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    birth_date date,
    address text,
    postcode text,
    school text,
    reason text COLLATE "C" NOT NULL,
    reason_on date NOT NULL,
    standing text COLLATE "C" NOT NULL CHECK (standing IN ('new', 'matched', 'possible', 'already_open')),
    -- Whom it was taken to be: by name and birth date, or by an officer's decision.
    person_id uuid REFERENCES person,
    decided_at timestamptz,
    decided_by_name text,
    UNIQUE (family_id, number)
);
CREATE INDEX partner_row_person ON partner_row (person_id);

-- Whom the index has who is or may be the person of a row, and why.
CREATE TABLE partner_match (
    row_id uuid NOT NULL REFERENCES partner_row,
    person_id uuid NOT NULL REFERENCES person,
    exact boolean NOT NULL,
    why text[] NOT NULL,
    -- What somebody has open about them: kinds of records.
    open text[] NOT NULL,
    PRIMARY KEY (row_id, person_id)
);
CREATE INDEX partner_match_person ON partner_match (person_id);

CREATE TABLE partner_offer_step (
    id uuid PRIMARY KEY,
    family_id uuid NOT NULL REFERENCES partner_family,
    at timestamptz NOT NULL,
    who text NOT NULL,
    what text COLLATE "C" NOT NULL,
    note text
);
CREATE INDEX partner_offer_step_family ON partner_offer_step (family_id, at, id);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['partner_agreement', 'partner_list', 'partner_family', 'partner_row', 'partner_match', 'partner_offer_step'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL)', t);
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO threshold_worker USING (true)', t);
        EXECUTE format('CREATE POLICY reader ON %I TO access_reader USING (true) WITH CHECK (true)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO threshold_web', t);
        EXECUTE format('GRANT SELECT ON %I TO threshold_worker', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['partner_agreement', 'partner_list'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO threshold_web USING (EXISTS (
            SELECT 1 FROM record_scope s WHERE s.record_id = %I.id))', t, t);
    END LOOP;
END $$;
CREATE POLICY reviewed ON partner_agreement FOR UPDATE TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = partner_agreement.id AND s.view = 'full'));
GRANT UPDATE (review_on, reviewed_at, reviewed_by_name, review_note, ended_at, ended_by_name, ended_because, version)
    ON partner_agreement TO threshold_web;
CREATE POLICY seen ON partner_family FOR SELECT TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = partner_family.id AND s.view = 'full'));
CREATE POLICY moved ON partner_family FOR UPDATE TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = partner_family.id AND s.view = 'full'));
GRANT UPDATE (standing, offer, offered_at, answered_at, referral_id, version) ON partner_family TO threshold_web;
CREATE POLICY seen ON partner_row FOR SELECT TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = partner_row.family_id AND s.view = 'full'));
CREATE POLICY decided ON partner_row FOR UPDATE TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = partner_row.family_id AND s.view = 'full'));
GRANT UPDATE (standing, person_id, decided_at, decided_by_name) ON partner_row TO threshold_web;
-- Whoever may not see a person does not read that they were taken for one.
CREATE POLICY seen ON partner_match FOR SELECT TO threshold_web USING (
    EXISTS (SELECT 1 FROM partner_row r WHERE r.id = partner_match.row_id)
    AND EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = partner_match.person_id AND s.view = 'full'));
CREATE POLICY seen ON partner_offer_step FOR SELECT TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = partner_offer_step.family_id AND s.view = 'full'));
GRANT SELECT, DELETE ON partner_family, partner_row, partner_match, partner_offer_step TO access_reader;
GRANT SELECT, UPDATE ON partner_list TO access_reader;

-- Whom the index has who is or may be the person of a row, whoever asks: the partner that sends the list sees nobody
-- by it. Names and birth date together are the person; a name that sounds alike on the same birth date, the same
-- names where one birth date is unknown, or the same given name at the same postcode, may be.
CREATE FUNCTION partner_match_all(rows jsonb)
    RETURNS TABLE (n integer, person_id uuid, exact boolean, why text[], open text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF app_user() IS NULL THEN
            RETURN;
        END IF;
        RETURN QUERY
        WITH asked AS MATERIALIZED (
            SELECT * FROM jsonb_to_recordset(rows) AS a(n integer, given_key text, family_key text, given_sound text,
                family_sound text, birth_date date, postcode text)
        ), found AS (
            SELECT a.n, p.id, true AS exact, ARRAY['name', 'birth_date'] AS why
            FROM asked a CROSS JOIN LATERAL (
                SELECT id FROM person WHERE family_key = a.family_key AND given_key = a.given_key
                    AND birth_date = a.birth_date ORDER BY id LIMIT 5) p
            UNION ALL
            SELECT a.n, p.id, false, ARRAY['name']
            FROM asked a CROSS JOIN LATERAL (
                SELECT id FROM person WHERE family_key = a.family_key AND given_key = a.given_key
                    AND (birth_date IS NULL OR a.birth_date IS NULL) ORDER BY id LIMIT 5) p
            UNION ALL
            SELECT a.n, p.id, false, ARRAY['sound', 'birth_date']
            FROM asked a CROSS JOIN LATERAL (
                SELECT id FROM person WHERE birth_date = a.birth_date AND family_sound = a.family_sound
                    AND given_sound = a.given_sound AND (family_key, given_key) <> (a.family_key, a.given_key)
                ORDER BY id LIMIT 5) p
            UNION ALL
            SELECT a.n, p.id, false, ARRAY['given_name', 'postcode']
            FROM asked a CROSS JOIN LATERAL (
                SELECT DISTINCT p.id FROM named_person m JOIN person_link l ON l.named_person_id = m.id
                JOIN person p ON p.id = l.person_id
                WHERE m.postcode_key = postcode_key(a.postcode) AND p.given_key = a.given_key
                    AND p.family_key <> a.family_key AND (p.birth_date = a.birth_date) IS NOT FALSE
                ORDER BY p.id LIMIT 5) p
        ), whom AS (
            SELECT f.n, f.id, bool_or(f.exact) AS exact, array_agg(DISTINCT w.one ORDER BY w.one) AS why
            FROM found f CROSS JOIN LATERAL unnest(f.why) AS w(one) GROUP BY f.n, f.id
        )
        SELECT w.n, w.id, w.exact, w.why, coalesce(o.kinds, '{}')
        FROM whom w CROSS JOIN LATERAL (
            SELECT array_agg(DISTINCT s.kind ORDER BY s.kind) AS kinds
            FROM record_subject about JOIN record_scope s ON s.record_id = about.record_id
            WHERE about.person_id = w.id AND s.kind IN ('referral', 'allocation', 'case') AND s.view = 'full'
              AND NOT record_is_over(s.state)) o;
    END $$;
CREATE POLICY reader ON named_person FOR SELECT TO access_reader USING (true);
GRANT SELECT (id, postcode_key) ON named_person TO access_reader;
ALTER FUNCTION partner_match_all(jsonb) OWNER TO access_reader;

-- Forgets the families of lists past their time, as the background work does: names, matches, offers, and
-- that they stood on anyone's list. That there was a list stays.
CREATE FUNCTION partner_list_forget(at timestamptz, most integer)
    RETURNS TABLE (list_id uuid, agency text, families bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE lists uuid[]; gone uuid[];
    BEGIN
        IF NOT pg_has_role(session_user, 'threshold_worker', 'MEMBER') THEN
            RAISE EXCEPTION 'not yours to forget' USING ERRCODE = '42501';
        END IF;
        lists := ARRAY(SELECT l.id FROM partner_list l WHERE l.deleted_at IS NULL AND l.delete_after <= at
                       ORDER BY l.delete_after LIMIT most FOR UPDATE SKIP LOCKED);
        gone := ARRAY(SELECT f.id FROM partner_family f WHERE f.list_id = ANY (lists));
        RETURN QUERY
            SELECT l.id, l.agency, (SELECT count(*) FROM partner_family f WHERE f.list_id = l.id)
            FROM partner_list l WHERE l.id = ANY (lists);
        DELETE FROM partner_match m USING partner_row r WHERE r.id = m.row_id AND r.family_id = ANY (gone);
        DELETE FROM partner_row r WHERE r.family_id = ANY (gone);
        DELETE FROM partner_offer_step s WHERE s.family_id = ANY (gone);
        DELETE FROM partner_family f WHERE f.id = ANY (gone);
        DELETE FROM deadline d WHERE d.record_id = ANY (gone);
        DELETE FROM record_subject s WHERE s.record_id = ANY (gone);
        DELETE FROM record_scope s WHERE s.record_id = ANY (gone);
        UPDATE partner_list l SET deleted_at = at, answers = '[]' WHERE l.id = ANY (lists);
    END $$;
CREATE POLICY forgotten ON deadline FOR DELETE TO access_reader USING (true);
GRANT DELETE ON deadline TO access_reader;
ALTER FUNCTION partner_list_forget(timestamptz, integer) OWNER TO access_reader;

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('partner_list_reason', 'persistent-absence', 'A child often absent from school', '2013-04-01', NULL, 'the criteria of the national programme as the annual report tells them; codes to be agreed with the partners'),
    ('partner_list_reason', 'excluded', 'A child excluded from school', '2013-04-01', NULL, 'the criteria of the national programme as the annual report tells them; codes to be agreed with the partners'),
    ('partner_list_reason', 'missing-education', 'A child on no school''s roll', '2013-04-01', NULL, 'codes to be agreed with the partners'),
    ('partner_list_reason', 'workless-household', 'An adult on an out-of-work benefit', '2013-04-01', NULL, 'the criteria of the national programme as the annual report tells them; codes to be agreed with the partners'),
    ('partner_list_reason', 'police-call-outs', 'The police were called out repeatedly', '2013-04-01', NULL, 'codes to be agreed with the partners'),
    ('partner_list_reason', 'youth-crime', 'A child with an offence proven', '2013-04-01', NULL, 'the criteria of the national programme as the annual report tells them; codes to be agreed with the partners'),
    ('partner_list_reason', 'anti-social-behaviour', 'Anti-social behaviour recorded', '2013-04-01', NULL, 'the criteria of the national programme as the annual report tells them; codes to be agreed with the partners'),
    ('partner_list_reason', 'domestic-abuse', 'Domestic abuse recorded', '2014-04-01', NULL, 'the problems of 2014; codes to be agreed with the partners'),
    ('partner_list_reason', 'rent-arrears', 'Rent arrears, or notice served', '2014-04-01', NULL, 'the problems of 2014; codes to be agreed with the partners'),
    ('partner_list_reason', 'missed-developmental-review', 'A young child who missed a developmental review', '2013-04-01', NULL, 'codes to be agreed with the partners');

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('partner_family_offer', '2013-04-01', 20, 'working_day', 'practice: by when a family found on a list is offered help; each county''s own', false);
INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified) VALUES
    ('partner_family_offer', 0, 168, 3, ARRAY['front-door'], 'partner-families', 'practice; how often is each county''s own', false);
INSERT INTO clock (code, label, whose) VALUES
    ('partner_family_offer', 'Offer of help to a family on a partner''s list', ARRAY['front-door']);

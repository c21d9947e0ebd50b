-- Referrals {first} to {last}, as the superuser: rows that the API would have left behind, one
-- a minute up to {until}. Four parts, one connection each; the text between two lines of
-- dashes is one part. Triggers are off, so the parts need not wait for one another's rows.
--
-- In a hundred: 3 received, 1 being screened, 6 with social care, 10 listed for a hub, 80 closed.
----
CREATE FUNCTION pg_temp.id(kind text, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    AS $$ SELECT ('01900000-0000-7000-800' || kind || '-' || (100000000000 + i)::text)::uuid $$;
CREATE FUNCTION pg_temp.at(i bigint) RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT timestamptz '{until}' - make_interval(mins => ({rows} - i)::int) $$;
CREATE FUNCTION pg_temp.status(i bigint) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE WHEN i % 100 < 3 THEN 'received' WHEN i % 100 < 4 THEN 'screening'
                      WHEN i % 100 < 10 THEN 'with_social_care' WHEN i % 100 < 20 THEN 'listed_for_hub'
                      ELSE 'closed' END $$;
CREATE FUNCTION pg_temp.agency(i bigint) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT (ARRAY['greenfield-academy', 'hillside-primary', 'police'])[1 + i % 3] $$;
CREATE FUNCTION pg_temp.locality(i bigint) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT (ARRAY['blaby', 'charnwood', 'harborough', 'hinckley-and-bosworth', 'melton',
                        'north-west-leicestershire', 'oadby-and-wigston'])[1 + i % 7] $$;
SET session_replication_role = replica;
SET synchronous_commit = off;
----
-- 2654435761 has no factor in common with 2^32, so that no two references are the same.
INSERT INTO referral (id, reference, status, received_at, agency, locality, version)
SELECT pg_temp.id('1', i), 'R-' || lpad(upper(to_hex(i * 2654435761 % 4294967296)), 8, '0') || '-0', pg_temp.status(i),
       pg_temp.at(i), pg_temp.agency(i), pg_temp.locality(i), CASE WHEN i % 100 < 3 THEN 1 WHEN i % 100 < 4 THEN 2 ELSE 3 END
FROM generate_series({first}::bigint, {last}) i;
INSERT INTO contact (referral_id, made_at, recorded_by, referrer_name, referrer_role, referrer_telephone, referrer_email,
                     family_knows, concerns, worries, working_well, needs_to_happen)
SELECT pg_temp.id('1', i), pg_temp.at(i), pg_temp.id('0', 1), 'Ms A Teacher (invented)', 'designated safeguarding lead',
       '01632 960001', NULL, true, ARRAY['mental-and-physical-health', 'financial-stability', 'secure-housing'],
       'Told her teacher that the family is in debt, fears losing the flat and lives from one crisis to the next.',
       'Both parents come to school when asked.', 'Help with debt and housing before it comes to an eviction.'
FROM generate_series({first}::bigint, {last}) i;
INSERT INTO deadline (record_id, code, started_at, due_at, met_at)
SELECT pg_temp.id('1', i), 'front_door_decision', pg_temp.at(i), pg_temp.at(i) + interval '1 day',
       CASE WHEN i % 100 >= 4 THEN pg_temp.at(i) + interval '5 hours' END
FROM generate_series({first}::bigint, {last}) i;
----
INSERT INTO person (id, given_name, family_name, birth_date, given_key, family_key, version)
SELECT pg_temp.id(kind, i), given, 'Sample' || i, birth, lower(given), 'sample' || i, 1
FROM generate_series({first}::bigint, {last}) i
CROSS JOIN LATERAL (VALUES ('2', 'Juniper', date '2012-01-01' + (i % 4000)::int), ('3', 'Willow', NULL)) p(kind, given, birth);
INSERT INTO named_person (id, referral_id, place, relation, given_name, family_name, birth_date, school)
SELECT pg_temp.id(kind, i), pg_temp.id('1', i), place, relation, given, 'Sample' || i, birth, school
FROM generate_series({first}::bigint, {last}) i
CROSS JOIN LATERAL (VALUES ('4', 0, 'child', 'Juniper', date '2012-01-01' + (i % 4000)::int, 'Greenfield Academy'),
                           ('5', 1, 'parent', 'Willow', NULL, NULL)) p(kind, place, relation, given, birth, school);
INSERT INTO person_link (named_person_id, referral_id, person_id, method, linked_at)
SELECT pg_temp.id(named, i), pg_temp.id('1', i), pg_temp.id(person, i), 'new', pg_temp.at(i)
FROM generate_series({first}::bigint, {last}) i CROSS JOIN (VALUES ('4', '2'), ('5', '3')) p(named, person);
INSERT INTO record_subject (record_id, person_id)
SELECT pg_temp.id(record, i), pg_temp.id(person, i)
FROM generate_series({first}::bigint, {last}) i
CROSS JOIN (VALUES ('1', '2'), ('1', '3'), ('2', '2'), ('3', '3')) p(record, person);
----
INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
SELECT pg_temp.id('1', i), 'referral', scope, view, pg_temp.status(i), pg_temp.at(i)
FROM generate_series({first}::bigint, {last}) i
CROSS JOIN LATERAL (VALUES ('front-door', 'full'), ('agency:' || pg_temp.agency(i), 'status'),
                           (CASE WHEN pg_temp.status(i) = 'listed_for_hub' THEN 'hub:' || pg_temp.locality(i) END, 'full')) s(scope, view)
WHERE scope IS NOT NULL;
INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
SELECT pg_temp.id(kind, i), 'person', scope, view, 'known', pg_temp.at(i)
FROM generate_series({first}::bigint, {last}) i
CROSS JOIN (VALUES ('2'), ('3')) p(kind)
CROSS JOIN LATERAL (VALUES ('front-door', 'full'), ('governance', 'involvement'),
                           (CASE WHEN pg_temp.status(i) = 'listed_for_hub' THEN 'hub:' || pg_temp.locality(i) END, 'full')) s(scope, view)
WHERE scope IS NOT NULL;
----
INSERT INTO decision (id, referral_id, stage, outcome, decided_at)
SELECT pg_temp.id('6', i), pg_temp.id('1', i), 'front_door',
       CASE pg_temp.status(i) WHEN 'with_social_care' THEN 'social_care' WHEN 'listed_for_hub' THEN 'early_help_hub'
                              ELSE 'information_and_advice' END, pg_temp.at(i) + interval '5 hours'
FROM generate_series({first}::bigint, {last}) i WHERE i % 100 >= 4;
INSERT INTO decision_reason (decision_id, referral_id, level_of_need, reason, decided_by, decided_by_name)
SELECT pg_temp.id('6', i), pg_temp.id('1', i), CASE pg_temp.status(i) WHEN 'with_social_care' THEN 4 WHEN 'listed_for_hub' THEN 3 ELSE 2 END,
       'What was told fits this level of need; the family agrees.', pg_temp.id('0', 2), 'olive.officer'
FROM generate_series({first}::bigint, {last}) i WHERE i % 100 >= 4;
INSERT INTO feedback (id, referral_id, told_at, about, message)
SELECT pg_temp.id(kind, i), pg_temp.id('1', i), pg_temp.at(i) + later, about, message
FROM generate_series({first}::bigint, {last}) i
CROSS JOIN LATERAL (VALUES ('7', true, interval '0', 'received', 'We have your referral. First Response decides within one working day.'),
                           ('8', i % 100 >= 4, interval '5 hours', 'decision', 'First Response has decided.')) f(kind, is_so, later, about, message)
WHERE is_so;
INSERT INTO referral_history (id, referral_id, at, actor_id, actor_name, agency, what, from_status, to_status, why)
SELECT pg_temp.id(kind, i), pg_temp.id('1', i), pg_temp.at(i) + later, pg_temp.id('0', 2), 'olive.officer', 'county-council',
       what, from_status, to_status, NULL
FROM generate_series({first}::bigint, {last}) i
CROSS JOIN LATERAL (VALUES
    ('9', true, interval '0', 'received', NULL, 'received'),
    ('a', i % 100 >= 3, interval '4 hours', 'screening_started', 'received', 'screening'),
    ('b', i % 100 >= 4, interval '5 hours',
     CASE pg_temp.status(i) WHEN 'with_social_care' THEN 'sent_to_social_care' WHEN 'listed_for_hub' THEN 'listed_for_hub'
                            ELSE 'ended' END, 'screening', pg_temp.status(i))
    ) h(kind, is_so, later, what, from_status, to_status)
WHERE is_so;

-- Referrals {first} to {last}, as the superuser: rows that the API would have left behind, one
-- a minute up to {until}. Some parts, one connection each; the text between two lines of
-- dashes is one part, and the first what all of them need. Triggers are off, so the parts need
-- not wait for one another's rows.
--
-- In a hundred: 3 received, 1 being screened, 6 with social care, 10 listed for a hub, 10 in service
-- with a family and an open case, 10 closed with a family whose case is closed, 60 closed else. One
-- in eight is about the people of the one before it. Names are the invented ones of names.sql, a few
-- of them common and most rare. Addresses are those of one county, however many referrals there are.
----
CREATE FUNCTION pg_temp.id(kind text, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    AS $$ SELECT ('01900000-0000-7000-80' || lpad(kind, 2, '0') || '-' || (100000000000 + i)::text)::uuid $$;
CREATE FUNCTION pg_temp.at(i bigint) RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT timestamptz '{until}' - make_interval(mins => ({rows} - i)::int) $$;
CREATE FUNCTION pg_temp.status(i bigint) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT CASE WHEN i % 100 < 3 THEN 'received' WHEN i % 100 < 4 THEN 'screening'
                      WHEN i % 100 < 10 THEN 'with_social_care' WHEN i % 100 < 20 THEN 'listed_for_hub'
                      WHEN i % 100 < 30 THEN 'in_service' ELSE 'closed' END $$;
CREATE FUNCTION pg_temp.agency(i bigint) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT (ARRAY['greenfield-academy', 'hillside-primary', 'police'])[1 + i % 3] $$;
CREATE FUNCTION pg_temp.locality(i bigint) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT (ARRAY['blaby', 'charnwood', 'harborough', 'hinckley-and-bosworth', 'melton',
                        'north-west-leicestershire', 'oadby-and-wigston'])[1 + i % 7] $$;
CREATE FUNCTION pg_temp.team(i bigint) RETURNS text LANGUAGE sql IMMUTABLE
    AS $$ SELECT (ARRAY['intensive-family-support', 'short-family-work', 'youth-work'])[1 + i % 3] $$;
-- The referral that was the first about these people.
CREATE FUNCTION pg_temp.first(i bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
    AS $$ SELECT i - CASE WHEN i % 8 = 7 AND i > 1 THEN 1 ELSE 0 END $$;
-- Between 0 and 1, always the same for a number and a purpose.
CREATE FUNCTION pg_temp.share(i bigint, purpose bigint) RETURNS double precision LANGUAGE sql IMMUTABLE
    AS $$ SELECT (hashint8extended(i, purpose) & 4294967295)::double precision / 4294967296 $$;
-- One of so many names; the first are common: the commonest of 8,000 has one person in 90.
CREATE FUNCTION pg_temp.pick(i bigint, purpose bigint, names integer) RETURNS integer LANGUAGE sql IMMUTABLE
    AS $$ SELECT floor(names * pg_temp.share(i, purpose) ^ 2)::integer $$;
CREATE FUNCTION pg_temp.born(i bigint) RETURNS date LANGUAGE sql IMMUTABLE
    AS $$ SELECT date '2008-06-01' + floor(6500 * pg_temp.share(i, 5))::integer $$;
-- A meeting has what was listed among 1,400 referrals in a row: 20 of its district.
CREATE FUNCTION pg_temp.meeting(i bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
    AS $$ SELECT (i / 1400) * 7 + i % 7 $$;
SET session_replication_role = replica;
SET synchronous_commit = off;
SET work_mem = '64MB';
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
CREATE TEMP TABLE named ON COMMIT PRESERVE ROWS AS
SELECT i, p.kind, p.place, p.named, p.relation, g.name AS given, g.key AS given_key, g.sound AS given_sound,
       f.name AS family, f.key AS family_key, f.sound AS family_sound,
       CASE p.relation WHEN 'child' THEN pg_temp.born(i) END AS birth
FROM generate_series({first}::bigint - 1, {last}) i
CROSS JOIN LATERAL (VALUES ('2', 0, '4', 'child', 2), ('3', 1, '5', 'parent', 3)) p(kind, place, named, relation, purpose)
JOIN bench_name g ON g.kind = 'given' AND g.place = pg_temp.pick(i, p.purpose, 400)
JOIN bench_name f ON f.kind = 'family' AND f.place = pg_temp.pick(i, 1, 8000)
WHERE i = pg_temp.first(i) AND i > 0;
CREATE INDEX ON named (i);
ANALYZE named;
INSERT INTO person (id, given_name, family_name, birth_date, given_key, family_key, given_sound, family_sound, version)
SELECT pg_temp.id(kind, i), given, family, birth, given_key, family_key, given_sound, family_sound, 1 FROM named WHERE i >= {first};
INSERT INTO named_person (id, referral_id, place, relation, given_name, family_name, birth_date, school, address, postcode)
SELECT pg_temp.id(n.named, r.i), pg_temp.id('1', r.i), n.place, n.relation, n.given, n.family, n.birth,
       CASE n.relation WHEN 'child' THEN 'Greenfield Academy' END,
       CASE n.relation WHEN 'child' THEN 1 + floor(150 * pg_temp.share(n.i, 6)) || ' ' || street.name || ' Road, Loughborough' END,
       CASE n.relation WHEN 'child' THEN 'ZZ' || 1 + floor(99 * pg_temp.share(n.i, 7)) || ' 1AA' END
FROM generate_series({first}::bigint, {last}) r(i)
JOIN named n ON n.i = pg_temp.first(r.i)
JOIN bench_name street ON street.kind = 'family' AND street.place = floor(4000 * pg_temp.share(n.i, 7))::integer;
INSERT INTO person_link (named_person_id, referral_id, person_id, method, linked_at)
SELECT pg_temp.id(named, i), pg_temp.id('1', i), pg_temp.id(person, pg_temp.first(i)),
       CASE WHEN i = pg_temp.first(i) THEN 'new' ELSE 'exact' END, pg_temp.at(i)
FROM generate_series({first}::bigint, {last}) i CROSS JOIN (VALUES ('4', '2'), ('5', '3')) p(named, person);
INSERT INTO record_subject (record_id, person_id)
SELECT pg_temp.id(record, i), pg_temp.id(person, pg_temp.first(i))
FROM generate_series({first}::bigint, {last}) i
CROSS JOIN (VALUES ('1', '2'), ('1', '3'), ('2', '2'), ('3', '3'), ('10', '2'), ('10', '3'), ('11', '2'), ('11', '3'), ('12', '2'), ('12', '3')) p(record, person)
WHERE record = '1' OR (i = pg_temp.first(i) AND (record IN ('2', '3') OR i % 100 BETWEEN 20 AND 39));
----
INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
SELECT pg_temp.id('1', i), 'referral', scope, view, pg_temp.status(i), pg_temp.at(i)
FROM generate_series({first}::bigint, {last}) i
CROSS JOIN LATERAL (VALUES ('front-door', 'full'), ('agency:' || pg_temp.agency(i), 'status'),
                           (CASE WHEN i % 100 BETWEEN 10 AND 39 THEN 'hub:' || pg_temp.locality(i) END, 'full'),
                           (CASE WHEN i % 100 BETWEEN 20 AND 39 THEN 'team:' || pg_temp.team(i) END, 'full')) s(scope, view)
WHERE scope IS NOT NULL;
INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
SELECT pg_temp.id(kind, pg_temp.first(i)), 'person', scope, view, 'known', pg_temp.at(i)
FROM generate_series({first}::bigint, {last}) i
CROSS JOIN (VALUES ('2'), ('3')) p(kind)
CROSS JOIN LATERAL (VALUES ('front-door', 'full'), ('governance', 'involvement'),
                           (CASE WHEN i % 100 BETWEEN 10 AND 39 THEN 'hub:' || pg_temp.locality(i) END, 'full'),
                           (CASE WHEN i % 100 BETWEEN 20 AND 39 THEN 'team:' || pg_temp.team(i) END, 'full')) s(scope, view)
WHERE scope IS NOT NULL
ON CONFLICT DO NOTHING;
INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
SELECT pg_temp.id(r.id, i), r.kind, r.scope, r.view, CASE WHEN i % 100 < 30 THEN r.open ELSE 'closed' END, pg_temp.at(i) + interval '3 days'
FROM generate_series({first}::bigint, {last}) i
CROSS JOIN LATERAL (VALUES ('10', 'allocation', 'team:' || pg_temp.team(i), 'full', 'accepted'),
                           ('10', 'allocation', 'front-door', 'full', 'accepted'),
                           ('11', 'family', 'team:' || pg_temp.team(i), 'full', 'open'),
                           ('11', 'family', 'front-door', 'full', 'open'),
                           ('12', 'case', 'team:' || pg_temp.team(i), 'full', 'open'),
                           ('12', 'case', 'front-door', 'full', 'open'),
                           ('12', 'case', 'hub:' || pg_temp.locality(i), 'involvement', 'open')) r(id, kind, scope, view, open)
WHERE i % 100 BETWEEN 20 AND 39 AND i = pg_temp.first(i);
INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
SELECT pg_temp.id('13', pg_temp.meeting(i)), 'hub_meeting', 'hub:' || pg_temp.locality(i), 'full', 'planned', pg_temp.at(i) + interval '7 days'
FROM generate_series({first}::bigint, {last}) i WHERE i % 1400 < 7;
----
INSERT INTO decision (id, referral_id, stage, outcome, decided_at)
SELECT pg_temp.id('6', i), pg_temp.id('1', i), 'front_door',
       CASE WHEN pg_temp.status(i) = 'with_social_care' THEN 'social_care' WHEN i % 100 < 40 THEN 'early_help_hub'
            ELSE 'information_and_advice' END, pg_temp.at(i) + interval '5 hours'
FROM generate_series({first}::bigint, {last}) i WHERE i % 100 >= 4;
INSERT INTO decision_reason (decision_id, referral_id, level_of_need, reason, decided_by, decided_by_name)
SELECT pg_temp.id('6', i), pg_temp.id('1', i), CASE WHEN pg_temp.status(i) = 'with_social_care' THEN 4 WHEN i % 100 < 40 THEN 3 ELSE 2 END,
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
                            WHEN 'in_service' THEN 'listed_for_hub' ELSE 'ended' END, 'screening',
     CASE pg_temp.status(i) WHEN 'in_service' THEN 'listed_for_hub' ELSE pg_temp.status(i) END)
    ) h(kind, is_so, later, what, from_status, to_status)
WHERE is_so;
----
INSERT INTO hub_meeting (id, locality, held_on, chair, status, planned_by_name, version)
SELECT pg_temp.id('13', pg_temp.meeting(i)), pg_temp.locality(i), pg_temp.at(i) + interval '7 days', 'Casey Chair (invented)', 'planned',
       'harper.hub', 1
FROM generate_series({first}::bigint, {last}) i WHERE i % 1400 < 7;
INSERT INTO hub_meeting_member (id, meeting_id, place, name, agency)
SELECT pg_temp.id('14', pg_temp.meeting(i) * 3 + m.place), pg_temp.id('13', pg_temp.meeting(i)), m.place, m.name, m.agency
FROM generate_series({first}::bigint, {last}) i
CROSS JOIN (VALUES (1, 'Casey Chair (invented)', 'county-council'), (2, 'Pat Police (invented)', 'police'),
                   (3, 'Sol School (invented)', 'greenfield-academy')) m(place, name, agency)
WHERE i % 1400 < 7;
INSERT INTO hub_item (id, locality, meeting_id, referral_id, kind, place, status, added_at, added_by_name, version)
SELECT pg_temp.id('15', i), pg_temp.locality(i), pg_temp.id('13', pg_temp.meeting(i)), pg_temp.id('1', i), 'decision', 1 + i % 1400, 'listed',
       pg_temp.at(i) + interval '5 hours', 'harper.hub', 1
FROM generate_series({first}::bigint, {last}) i WHERE i % 100 BETWEEN 10 AND 19;
INSERT INTO allocation (id, referral_id, service, status, offered_at, answered_at, closed_at, outcome, part, version)
SELECT pg_temp.id('10', i), pg_temp.id('1', i), pg_temp.team(i), CASE WHEN i % 100 < 30 THEN 'accepted' ELSE 'closed' END,
       pg_temp.at(i) + interval '2 days', pg_temp.at(i) + interval '3 days',
       CASE WHEN i % 100 >= 30 THEN pg_temp.at(i) + interval '200 days' END, CASE WHEN i % 100 >= 30 THEN 'needs_met' END, 'lead', 2
FROM generate_series({first}::bigint, {last}) i WHERE i % 100 BETWEEN 20 AND 39 AND i = pg_temp.first(i);
INSERT INTO family (id, reference, locality, formed_at, version)
SELECT pg_temp.id('11', i), 'F-' || lpad(upper(to_hex(i * 2654435761 % 4294967296)), 8, '0') || '-0', pg_temp.locality(i),
       pg_temp.at(i) + interval '3 days', 1
FROM generate_series({first}::bigint, {last}) i WHERE i % 100 BETWEEN 20 AND 39 AND i = pg_temp.first(i);
INSERT INTO family_member (id, family_id, person_id, role, unborn, main_household, in_household, from_date)
SELECT pg_temp.id(kind, i), pg_temp.id('11', i), pg_temp.id(person, i), role, false, true, true, (pg_temp.at(i) + interval '3 days')::date
FROM generate_series({first}::bigint, {last}) i CROSS JOIN (VALUES ('16', '2', 'child'), ('17', '3', 'parent')) m(kind, person, role)
WHERE i % 100 BETWEEN 20 AND 39 AND i = pg_temp.first(i);
INSERT INTO family_case (id, family_id, referral_id, allocation_id, case_type, team, origin, status, opened_at, engaged_on, closed_at, version)
SELECT pg_temp.id('12', i), pg_temp.id('11', i), pg_temp.id('1', i), pg_temp.id('10', i), pg_temp.team(i), pg_temp.team(i), 'allocation',
       CASE WHEN i % 100 < 30 THEN 'open' ELSE 'closed' END, pg_temp.at(i) + interval '3 days', (pg_temp.at(i) + interval '5 days')::date,
       CASE WHEN i % 100 >= 30 THEN pg_temp.at(i) + interval '200 days' END, 3
FROM generate_series({first}::bigint, {last}) i WHERE i % 100 BETWEEN 20 AND 39 AND i = pg_temp.first(i);
INSERT INTO deadline (record_id, code, started_at, due_at, met_at)
SELECT pg_temp.id('12', i), c.code, pg_temp.at(i) + c.from_on, pg_temp.at(i) + c.from_on + c.takes,
       CASE WHEN i % 100 >= c.met_from THEN pg_temp.at(i) + c.from_on + c.takes / 2 END
FROM generate_series({first}::bigint, {last}) i
CROSS JOIN (VALUES ('family_assessment', interval '5 days', interval '6 weeks', 25),
                   ('family_review', interval '20 days', interval '12 weeks', 30)) c(code, from_on, takes, met_from)
WHERE i % 100 BETWEEN 20 AND 39 AND i = pg_temp.first(i);

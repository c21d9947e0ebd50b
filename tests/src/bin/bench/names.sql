-- Invented names: 8,000 family names and 400 given names, as people of the index. The service's own
-- background work writes how they sound; then they are kept in a table of their own.
INSERT INTO person (id, given_name, family_name, given_key, family_key, version)
SELECT ('01900000-0000-7000-80ff-' || (100000000000 + n)::text)::uuid, initcap(given), initcap(family), given, family, 1
FROM (SELECT n,
             (ARRAY['al', 'be', 'ca', 'da', 'el', 'fe', 'gi', 'ha', 'is', 'jo', 'ka', 'li', 'ma', 'ne', 'ol', 'pe', 'ro', 'sa', 'ta', 'vi'])[1 + n % 20]
             || (ARRAY['bert', 'dia', 'fred', 'gan', 'hra', 'kim', 'lina', 'mund', 'nya', 'pher', 'ric', 'sha', 'thea', 'tor', 'ula',
                       'vard', 'wen', 'xan', 'yra', 'zel'])[1 + n / 20 % 20] AS given,
             (ARRAY['ash', 'bar', 'cal', 'dun', 'ed', 'fair', 'gar', 'hol', 'ing', 'kel', 'lam', 'mar', 'nor', 'or', 'pem', 'quar',
                    'ris', 'stan', 'tam', 'whit'])[1 + n % 20]
             || (ARRAY['ber', 'ca', 'den', 'fol', 'gle', 'him', 'ki', 'lo', 'min', 'na', 'per', 'rin', 'sel', 'ta', 'tter', 'ver', 'win', 'xi', 'ya',
                       'zo'])[1 + n / 20 % 20]
             || (ARRAY['by', 'cliff', 'combe', 'dale', 'field', 'ford', 'gate', 'ham', 'hurst', 'ley', 'low', 'mead', 'more', 'ner', 'shaw',
                       'stead', 'thorpe', 'ton', 'wick', 'worth'])[1 + n / 400] AS family
      FROM generate_series(0, 7999) n) names;
----
CREATE TABLE bench_name AS
    SELECT 'family' AS kind, row_number() OVER (ORDER BY hashtext(family_key)) - 1 AS place, family_name AS name, family_key AS key, family_sound AS sound
    FROM person WHERE id >= '01900000-0000-7000-80ff-000000000000' AND id < '01900000-0000-7000-8100-000000000000'
    UNION ALL
    SELECT 'given', row_number() OVER (ORDER BY hashtext(given_key)) - 1, given_name, given_key, given_sound
    FROM (SELECT DISTINCT given_name, given_key, given_sound FROM person
          WHERE id >= '01900000-0000-7000-80ff-000000000000' AND id < '01900000-0000-7000-8100-000000000000') g;
DELETE FROM person WHERE id >= '01900000-0000-7000-80ff-000000000000' AND id < '01900000-0000-7000-8100-000000000000';
ANALYZE bench_name;

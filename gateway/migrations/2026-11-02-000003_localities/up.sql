-- The districts a hub member may sit for, so that a misspelt one is told at once and
-- does not silently show nothing. Data: another county brings its own.

INSERT INTO code (set, code, label, valid_from, source) VALUES
    ('locality', 'blaby', 'Blaby', '2000-01-01', 'district councils of the partnership'),
    ('locality', 'charnwood', 'Charnwood', '2000-01-01', 'district councils of the partnership'),
    ('locality', 'harborough', 'Harborough', '2000-01-01', 'district councils of the partnership'),
    ('locality', 'hinckley-and-bosworth', 'Hinckley and Bosworth', '2000-01-01', 'district councils of the partnership'),
    ('locality', 'melton', 'Melton', '2000-01-01', 'district councils of the partnership'),
    ('locality', 'north-west-leicestershire', 'North West Leicestershire', '2000-01-01', 'district councils of the partnership'),
    ('locality', 'oadby-and-wigston', 'Oadby and Wigston', '2000-01-01', 'district councils of the partnership');

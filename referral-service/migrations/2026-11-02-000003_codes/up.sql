-- Dated words and limits of the front door. Sources name where each was seen.

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('front_door_decision', '2013-04-01', 1, 'working_day',
     'Working Together to Safeguard Children: a decision within one working day of the referral', true);

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('locality', 'blaby', 'Blaby', '1974-04-01', NULL, 'districts of the county'),
    ('locality', 'charnwood', 'Charnwood', '1974-04-01', NULL, 'districts of the county'),
    ('locality', 'harborough', 'Harborough', '1974-04-01', NULL, 'districts of the county'),
    ('locality', 'hinckley-and-bosworth', 'Hinckley & Bosworth', '1974-04-01', NULL, 'districts of the county'),
    ('locality', 'melton', 'Melton', '1974-04-01', NULL, 'districts of the county'),
    ('locality', 'north-west-leicestershire', 'NW Leicestershire', '1974-04-01', NULL, 'districts of the county'),
    ('locality', 'oadby-and-wigston', 'Oadby & Wigston', '1974-04-01', NULL, 'districts of the county'),
    -- The six headline problems of the expanded programme, until the ten outcomes took their place.
    ('concern', 'crime-or-antisocial-behaviour', 'Parents or children involved in crime or anti-social behaviour', '2014-09-01', '2022-10-03', 'Troubled Families, expanded programme'),
    ('concern', 'not-attending-school', 'Children who have not been attending school regularly', '2014-09-01', '2022-10-03', 'Troubled Families, expanded programme'),
    ('concern', 'children-who-need-help', 'Children who need help', '2014-09-01', '2022-10-03', 'Troubled Families, expanded programme'),
    ('concern', 'out-of-work-or-financial-exclusion', 'Adults out of work or at risk of financial exclusion, young people at risk of worklessness', '2014-09-01', '2022-10-03', 'Troubled Families, expanded programme'),
    ('concern', 'domestic-violence-and-abuse', 'Families affected by domestic violence and abuse', '2014-09-01', '2022-10-03', 'Troubled Families, expanded programme'),
    ('concern', 'health-problems', 'Parents or children with a range of health problems', '2014-09-01', '2022-10-03', 'Troubled Families, expanded programme'),
    ('concern', 'good-education', 'Getting a good education', '2022-10-03', NULL, 'Supporting Families, outcomes framework of 3 October 2022'),
    ('concern', 'early-years-development', 'Good early years development', '2022-10-03', NULL, 'Supporting Families, outcomes framework of 3 October 2022'),
    ('concern', 'mental-and-physical-health', 'Improved mental and physical health', '2022-10-03', NULL, 'Supporting Families, outcomes framework of 3 October 2022'),
    ('concern', 'substance-use', 'Promoting recovery and reducing harm from substance use', '2022-10-03', NULL, 'Supporting Families, outcomes framework of 3 October 2022'),
    ('concern', 'family-relationships', 'Improved family relationships', '2022-10-03', NULL, 'Supporting Families, outcomes framework of 3 October 2022'),
    ('concern', 'safe-from-abuse-and-exploitation', 'Children safe from abuse and exploitation', '2022-10-03', NULL, 'Supporting Families, outcomes framework of 3 October 2022'),
    ('concern', 'crime-prevention', 'Crime prevention and tackling crime', '2022-10-03', NULL, 'Supporting Families, outcomes framework of 3 October 2022'),
    ('concern', 'safe-from-domestic-abuse', 'Safe from domestic abuse', '2022-10-03', NULL, 'Supporting Families, outcomes framework of 3 October 2022'),
    ('concern', 'secure-housing', 'Secure housing', '2022-10-03', NULL, 'Supporting Families, outcomes framework of 3 October 2022'),
    ('concern', 'financial-stability', 'Financial stability', '2022-10-03', NULL, 'Supporting Families, outcomes framework of 3 October 2022'),
    ('service', 'intensive-family-support', 'Intensive family support', '2013-04-01', NULL, 'services of the county'),
    ('service', 'childrens-centre', 'Children''s centres', '2003-01-01', NULL, 'services of the county'),
    ('service', 'youth-work', 'Youth work', '2013-04-01', NULL, 'services of the county'),
    ('service', 'youth-justice-prevention', 'Youth justice prevention', '2013-04-01', NULL, 'services of the county');

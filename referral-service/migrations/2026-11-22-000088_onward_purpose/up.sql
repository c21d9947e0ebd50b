-- What is shared by an onward referral stands among a person's disclosures, under a purpose of its own.
INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('information-purpose', 'onward-referral', 'Referring a family onward to a service that can help', '2013-04-01', NULL, 'words of this system');

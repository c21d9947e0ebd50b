-- How long before it is due a follow-up, of a case or of an onward referral, may be asked and answered. What a family
-- says at three months tells nothing of twelve; some weeks leave room for a visit that falls early.
INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('follow_up_asked_ahead', '2013-04-01', 28, 'day', 'Placeholder, unverified: four weeks before a follow-up is due; each county''s own', false);

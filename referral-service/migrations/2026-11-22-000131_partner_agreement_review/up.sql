-- An agreement on a partner's lists is reviewed: by the day it says itself, and at the latest after as long as the
-- practice is. The clock is information governance's work; no list is taken after the agreement's own day.

INSERT INTO time_limit (code, valid_from, amount, unit, source, verified) VALUES
    ('partner_agreement_review', '2013-04-01', 12, 'month', 'practice: how often an agreement to share is looked at again; each county''s own', false);
INSERT INTO chase (code, after_hours, again_hours, times, whom, about, source, verified) VALUES
    ('partner_agreement_review', 0, 168, 4, ARRAY['governance'], 'partner-agreements', 'practice; how often is each county''s own', false);
INSERT INTO clock (code, label, whose) VALUES
    ('partner_agreement_review', 'Review of an agreement on a partner''s lists', ARRAY['governance']);

-- Agreements of before get their clock. Row-level security holds for the tables' owner too.
ALTER TABLE partner_agreement NO FORCE ROW LEVEL SECURITY;
ALTER TABLE deadline NO FORCE ROW LEVEL SECURITY;
INSERT INTO deadline (record_id, code, started_at, due_at)
    SELECT a.id, 'partner_agreement_review', l.looked_at,
           least((a.review_on + 1)::timestamp AT TIME ZONE 'Europe/London', l.looked_at + interval '12 months')
    FROM partner_agreement a
    CROSS JOIN LATERAL (SELECT greatest(coalesce(a.reviewed_at, a.registered_at),
                                        a.starts_on::timestamp AT TIME ZONE 'Europe/London') AS looked_at) l
    WHERE a.ended_at IS NULL
    ON CONFLICT (record_id, code) DO NOTHING;
ALTER TABLE partner_agreement FORCE ROW LEVEL SECURITY;
ALTER TABLE deadline FORCE ROW LEVEL SECURITY;

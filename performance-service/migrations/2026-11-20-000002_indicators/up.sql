-- What is measured, as data: what counts, out of what, in which unit, which way is better, and by
-- how much it may move before one says that it moved. Definitions are no person data; everyone
-- with a context may read them, and the action policy says who does.

CREATE TABLE indicator (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL UNIQUE,
    title text NOT NULL,
    numerator text NOT NULL,
    denominator text,
    unit text COLLATE "C" NOT NULL CHECK (unit IN ('count', 'percentage', 'rate_per_1000', 'rate_per_100000', 'average', 'pounds')),
    decimals smallint NOT NULL CHECK (decimals BETWEEN 0 AND 4),
    polarity text COLLATE "C" NOT NULL CHECK (polarity IN ('higher_is_better', 'lower_is_better', 'neutral')),
    -- Per cent of the earlier figure; percentage points where the unit is a percentage.
    tolerance numeric(15, 4) NOT NULL CHECK (tolerance >= 0),
    source text NOT NULL,
    verified boolean NOT NULL,
    -- Whether it is counted over the facts here, or observed elsewhere and recorded.
    computed boolean NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    CHECK ((denominator IS NULL) = (unit IN ('count', 'pounds')))
);
CREATE INDEX indicator_list ON indicator (created_at DESC, id DESC);

INSERT INTO indicator (id, code, title, numerator, denominator, unit, decimals, polarity, tolerance, source, verified, computed, created_at, created_by) VALUES
    ('0193a000-0000-7000-8000-000000000001', 'referrals_received', 'Referrals received at the front door',
     'Referrals received in the period, whatever became of them', NULL,
     'count', 0, 'neutral', 5, 'Referral events of this system', true, true, '2026-11-20T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000002', 'decided_in_time', 'Screening decisions made within the limit',
     'Referrals received in the period whose screening decision was made within the limit',
     'Referrals received in the period that were decided, or whose limit passed while they were open and undecided',
     'percentage', 1, 'higher_is_better', 1, 'Referral events of this system; the limit is one working day (Working Together 2015)', true, true, '2026-11-20T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000003', 'allocated_by_service', 'Allocations to services',
     'Allocations offered to a service in the period, less those it declined and those withdrawn before it accepted', NULL,
     'count', 0, 'neutral', 5, 'Allocation events of this system', true, true, '2026-11-20T00:00:00Z', 'migration');

ALTER TABLE indicator ENABLE ROW LEVEL SECURITY;
ALTER TABLE indicator FORCE ROW LEVEL SECURITY;
CREATE POLICY anyone ON indicator FOR SELECT TO threshold_web USING ((SELECT app_user()) IS NOT NULL);
CREATE POLICY keeper ON indicator FOR INSERT TO threshold_web
    WITH CHECK ('figures' = ANY ((SELECT app_scopes())::text[]) AND NOT computed);
GRANT SELECT, INSERT ON indicator TO threshold_web;

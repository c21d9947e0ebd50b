-- What was due and never held counts: a service that skips its reviews must not show that all were in time. Whether an
-- assessment or a review is still owed is known from the events that start its clock.

ALTER TABLE case_fact ADD assessment_due_at timestamptz;
CREATE INDEX case_fact_assessment_due ON case_fact (assessment_due_at);
-- When the review after this one is due; null after the closing one, and of a correction, which starts no clock.
ALTER TABLE measurement_fact ADD review_due_at timestamptz;
CREATE INDEX measurement_fact_review_due ON measurement_fact (review_due_at);
-- What was held counts on the day it was held, or on that on which its limit passed, whichever came first.
CREATE INDEX measurement_fact_counts_at ON measurement_fact (least(due_at, completed_at));

-- Each limit counts once, and what was late stays so when it is held in a later period. As in `decided_in_time`, what ended
-- before its limit passed was never late, and what is not due yet is pending.
CREATE OR REPLACE FUNCTION counted_assessments_in_time(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT t.locality, t.service, NULL::text, count(*) FILTER (WHERE t.in_time), count(*) FILTER (WHERE NOT t.pending),
               count(*) FILTER (WHERE t.pending)
        FROM (
            SELECT m.locality, m.service, m.in_time, false AS pending
            FROM measurement_fact m
            WHERE m.point = 'initial' AND m.corrects IS NULL AND m.in_time IS NOT NULL
              AND least(m.due_at, m.completed_at) >= in_from AND least(m.due_at, m.completed_at) < in_to
            UNION ALL
            SELECT f.locality, f.service, false, f.assessment_due_at >= app_now()
            FROM case_fact f
            WHERE f.assessment_due_at >= in_from AND f.assessment_due_at < in_to
              AND (f.closed_at IS NULL OR f.closed_at > f.assessment_due_at)
              AND NOT EXISTS (SELECT 1 FROM measurement_fact m WHERE m.case_id = f.case_id AND m.point = 'initial')
        ) t
        WHERE app_user() IS NOT NULL
        GROUP BY 1, 2
    $$;

CREATE OR REPLACE FUNCTION counted_reviews_in_time(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT t.locality, t.service, NULL::text, count(*) FILTER (WHERE t.in_time), count(*) FILTER (WHERE NOT t.pending),
               count(*) FILTER (WHERE t.pending)
        FROM (
            SELECT m.locality, m.service, m.in_time, false AS pending
            FROM measurement_fact m
            WHERE m.point IN ('review', 'closure') AND m.corrects IS NULL AND m.in_time IS NOT NULL
              AND least(m.due_at, m.completed_at) >= in_from AND least(m.due_at, m.completed_at) < in_to
            UNION ALL
            SELECT m.locality, m.service, false, m.review_due_at >= app_now()
            FROM measurement_fact m LEFT JOIN case_fact f ON f.case_id = m.case_id
            WHERE m.review_due_at >= in_from AND m.review_due_at < in_to AND m.corrects IS NULL
              AND (f.closed_at IS NULL OR f.closed_at > m.review_due_at)
              AND NOT EXISTS (SELECT 1 FROM measurement_fact n
                              WHERE n.case_id = m.case_id AND n.corrects IS NULL AND n.completed_at > m.completed_at)
        ) t
        WHERE app_user() IS NOT NULL
        GROUP BY 1, 2
    $$;

ALTER TABLE indicator NO FORCE ROW LEVEL SECURITY;
UPDATE indicator SET
    numerator = 'Whole-family assessments completed in the period within their limit (six weeks from engagement, or what the case type has of its own)',
    denominator = 'Those, and the assessments whose limit passed in the period before they were completed or the case was closed: held late, or not held at all'
    WHERE code = 'assessments_in_time';
UPDATE indicator SET
    numerator = 'Reviews, the closing one among them, completed in the period within their limit (twelve weeks from the one before, or what the case type has of its own)',
    denominator = 'Those, and the reviews whose limit passed in the period before they were completed or the case was closed: held late, or not held at all'
    WHERE code = 'reviews_in_time';
ALTER TABLE indicator FORCE ROW LEVEL SECURITY;

-- An issue that nobody asked about again counts as not resolved. The definition says so, and a figure beside it says how
-- many those were: a low share may come of what families still have, or of what was not asked.

-- Each issue of an assessment, with what was said of it at the end: null where it was not asked again, or not answered.
CREATE FUNCTION issues_at_the_end(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, question text, still boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT j.locality, j.service, a.question, z.issue
        FROM journeys(in_from, in_to) j
        JOIN issue_fact a ON a.measurement_id = j.first_id AND a.issue
        LEFT JOIN issue_fact z ON z.measurement_id = j.last_id AND z.question = a.question AND z.person_id = a.person_id
    $$;

CREATE OR REPLACE FUNCTION counted_issues_resolved(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT i.locality, i.service, i.question, count(*) FILTER (WHERE NOT i.still), count(*), 0::bigint
        FROM issues_at_the_end(in_from, in_to) i GROUP BY 1, 2, 3
    $$;

CREATE FUNCTION counted_issues_not_asked_again(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT i.locality, i.service, i.question, count(*) FILTER (WHERE i.still IS NULL), count(*), 0::bigint
        FROM issues_at_the_end(in_from, in_to) i GROUP BY 1, 2, 3
    $$;

ALTER FUNCTION issues_at_the_end(timestamptz, timestamptz) OWNER TO access_reader;
ALTER FUNCTION counted_issues_not_asked_again(timestamptz, timestamptz) OWNER TO access_reader;
-- Rows leave this by the counting functions only.
REVOKE EXECUTE ON FUNCTION issues_at_the_end(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION issues_at_the_end(timestamptz, timestamptz) TO access_reader;

ALTER TABLE indicator NO FORCE ROW LEVEL SECURITY;
UPDATE indicator SET
    numerator = 'Families, or members, for whom an issue at the assessment was none at the last review or closure; one that was not asked again counts as not resolved'
    WHERE code = 'issues_resolved';
INSERT INTO indicator (id, code, title, numerator, denominator, unit, decimals, polarity, tolerance, source, verified, computed, breakdowns, part_is, created_at, created_by) VALUES
    ('0193a000-0000-7000-8000-000000000035', 'issues_not_asked_again', 'Issues not asked about again at closure',
     'Families, or members, with an issue at the assessment of which the last review or closure says nothing: not asked again, or the answer was not known',
     'Families, or members, with that issue at the assessment, of cases closed in the period that were assessed and reviewed',
     'percentage', 1, 'lower_is_better', 1, 'Events of this system; beside issues_resolved, a proposal', false, true, ARRAY['locality', 'service', 'part'], 'question', '2026-11-22T00:00:00Z', 'migration');
ALTER TABLE indicator FORCE ROW LEVEL SECURITY;

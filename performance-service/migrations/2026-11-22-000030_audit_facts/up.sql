-- What audits of case files found: one row for each standard of a finished audit. A standard that does not apply to a
-- file is in no base.

CREATE TABLE audit_grade_fact (
    audit_id uuid NOT NULL,
    standard text COLLATE "C" NOT NULL,
    finished_at timestamptz NOT NULL,
    locality text COLLATE "C",
    service text COLLATE "C",
    -- Whether it was graded good or better; null where it does not apply.
    good boolean,
    PRIMARY KEY (audit_id, standard)
);
CREATE INDEX audit_grade_fact_finished ON audit_grade_fact (finished_at);
ALTER TABLE audit_grade_fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_grade_fact FORCE ROW LEVEL SECURITY;
CREATE POLICY figures ON audit_grade_fact FOR SELECT TO threshold_web USING ('figures' = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY worker ON audit_grade_fact TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY reader ON audit_grade_fact FOR SELECT TO access_reader USING (true);
GRANT SELECT ON audit_grade_fact TO threshold_web, access_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON audit_grade_fact TO threshold_worker;

CREATE FUNCTION counted_audit_standards_good(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, f.service, f.standard, count(*) FILTER (WHERE f.good), count(*), 0::bigint FROM audit_grade_fact f
        WHERE f.finished_at >= in_from AND f.finished_at < in_to AND f.good IS NOT NULL AND app_user() IS NOT NULL
        GROUP BY 1, 2, 3
    $$;

CREATE FUNCTION counted_case_files_audited(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT f.locality, f.service, NULL::text, count(DISTINCT f.audit_id), NULL::bigint, 0::bigint FROM audit_grade_fact f
        WHERE f.finished_at >= in_from AND f.finished_at < in_to AND app_user() IS NOT NULL
        GROUP BY 1, 2
    $$;
ALTER FUNCTION counted_audit_standards_good(timestamptz, timestamptz) OWNER TO access_reader;
ALTER FUNCTION counted_case_files_audited(timestamptz, timestamptz) OWNER TO access_reader;

ALTER TABLE indicator NO FORCE ROW LEVEL SECURITY;
INSERT INTO indicator (id, code, title, numerator, denominator, unit, decimals, polarity, tolerance, source, verified, computed, breakdowns, part_is, created_at, created_by) VALUES
    ('0193a000-0000-7000-8000-000000000070', 'audit_standards_good', 'Audited standards graded good or better',
     'Standards graded good or better in audits of case files finished in the period',
     'Standards graded in them; one that does not apply to a file is in no base', 'percentage', 0, 'higher_is_better', 1,
     'Events of this system; standards after the performance report of January 2014, paragraph 12, the scale unverified', false, true, ARRAY['locality', 'service', 'part'], 'standard', '2026-11-22T00:00:00Z', 'migration'),
    ('0193a000-0000-7000-8000-000000000071', 'case_files_audited', 'Case files audited',
     'Audits of case files finished in the period', NULL, 'count', 0, 'neutral', 5, 'Events of this system', true, true, ARRAY['locality', 'service'], NULL, '2026-11-22T00:00:00Z', 'migration');
ALTER TABLE indicator FORCE ROW LEVEL SECURITY;

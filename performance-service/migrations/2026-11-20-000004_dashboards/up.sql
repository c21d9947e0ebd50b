-- What is shown together: groups of rows, each of an indicator. A definition is one document with
-- versions; it holds which figures are shown and what was printed beside them, never a figure.

CREATE TABLE dashboard (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL UNIQUE,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX dashboard_list ON dashboard (created_at DESC, id DESC);

CREATE TABLE dashboard_definition (
    dashboard_id uuid NOT NULL REFERENCES dashboard (id),
    version bigint NOT NULL,
    title text NOT NULL,
    definition jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL,
    PRIMARY KEY (dashboard_id, version)
);

INSERT INTO dashboard (id, code, version, created_at) VALUES
    ('0193a000-0000-7000-8000-000000000101', 'partnership', 1, '2026-11-20T00:00:00Z');
INSERT INTO dashboard_definition (dashboard_id, version, title, definition, recorded_at, recorded_by) VALUES
    ('0193a000-0000-7000-8000-000000000101', 1, 'The partnership: front door and allocation', '{
        "source": "Referral and allocation events of this system",
        "groups": [
            {"outcome": "Front door this month", "rows": [
                {"indicator": "referrals_received", "window": "current_month", "by": "locality"},
                {"indicator": "decided_in_time", "window": "current_month", "by": "locality"},
                {"indicator": "allocated_by_service", "window": "current_month", "by": "service"}]},
            {"outcome": "Front door over twelve months", "rows": [
                {"indicator": "referrals_received", "window": "rolling_12_months", "by": "locality"},
                {"indicator": "decided_in_time", "window": "rolling_12_months", "by": "locality"},
                {"indicator": "allocated_by_service", "window": "rolling_12_months", "by": "service"}]}]
    }', '2026-11-20T00:00:00Z', 'migration');

ALTER TABLE dashboard ENABLE ROW LEVEL SECURITY;
ALTER TABLE dashboard FORCE ROW LEVEL SECURITY;
ALTER TABLE dashboard_definition ENABLE ROW LEVEL SECURITY;
ALTER TABLE dashboard_definition FORCE ROW LEVEL SECURITY;
CREATE POLICY anyone ON dashboard FOR SELECT TO threshold_web USING ((SELECT app_user()) IS NOT NULL);
CREATE POLICY keeper ON dashboard FOR INSERT TO threshold_web WITH CHECK ('figures' = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY reviser ON dashboard FOR UPDATE TO threshold_web USING ('figures' = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY anyone ON dashboard_definition FOR SELECT TO threshold_web USING ((SELECT app_user()) IS NOT NULL);
CREATE POLICY keeper ON dashboard_definition FOR INSERT TO threshold_web WITH CHECK ('figures' = ANY ((SELECT app_scopes())::text[]));
GRANT SELECT, INSERT ON dashboard, dashboard_definition TO threshold_web;
GRANT UPDATE (version) ON dashboard TO threshold_web;

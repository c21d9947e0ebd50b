-- Figures that others published or supplied, kept as they were printed. A point is an indicator, a
-- period and a geography; what is said of it has versions, and none is ever lost.

CREATE TABLE observation (
    id uuid PRIMARY KEY,
    indicator text COLLATE "C" NOT NULL REFERENCES indicator (code),
    period_from date NOT NULL,
    period_to date NOT NULL,
    period_label text NOT NULL,
    geography text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    CHECK (period_from <= period_to),
    UNIQUE (indicator, period_from, period_to, geography)
);
CREATE INDEX observation_list ON observation (period_to DESC, id DESC);
CREATE INDEX observation_series ON observation (indicator, period_to DESC, id DESC);

CREATE TABLE observation_version (
    observation_id uuid NOT NULL REFERENCES observation (id),
    version bigint NOT NULL,
    value numeric(15, 4) NOT NULL,
    decimals smallint NOT NULL CHECK (decimals BETWEEN 0 AND 4),
    numerator bigint,
    denominator bigint CHECK (denominator > 0),
    source text NOT NULL,
    note text,
    printed text,
    provisional boolean NOT NULL,
    -- Why the figure before it was revised; none for the first.
    reason text CHECK ((reason IS NULL) = (version = 1)),
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL,
    PRIMARY KEY (observation_id, version)
);

ALTER TABLE observation ENABLE ROW LEVEL SECURITY;
ALTER TABLE observation FORCE ROW LEVEL SECURITY;
ALTER TABLE observation_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE observation_version FORCE ROW LEVEL SECURITY;
CREATE POLICY anyone ON observation FOR SELECT TO threshold_web USING ((SELECT app_user()) IS NOT NULL);
CREATE POLICY keeper ON observation FOR INSERT TO threshold_web WITH CHECK ('figures' = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY reviser ON observation FOR UPDATE TO threshold_web USING ('figures' = ANY ((SELECT app_scopes())::text[]));
CREATE POLICY anyone ON observation_version FOR SELECT TO threshold_web USING ((SELECT app_user()) IS NOT NULL);
CREATE POLICY keeper ON observation_version FOR INSERT TO threshold_web WITH CHECK ('figures' = ANY ((SELECT app_scopes())::text[]));
GRANT SELECT, INSERT ON observation, observation_version TO threshold_web;
GRANT UPDATE (version) ON observation TO threshold_web;

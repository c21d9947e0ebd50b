-- What happened, for the other services. The web role writes rows with the change
-- they tell of; the relay gives committed rows a gap-free position under an epoch.

CREATE TABLE event_log (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    kind text COLLATE "C" NOT NULL,
    aggregate_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    trace text COLLATE "C",
    data jsonb NOT NULL,
    position bigint,
    PRIMARY KEY (recorded_at, id)
) PARTITION BY RANGE (recorded_at);
CREATE TABLE event_log_default PARTITION OF event_log DEFAULT;
CREATE INDEX event_log_unpositioned ON event_log (seq) WHERE position IS NULL;
CREATE INDEX event_log_position ON event_log (position) WHERE position IS NOT NULL;

-- One row: which life of this log it is, and how far it is numbered.
CREATE TABLE event_epoch (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    epoch uuid NOT NULL,
    position bigint NOT NULL
);

-- How far each consumer of this service has come in another service's log.
CREATE TABLE consumer_position (
    consumer text COLLATE "C" PRIMARY KEY,
    epoch uuid NOT NULL,
    position bigint NOT NULL
);

-- Which events a consumer has had. With consumer_position this makes an effect happen
-- once even when a new epoch begins and everything is told again.
CREATE TABLE consumed_event (
    consumer text COLLATE "C" NOT NULL,
    event_id uuid NOT NULL,
    PRIMARY KEY (consumer, event_id)
);

-- Events that failed for a reason that trying again won't cure. Later events of the
-- same aggregate queue behind them; every other aggregate goes on.
CREATE TABLE dead_letter (
    consumer text COLLATE "C" NOT NULL,
    event_id uuid NOT NULL,
    aggregate_id uuid NOT NULL,
    position bigint NOT NULL,
    event jsonb NOT NULL,
    error text NOT NULL,
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX dead_letter_aggregate ON dead_letter (consumer, aggregate_id);

ALTER TABLE event_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_log FORCE ROW LEVEL SECURITY;
CREATE POLICY web ON event_log FOR INSERT TO threshold_web WITH CHECK ((SELECT app_user()) IS NOT NULL AND position IS NULL);
CREATE POLICY worker ON event_log TO threshold_worker USING (true) WITH CHECK (true);

GRANT INSERT ON event_log TO threshold_web;
GRANT SELECT, INSERT, UPDATE ON event_log TO threshold_worker;
GRANT SELECT, INSERT, UPDATE ON event_epoch TO threshold_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON consumer_position, consumed_event, dead_letter TO threshold_worker;

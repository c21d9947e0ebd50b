-- Clocks, and words whose meaning has a date.

-- How long something may take, from a day on, and who says so.
CREATE TABLE time_limit (
    code text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    amount integer NOT NULL CHECK (amount > 0),
    unit text COLLATE "C" NOT NULL CHECK (unit IN ('working_day', 'day', 'hour', 'week')),
    source text NOT NULL,
    verified boolean NOT NULL,
    PRIMARY KEY (code, valid_from)
);

-- A running or stopped clock of one record.
CREATE TABLE deadline (
    record_id uuid NOT NULL,
    code text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    met_at timestamptz,
    PRIMARY KEY (record_id, code)
);
CREATE INDEX deadline_due ON deadline (code, due_at) WHERE met_at IS NULL;

ALTER TABLE deadline ENABLE ROW LEVEL SECURITY;
ALTER TABLE deadline FORCE ROW LEVEL SECURITY;
CREATE POLICY of_seen_record ON deadline TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = deadline.record_id))
    WITH CHECK ((SELECT app_user()) IS NOT NULL);
CREATE POLICY worker ON deadline TO threshold_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON deadline TO threshold_web, threshold_worker;

-- A code keeps its meaning of the day; returns map it.
CREATE TABLE code (
    set text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    label text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    source text NOT NULL,
    PRIMARY KEY (set, code, valid_from)
);

-- England's bank holidays. Data, because governments move them.
CREATE TABLE bank_holiday (
    day date PRIMARY KEY,
    name text NOT NULL,
    source text NOT NULL
);

GRANT SELECT ON time_limit, code, bank_holiday TO threshold_web, threshold_worker;

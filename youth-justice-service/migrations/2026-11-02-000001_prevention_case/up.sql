-- Youth justice prevention: what an allocation to this service becomes here. The allocation
-- itself belongs to referral-service; these rows say what came of it.

CREATE TABLE prevention_case (
    id uuid PRIMARY KEY,
    reference text COLLATE "C" NOT NULL UNIQUE,
    -- Unique, so that an offer told twice is one case.
    allocation_id uuid NOT NULL UNIQUE,
    referral_id uuid NOT NULL,
    locality text COLLATE "C",
    status text COLLATE "C" NOT NULL
        CHECK (status IN ('awaiting_acceptance', 'accepted', 'refused', 'withdrawn', 'closed')),
    outcome text COLLATE "C",
    offered_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CHECK (outcome IS NULL OR status = 'closed')
);

-- Who brought a case where, when and why. A case reaches each status at most once, so the
-- key makes every step, and the event published with it, happen once however often it is told.
-- Without an actor it was learnt from referral-service.
CREATE TABLE prevention_case_step (
    case_id uuid NOT NULL REFERENCES prevention_case,
    status text COLLATE "C" NOT NULL
        CHECK (status IN ('awaiting_acceptance', 'accepted', 'refused', 'withdrawn', 'closed')),
    at timestamptz NOT NULL,
    actor_id uuid,
    actor_name text,
    reason text,
    PRIMARY KEY (case_id, status),
    CHECK ((actor_id IS NULL) = (actor_name IS NULL))
);

-- A copy of what the person index says, refreshed when it says something new. Before the first
-- copy arrives the version is 0 and there is no name.
CREATE TABLE person_copy (
    person_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    given_name text,
    family_name text,
    birth_date date,
    -- The newest version this service has heard of.
    wanted_version bigint NOT NULL,
    -- When to ask for it next, by the machine's clock.
    next_try_at timestamptz NOT NULL,
    tries integer NOT NULL
);
CREATE INDEX person_copy_wanted ON person_copy (next_try_at) WHERE version < wanted_version;

ALTER TABLE prevention_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE prevention_case FORCE ROW LEVEL SECURITY;
ALTER TABLE prevention_case_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE prevention_case_step FORCE ROW LEVEL SECURITY;
ALTER TABLE person_copy ENABLE ROW LEVEL SECURITY;
ALTER TABLE person_copy FORCE ROW LEVEL SECURITY;

CREATE POLICY seen ON prevention_case FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = prevention_case.id AND s.view = 'full'));
CREATE POLICY moved ON prevention_case FOR UPDATE TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = prevention_case.id AND s.view = 'full'));
CREATE POLICY seen ON prevention_case_step FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = prevention_case_step.case_id AND s.view = 'full'));
CREATE POLICY made ON prevention_case_step FOR INSERT TO threshold_web
    WITH CHECK (EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = prevention_case_step.case_id AND s.view = 'full')
                AND actor_id = (SELECT app_user()));
-- One may put one's own name to a step that was learnt, and take nobody's away.
CREATE POLICY named ON prevention_case_step FOR UPDATE TO threshold_web
    USING (actor_id IS NULL
           AND EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = prevention_case_step.case_id AND s.view = 'full'))
    WITH CHECK (actor_id = (SELECT app_user()));
CREATE POLICY seen ON person_copy FOR SELECT TO threshold_web
    USING (EXISTS (SELECT 1 FROM record_subject r JOIN record_scope s ON s.record_id = r.record_id
                   WHERE r.person_id = person_copy.person_id AND s.view = 'full'));

CREATE POLICY worker ON prevention_case TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON prevention_case_step TO threshold_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON person_copy TO threshold_worker USING (true) WITH CHECK (true);

GRANT SELECT ON prevention_case, prevention_case_step, person_copy TO threshold_web;
GRANT UPDATE (status, outcome, version) ON prevention_case TO threshold_web;
GRANT INSERT, UPDATE (actor_id, actor_name, reason) ON prevention_case_step TO threshold_web;
GRANT SELECT, INSERT, UPDATE ON prevention_case, person_copy TO threshold_worker;
GRANT SELECT, INSERT ON prevention_case_step TO threshold_worker;

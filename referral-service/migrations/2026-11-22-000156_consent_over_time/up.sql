-- What a family says of a service after the referral: that it agrees by now, does not, or takes its agreement back.
-- `service_consent` stays what the referral itself told. Records are added and never changed. Neither has anything to
-- do with the basis on which what is known is shared (`sharing_basis`).

CREATE TABLE consent_record (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referral,
    given text COLLATE "C" NOT NULL CHECK (given IN ('yes', 'no', 'withdrawn')),
    given_by text NOT NULL,
    given_on date NOT NULL,
    how text,
    words text,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_by_name text NOT NULL
);
CREATE INDEX consent_record_referral ON consent_record (referral_id, given_on, recorded_at);

ALTER TABLE consent_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_record FORCE ROW LEVEL SECURITY;
CREATE POLICY made ON consent_record FOR INSERT TO threshold_web WITH CHECK (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = consent_record.referral_id AND s.view = 'full'));
CREATE POLICY seen ON consent_record FOR SELECT TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = consent_record.referral_id AND s.view = 'full'));
CREATE POLICY worker ON consent_record FOR SELECT TO threshold_worker USING (true);
GRANT SELECT, INSERT ON consent_record TO threshold_web;
GRANT SELECT ON consent_record TO threshold_worker;

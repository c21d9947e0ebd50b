-- A referral may wait for a manager's sign-off, and may be helped by several services at once:
-- one that leads and others that support it.

ALTER TABLE referral
    DROP CONSTRAINT referral_status_check,
    ADD CONSTRAINT referral_status_check CHECK (status IN
        ('received', 'screening', 'awaiting_sign_off', 'with_social_care', 'listed_for_hub', 'offered', 'in_service',
         'closed', 'withdrawn'));

ALTER TABLE allocation ADD part text COLLATE "C" NOT NULL DEFAULT 'lead' CHECK (part IN ('lead', 'supporting'));
DROP INDEX allocation_open;
CREATE UNIQUE INDEX allocation_open_lead ON allocation (referral_id) WHERE part = 'lead' AND status IN ('offered', 'accepted');
-- No service is asked twice for one family at once.
CREATE UNIQUE INDEX allocation_open_service ON allocation (referral_id, service) WHERE status IN ('offered', 'accepted');

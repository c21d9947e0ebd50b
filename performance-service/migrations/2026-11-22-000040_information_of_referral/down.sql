ALTER TABLE information_request_fact DROP referral_id;

-- A referral that ends takes back what was asked for it: the fact has to know whose it was.
ALTER TABLE information_request_fact ADD referral_id uuid;
CREATE INDEX information_request_fact_open ON information_request_fact (referral_id)
    WHERE answered_at IS NULL AND cancelled_at IS NULL;

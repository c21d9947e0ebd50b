-- A request for information ends with the referral it was asked for, and is told of no further: whoever
-- counts requests that nobody answered must know which referral that was.

ALTER TABLE information_request_fact ADD referral_id uuid;
CREATE INDEX information_request_fact_referral ON information_request_fact (referral_id);

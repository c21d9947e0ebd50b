DROP POLICY reader ON alert;
DROP FUNCTION missing_known(uuid, uuid);
DROP FUNCTION onward_lines_by_link(uuid);
DROP POLICY counted ON onward_history;
DROP FUNCTION onward_end(uuid, timestamptz);
DROP POLICY ended ON onward_history;
DROP POLICY ended_with_it ON onward_link;
DROP POLICY ended ON onward_referral;
DROP POLICY not_restricted ON message;

DROP INDEX user_account_localities;
DROP INDEX user_account_teams;
DROP INDEX user_account_agency;
DROP FUNCTION colleagues(text, text, text, timestamptz, uuid, bigint);
DROP POLICY colleagues ON user_account;
REVOKE SELECT ON user_account FROM access_reader;

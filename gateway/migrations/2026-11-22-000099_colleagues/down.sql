DROP INDEX user_account_localities;
DROP INDEX user_account_teams;
DROP INDEX user_account_agency;
DROP FUNCTION colleagues(text, text, text, timestamptz, uuid, bigint);
DROP POLICY colleagues ON user_account;
REVOKE SELECT (id, display_name, agency, roles, localities, teams, created_at, deactivated_at)
    ON user_account FROM access_reader;

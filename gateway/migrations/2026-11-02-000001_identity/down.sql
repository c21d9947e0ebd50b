DROP TABLE sign_in_client, client, user_password, user_account, team, agency;

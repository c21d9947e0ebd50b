DROP TABLE sign_in_attempt, authorization_code, used_assertion, revocation;

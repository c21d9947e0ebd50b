-- Who is asking. Every transaction of the web role begins by setting these from
-- the verified token; a policy that finds nothing set shows nothing.
-- `nullif` matters: a setting that was set once in a session reads as '' later.
--
-- Their bodies are bound to the functions they name as they are made, so no search_path can lead
-- them elsewhere; and, setting none, they can be inlined: a policy asks them in every statement,
-- where the call would cost more than the answer.

CREATE FUNCTION app_user() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.actor', true), '')::uuid;

CREATE FUNCTION app_agency() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.agency', true), '');

-- Scopes are words without spaces ('agency:police', 'hub:charnwood'), joined by one space.
CREATE FUNCTION app_scopes() RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN string_to_array(nullif(current_setting('app.scopes', true), ''), ' ');

-- The business clock. No default: without a context a rule about time fails loudly.
CREATE FUNCTION app_now() RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN current_setting('app.now')::timestamptz;

GRANT USAGE ON SCHEMA public TO threshold_web, threshold_worker, access_reader;
-- Definer functions belong to access_reader, so it must be able to own something here.
GRANT CREATE ON SCHEMA public TO access_reader;
GRANT SELECT ON __diesel_schema_migrations TO threshold_web, threshold_worker;

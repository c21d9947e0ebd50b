-- Figures that are broken down by something of their own (an area of the outcome ladder, a question,
-- an agency), and indicators that say by what they can be broken down. Every counted indicator `x` is
-- counted by a function `counted_x`, which answers in cells of one shape; the three older ones are
-- called through it, so that the release before this one goes on counting.

ALTER TABLE indicator
    ADD breakdowns text[] NOT NULL DEFAULT '{}' CHECK (breakdowns <@ ARRAY['locality', 'service', 'part']),
    -- What a `part` is: 'area of the outcome ladder'.
    ADD part_is text,
    ADD CHECK ((part_is IS NOT NULL) = ('part' = ANY (breakdowns)));
-- The owner is held to the policies too, and none lets it change what it defined.
ALTER TABLE indicator NO FORCE ROW LEVEL SECURITY;
UPDATE indicator SET breakdowns = ARRAY['locality'] WHERE code IN ('referrals_received', 'decided_in_time');
UPDATE indicator SET breakdowns = ARRAY['locality', 'service'] WHERE code = 'allocated_by_service';
ALTER TABLE indicator FORCE ROW LEVEL SECURITY;

CREATE FUNCTION counted_referrals_received(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SET search_path = public, pg_temp
    AS $$ SELECT f.locality, f.service, NULL, f.numerator, f.denominator, f.pending FROM figure_referrals_received(in_from, in_to) f $$;
CREATE FUNCTION counted_decided_in_time(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SET search_path = public, pg_temp
    AS $$ SELECT f.locality, f.service, NULL, f.numerator, f.denominator, f.pending FROM figure_decided_in_time(in_from, in_to) f $$;
CREATE FUNCTION counted_allocated_by_service(in_from timestamptz, in_to timestamptz)
    RETURNS TABLE (locality text, service text, part text, numerator bigint, denominator bigint, pending bigint)
    LANGUAGE sql STABLE SET search_path = public, pg_temp
    AS $$ SELECT f.locality, f.service, NULL, f.numerator, f.denominator, f.pending FROM figure_allocated_by_service(in_from, in_to) f $$;

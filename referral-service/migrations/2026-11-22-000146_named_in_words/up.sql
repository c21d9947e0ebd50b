-- Whose an action is, and who sits around a family, may be a body that is no agency of the partnership: a bank, a
-- benefits office. It is named in words, not by a code that nobody has.
ALTER TABLE plan_action DROP CONSTRAINT plan_action_owner_kind_check;
ALTER TABLE plan_action ADD CONSTRAINT plan_action_owner_kind_check
    CHECK (owner_kind IN ('worker', 'agency', 'family', 'other'));
ALTER TABLE plan_action ADD CONSTRAINT plan_action_other_check
    CHECK (owner_kind <> 'other' OR owner_name IS NOT NULL);
-- Neither someone of the family nor of an agency: then name and role say who it is.
ALTER TABLE team_around_person DROP CONSTRAINT team_around_person_check;
ALTER TABLE team_around_person ADD CONSTRAINT team_around_person_check
    CHECK (num_nonnulls(person_id, agency) = 1 OR (person_id IS NULL AND name IS NOT NULL AND role IS NOT NULL));

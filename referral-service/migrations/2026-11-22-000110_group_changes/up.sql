-- A group once planned is changed: its title, its place, how many places, its days and who runs it; and a
-- session of it is moved to another day, with the reason. What it is (programme, service, district) stays:
-- its figures are counted by that, and its hub sees it by that.

-- Where a session stood before it was last moved, and why.
ALTER TABLE group_session
    ADD moved_from date,
    ADD moved_because text COLLATE "C",
    ADD CHECK ((moved_from IS NULL) = (moved_because IS NULL));

GRANT UPDATE (title, first_day) ON support_group TO threshold_web;
GRANT UPDATE (venue, note) ON group_run TO threshold_web;
GRANT UPDATE (held_on, moved_from, moved_because) ON group_session TO threshold_web;
CREATE POLICY replaced ON group_facilitator FOR DELETE TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s WHERE s.record_id = group_facilitator.group_id AND s.view = 'full'));
GRANT DELETE ON group_facilitator TO threshold_web;

-- From when the last of those who have a place has it, also of somebody who is hidden from whoever asks.
CREATE FUNCTION group_last_place(of_group uuid) RETURNS date
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT group_is_whole(of_group) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        RETURN (SELECT max(e.placed_on) FROM group_enrolment e WHERE e.group_id = of_group AND e.status = 'enrolled');
    END $$;
ALTER FUNCTION group_last_place(uuid) OWNER TO access_reader;

-- Everyone who is enrolled or waits is so in the group by its new name; what has ended keeps the one it had.
CREATE FUNCTION group_retitle(of_group uuid, new_title text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
        IF NOT group_is_whole(of_group) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        UPDATE group_enrolment e SET title = new_title
            WHERE e.group_id = of_group AND e.status IN ('waiting', 'enrolled') AND e.title <> new_title;
    END $$;
ALTER FUNCTION group_retitle(uuid, text) OWNER TO access_reader;

-- Facilitators come and go. Whoever comes sees all of the group and everyone who is or was enrolled, as the
-- others do. Whoever goes no longer sees what running it showed them; what their work with a family, or any
-- other record, shows them stays.
CREATE FUNCTION group_hand_over(of_group uuid, came uuid[], went uuid[]) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE
        new_scopes text[] := ARRAY(SELECT 'user:' || c FROM unnest(came) c);
        old_scopes text[] := ARRAY(SELECT 'user:' || w FROM unnest(went) w);
    BEGIN
        IF NOT group_is_whole(of_group) THEN
            RAISE EXCEPTION 'not your record' USING ERRCODE = '42501';
        END IF;
        INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
            SELECT DISTINCT ON (s.record_id, n.scope) s.record_id, s.kind, n.scope, 'full', s.state, s.sort_at
            FROM record_scope s CROSS JOIN unnest(new_scopes) AS n(scope)
            WHERE s.view = 'full'
              AND (s.record_id = of_group
                   OR s.record_id IN (SELECT e.id FROM group_enrolment e WHERE e.group_id = of_group))
            ORDER BY s.record_id, n.scope, s.sort_at
            ON CONFLICT (record_id, scope) DO UPDATE SET view = 'full';
        INSERT INTO record_scope (record_id, kind, scope, view, state, sort_at)
            SELECT DISTINCT ON (about.person_id, n.scope) about.person_id, 'person', n.scope, 'full', 'known', e.enrolled_at
            FROM group_enrolment e JOIN record_subject about ON about.record_id = e.id
            CROSS JOIN unnest(new_scopes) AS n(scope)
            WHERE e.group_id = of_group
            ORDER BY about.person_id, n.scope, e.enrolled_at
            ON CONFLICT DO NOTHING;
        DELETE FROM record_scope WHERE record_id = of_group AND scope = ANY (old_scopes);
        DELETE FROM record_scope s USING group_enrolment e
            WHERE e.group_id = of_group AND s.record_id = e.id AND s.scope = ANY (old_scopes)
              AND NOT EXISTS (SELECT 1 FROM record_scope f
                              WHERE f.record_id = e.family_id AND f.scope = s.scope AND f.view = 'full');
        DELETE FROM record_scope p USING group_enrolment e, record_subject about
            WHERE e.group_id = of_group AND about.record_id = e.id
              AND p.record_id = about.person_id AND p.scope = ANY (old_scopes)
              AND NOT EXISTS (
                  SELECT 1 FROM record_subject other
                  JOIN record_scope s ON s.record_id = other.record_id AND s.scope = p.scope
                  WHERE other.person_id = about.person_id AND other.record_id <> other.person_id AND s.kind <> 'alert');
    END $$;
ALTER FUNCTION group_hand_over(uuid, uuid[], uuid[]) OWNER TO access_reader;

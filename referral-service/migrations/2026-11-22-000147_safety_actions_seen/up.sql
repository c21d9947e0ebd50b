-- An agency that is to do something by a child's safety plan reads what it is to do: its own actions, of all that is
-- worked on together those alone. It follows the concern as whoever raised it does (status view).
CREATE POLICY asked ON exploitation_action FOR SELECT TO threshold_web USING (EXISTS (
    SELECT 1 FROM record_scope s
    WHERE s.record_id = exploitation_action.concern_id AND s.scope = 'agency:' || exploitation_action.agency));

-- What the clocks of the front door are called, and whose work they are.
INSERT INTO clock (code, label, whose) VALUES
    ('front_door_decision', 'Decision at the front door', ARRAY['front-door']);
SELECT work_renew(ARRAY['front_door_decision']);

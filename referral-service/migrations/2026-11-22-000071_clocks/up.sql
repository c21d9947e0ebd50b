-- What clocks are called, and whose work they are.
INSERT INTO clock (code, label, whose) VALUES
    ('front_door_decision', 'Decision at the front door', ARRAY['front-door']),
    ('return_interview', 'Return interview', ARRAY['front-door', 'team']);
SELECT work_renew(ARRAY['front_door_decision', 'return_interview']);

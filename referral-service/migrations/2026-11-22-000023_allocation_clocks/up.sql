-- What the clocks of allocations and hubs are called, and whose work they are.
INSERT INTO clock (code, label, whose) VALUES
    ('allocation_answer', 'Answer of the service', ARRAY['team']),
    ('allocation_waiting', 'Room on the waiting list', ARRAY['team']),
    ('lead_worker_named', 'Lead worker to be named', ARRAY['team']),
    ('allocation_length', 'Usual end of the work', ARRAY['team']),
    ('hub_deferral', 'Put off by the hub until', ARRAY['hub']);
SELECT work_renew(ARRAY['allocation_answer', 'allocation_waiting', 'lead_worker_named', 'allocation_length', 'hub_deferral']);

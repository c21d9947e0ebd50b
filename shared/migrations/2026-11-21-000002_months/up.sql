-- Limits in months, which are the calendar's: three months from 30 November end on the last day of
-- February.
ALTER TABLE time_limit
    DROP CONSTRAINT time_limit_unit_check,
    ADD CONSTRAINT time_limit_unit_check CHECK (unit IN ('working_day', 'day', 'hour', 'week', 'month'));

-- Somebody of a family moves out of its household or comes back and belongs to it all the while: the membership ends on
-- that day and another begins. Why the first one ended has a word.

INSERT INTO code (set, code, label, valid_from, valid_to, source) VALUES
    ('membership_end', 'household-changed', 'Moved out of the household or back into it', '2013-04-01', NULL,
     'words of casework; to be agreed by the partnership');

-- A family takes over the relationships its referral tells. The referral knows more words for them than the family
-- did; with the same words on both sides nothing that was told is lost or bent.

ALTER TABLE family_relationship DROP CONSTRAINT family_relationship_kind_check;
ALTER TABLE family_relationship ADD CONSTRAINT family_relationship_kind_check CHECK (kind IN
    ('parent_of', 'step_parent_of', 'sibling_of', 'half_sibling_of', 'partner_of', 'former_partner_of',
     'grandparent_of', 'carer_of', 'relative_of'));

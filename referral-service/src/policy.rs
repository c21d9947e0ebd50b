//! Who may do what in referral-service. What they may do it *to* is said by row-level
//! security: nobody acts on a record they don't see.

shared::actions! {
    /// Tell the front door of a worry.
    SUBMIT_REFERRAL = "referral.submit": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Keep drafts of one's own referrals.
    DRAFT_REFERRAL = "referral.draft": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Send a file of many referrals, and read what became of its rows.
    SEND_BATCH = "referral.batch": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read how far a file of referrals is that one sent, or one's agency or anybody if one answers for them; and stop it.
    OVERSEE_BATCH = "referral.oversee_batch": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker, PartnershipAdministrator, AgencyAdministrator;
    /// Read a referral, as far as one's view goes, and what its referrer was told.
    READ_REFERRAL = "referral.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read who did what to a referral, when and why.
    READ_HISTORY = "referral.history": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Take a referral back before a service has taken it on.
    WITHDRAW_REFERRAL = "referral.withdraw": Referrer, FirstResponseOfficer, FirstResponseManager;
    /// Begin to screen a referral.
    SCREEN_REFERRAL = "referral.screen": FirstResponseOfficer, FirstResponseManager;
    /// Decide at the front door: level of need, outcome, reason.
    DECIDE_REFERRAL = "referral.decide": FirstResponseOfficer, FirstResponseManager;
    /// Sign off a front-door decision that an officer proposed, or give it back.
    SIGN_OFF_DECISION = "referral.sign_off": FirstResponseManager;
    /// Step a referral up to children's social care, or down from it.
    STEP_REFERRAL = "referral.step": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Record what the family says of a service after the referral: that it agrees, does not, or takes it back.
    RECORD_CONSENT = "referral.consent": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read the messages on a referral, and say that they were seen.
    READ_MESSAGES = "message.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Write to the other side: whoever referred, or whoever works on the referral.
    SEND_MESSAGE = "message.send": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Ask an agency for what it holds of people on a referral, or take such a request back.
    ASK_INFORMATION = "information.ask": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read what an agency is asked, and what it answered.
    READ_INFORMATION = "information.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Answer for the agency that is asked.
    ANSWER_INFORMATION = "information.answer": Referrer;
    /// Read who can be asked for what.
    READ_INFORMATION_SOURCES = "information.sources": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker, InformationGovernanceOfficer, PartnershipAdministrator;
    /// Say who can be asked.
    KEEP_INFORMATION_SOURCES = "information.keep_sources": FirstResponseManager, PartnershipAdministrator;
    /// Read what was told about a person, to whom and on which basis.
    READ_DISCLOSURES = "person.disclosures": InformationGovernanceOfficer, FirstResponseManager;
    /// Read what is listed for a hub.
    READ_HUB = "hub.read": HubMember;
    /// Decide at the hub, with reasons, and allocate.
    DECIDE_AT_HUB = "hub.decide": HubMember;
    /// Plan, change, open and close a hub's meetings, keep their agenda, acknowledge notes.
    KEEP_MEETINGS = "hub.meet": HubMember;
    /// Read how a hub works.
    READ_HUB_PRACTICE = "hub.read_practice": FirstResponseOfficer, FirstResponseManager, HubMember, PartnershipAdministrator;
    /// Say how a hub works: by meeting, by a desk team, or both.
    CHANGE_HUB_PRACTICE = "hub.change_practice": FirstResponseManager, PartnershipAdministrator;
    /// Read what a restricted panel one sits on has. Whoever sits on none finds nothing.
    READ_PANEL = "panel.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Record what a restricted panel one sits on decided.
    DECIDE_AT_PANEL = "panel.decide": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Keep who sits on restricted panels.
    KEEP_PANELS = "panel.keep_members": InformationGovernanceOfficer, PartnershipAdministrator;
    /// Read allocations.
    READ_ALLOCATION = "allocation.read": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Accept or decline an allocation for one's service.
    ANSWER_ALLOCATION = "allocation.answer": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Close an allocation with its outcome.
    CLOSE_ALLOCATION = "allocation.close": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Name who works on an allocation, end their part, and say which kind of work it is.
    ASSIGN_ALLOCATION = "allocation.assign": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Pass an allocation on to another service or another worker.
    TRANSFER_ALLOCATION = "allocation.transfer": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read what one's team and its workers have in hand.
    READ_CASELOAD = "caseload.read": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Say how much a worker of one's team should have in hand at most.
    SET_CEILING = "caseload.set_ceiling": ServiceManager;
    /// Add a person to the index.
    ADD_PERSON = "person.add": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read or search people.
    READ_PERSON = "person.read": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read who looked at a person's records.
    READ_ACCESS_LOG = "person.access_log": InformationGovernanceOfficer, FirstResponseManager;
    /// Exclude a user from a person's records, or restrict them to named users.
    RESTRICT_PERSON = "person.restrict": InformationGovernanceOfficer, FirstResponseManager;
    /// Read the alerts raised for one's scopes.
    READ_ALERT = "alert.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker, InformationGovernanceOfficer;
    /// Say that one has seen to an alert.
    ACKNOWLEDGE_ALERT = "alert.acknowledge": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker, InformationGovernanceOfficer;
    /// Report a child as missing.
    REPORT_MISSING = "missing.report": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read missing episodes, as far as one's view goes.
    READ_MISSING = "missing.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Add to a missing episode what is heard while the child is missing.
    UPDATE_MISSING = "missing.update": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Record that a missing child is back.
    RECORD_MISSING_RETURN = "missing.return": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Record a return interview: offered, declined or held.
    RECORD_RETURN_INTERVIEW = "missing.interview": FirstResponseOfficer, FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Give a missing episode to a team, for the return interview.
    GIVE_MISSING = "missing.give": FirstResponseOfficer, FirstResponseManager, HubMember;
    /// Cancel a report of a missing child that was made in error or twice.
    CANCEL_MISSING = "missing.cancel": Referrer, FirstResponseOfficer, FirstResponseManager;
    /// Read the directory of services.
    READ_DIRECTORY = "directory.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker, Analyst, BoardMember, InformationGovernanceOfficer, PartnershipAdministrator, AgencyAdministrator;
    /// Keep what one's own agency offers in the directory, or, for the partnership, all of it.
    KEEP_DIRECTORY = "directory.keep": ServiceManager, PartnershipAdministrator, AgencyAdministrator;
    /// Rank services for what a family needs.
    MATCH_SERVICES = "directory.match": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Search for people, referrals, families and cases, among what one sees.
    SEARCH = "search": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read what is due, at risk and overdue among the records one works on.
    READ_WORK = "work.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker, InformationGovernanceOfficer;
    /// Form a family from what one's team accepted, or from people.
    FORM_FAMILY = "family.form": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read a family: the working team all of it, the district's hub who is helping.
    READ_FAMILY = "family.read": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Record who belongs to a family, their relationships, where it lives, and its headline problems.
    CHANGE_FAMILY = "family.change": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read on what evidence a family is eligible for the programme.
    READ_ELIGIBILITY = "family.eligibility": FirstResponseOfficer, FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Open a case for one's team.
    OPEN_CASE = "case.open": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read a case: its team all of it, the district's hub and other teams who is helping.
    READ_CASE = "case.read": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Work on a case.
    WORK_CASE = "case.work": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Say who leads and who supports a case.
    ASSIGN_WORKER = "case.assign": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Raise a concern that a child is exploited.
    RAISE_EXPLOITATION = "exploitation.raise": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read concerns about exploitation, as far as one's view goes.
    READ_EXPLOITATION = "exploitation.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Send an alert to a concern one raised or works on.
    ADD_EXPLOITATION_ALERT = "exploitation.alert": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Screen a concern: its level and why.
    SCREEN_EXPLOITATION = "exploitation.screen": FirstResponseOfficer, FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Record risk meetings, safety plans and reviews.
    WORK_EXPLOITATION = "exploitation.work": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Give a concern to a team.
    GIVE_EXPLOITATION = "exploitation.give": FirstResponseOfficer, FirstResponseManager, HubMember;
    /// Close a concern with its outcome.
    CLOSE_EXPLOITATION = "exploitation.close": FirstResponseOfficer, FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Join two concerns about one child.
    JOIN_EXPLOITATION = "exploitation.join": FirstResponseOfficer, FirstResponseManager;
    /// Make and change a family's plan.
    MAKE_PLAN = "plan.make": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read a family's plan.
    READ_PLAN = "plan.read": FirstResponseOfficer, FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Ask the family, a worker or an agency for an action, and cancel it.
    PROPOSE_ACTION = "action.propose": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read actions: one's agency's, one's own, one's team's.
    READ_ACTION = "action.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Accept, decline or complete an action.
    ANSWER_ACTION = "action.answer": Referrer, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Plan and record meetings of the team around the family.
    HOLD_TEAM_AROUND = "team_around.hold": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read meetings of the team around the family.
    READ_TEAM_AROUND = "team_around.read": FirstResponseOfficer, FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Write a case note.
    WRITE_NOTE = "case_note.write": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read case notes.
    READ_NOTES = "case_note.read": FirstResponseOfficer, FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Register, review and end agreements on partners' lists.
    REGISTER_PARTNER_AGREEMENT = "partner_agreement.register": InformationGovernanceOfficer;
    /// Read agreements on partners' lists.
    READ_PARTNER_AGREEMENT = "partner_agreement.read": Referrer, FirstResponseOfficer, FirstResponseManager, InformationGovernanceOfficer;
    /// Send a list of families under an agreement.
    SEND_PARTNER_LIST = "partner_list.send": Referrer, FirstResponseOfficer, FirstResponseManager;
    /// Read what became of a partner's list.
    READ_PARTNER_LIST = "partner_list.read": Referrer, FirstResponseOfficer, FirstResponseManager, InformationGovernanceOfficer;
    /// Decide who the families on partners' lists are, and offer them help.
    WORK_PARTNER_FAMILY = "partner_family.work": FirstResponseOfficer, FirstResponseManager;
    /// Ask for a short break for a disabled child.
    ASK_SHORT_BREAK = "short_break.ask": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read short breaks, and the criteria they are decided by.
    READ_SHORT_BREAK = "short_break.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Decide, review and end short breaks.
    DECIDE_SHORT_BREAK = "short_break.decide": FirstResponseOfficer, FirstResponseManager;
    /// Pass a family on to a service that is no user, and follow what comes of it.
    REFER_ONWARD = "onward.refer": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read onward referrals and what was disclosed by them.
    READ_ONWARD = "onward.read": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read the code lists.
    READ_CODES = "code.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker, Analyst, BoardMember, InformationGovernanceOfficer, PartnershipAdministrator, AgencyAdministrator;
    /// Read the assessment of a family, its reviews and its journey.
    READ_ASSESSMENT = "assessment.read": FirstResponseOfficer, FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Assess a family, review the work with it, and correct what was completed.
    RECORD_ASSESSMENT = "assessment.record": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Close a case with its outcome.
    CLOSE_CASE = "case.close": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read how a case ended.
    READ_CLOSURE = "case.closure": FirstResponseOfficer, FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read which families are to be asked how they are, and what they said.
    READ_FOLLOW_UP = "follow_up.read": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Ask a family how it is, and follow up an onward referral.
    ANSWER_FOLLOW_UP = "follow_up.answer": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Plan a group and change it, open it to other teams, keep its sessions and its register, and end it.
    RUN_GROUP = "group.run": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read which groups run, and those of one's own whole.
    READ_GROUP = "group.read": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Enrol somebody in a group of one's team's or one that is open to it, and take them out again.
    ENROL_IN_GROUP = "group.enrol": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read who is enrolled in a group and how often they came, of one's own groups and families.
    READ_ENROLMENT = "group.read_enrolment": FirstResponseOfficer, FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Open a brief intervention for one's team, record its contacts and close it.
    WORK_BRIEF = "brief.work": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read brief interventions.
    READ_BRIEF = "brief.read": FirstResponseOfficer, FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Record what somebody says of the help.
    GIVE_FEEDBACK = "feedback.give": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read the questions of feedback, and what was answered, counted.
    READ_FEEDBACK = "feedback.read": FirstResponseOfficer, FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Record a check of a small child's development.
    RECORD_DEVELOPMENT = "development.record": ServiceWorker, ServiceManager;
    /// Read how a small child develops.
    READ_DEVELOPMENT = "development.read": ServiceWorker, ServiceManager;
    /// Record that a small child joins or leaves the 0 to 2 pathway.
    KEEP_PATHWAY = "pathway.keep": ServiceWorker, ServiceManager;
    /// Read when a small child was on the 0 to 2 pathway.
    READ_PATHWAY = "pathway.read": ServiceWorker, ServiceManager;
    /// Record what the family and its children say.
    RECORD_VOICE = "voice.record": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read what the family and its children said.
    READ_VOICE = "voice.read": FirstResponseOfficer, FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Record and read a family's consents to case studies, and withdraw them.
    KEEP_CONSENT = "case_study.consent": ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read the standards that case files are audited by.
    READ_AUDIT_STANDARDS = "audit.standards": FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker, Analyst, InformationGovernanceOfficer;
    /// Draw samples of case files to be audited, and read them with what was found.
    DRAW_AUDIT = "audit.draw": ServiceManager, InformationGovernanceOfficer;
    /// Give files of a sample to auditors, and take files out of it.
    GIVE_AUDIT = "audit.give": ServiceManager, InformationGovernanceOfficer;
    /// Read audits, and what must follow: whoever drew the sample, the auditor, and the service once they are finished.
    READ_AUDIT = "audit.read": FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker, InformationGovernanceOfficer;
    /// Audit a file that one was given.
    AUDIT_CASE = "audit.grade": FirstResponseManager, ServiceManager;
    /// Say what became of an action from an audit.
    ACT_ON_AUDIT = "audit.act": FirstResponseManager, ServiceWorker, ServiceManager, YouthJusticeWorker;
    /// Read what may be told as a case study now.
    READ_CASE_STUDIES = "case_study.read": ServiceWorker, ServiceManager, YouthJusticeWorker, Analyst;
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_people_review_is_the_one_that_is_enforced() {
        let rendered = shared::access::render("referral-service", super::ALL);
        assert_eq!(
            include_str!("../../docs/access/referral-service.txt"),
            rendered,
            "run ./threshold access-tables and review the difference"
        );
    }
}

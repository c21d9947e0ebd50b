//! Who may do what in the gateway's own database.

shared::actions! {
    /// Adds an agency to the partnership.
    AGENCY_CREATE = "agency.create": PartnershipAdministrator;
    /// Reads agencies: everyone needs to know who the partners are.
    AGENCY_READ = "agency.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager,
        YouthJusticeWorker, Analyst, BoardMember, InformationGovernanceOfficer, PartnershipAdministrator,
        AgencyAdministrator;
    /// Adds a team, which is what allocations name as a service.
    TEAM_CREATE = "team.create": PartnershipAdministrator;
    /// Reads teams.
    TEAM_READ = "team.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager,
        YouthJusticeWorker, Analyst, BoardMember, InformationGovernanceOfficer, PartnershipAdministrator,
        AgencyAdministrator;
    /// Adds someone who signs in.
    USER_CREATE = "user.create": PartnershipAdministrator, AgencyAdministrator;
    /// Reads the people who sign in.
    USER_READ = "user.read": InformationGovernanceOfficer, PartnershipAdministrator, AgencyAdministrator;
    /// Says anew what someone does and where; ends their tokens.
    USER_ASSIGN = "user.assign": PartnershipAdministrator, AgencyAdministrator;
    /// Stops someone from signing in; ends their tokens.
    USER_DEACTIVATE = "user.deactivate": PartnershipAdministrator, AgencyAdministrator;
    /// Reads who they are.
    ME_READ = "me.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager,
        YouthJusticeWorker, Analyst, BoardMember, InformationGovernanceOfficer, PartnershipAdministrator,
        AgencyAdministrator;
    /// Reads whom they work with, to name one of them in a request.
    COLLEAGUE_READ = "colleague.read": FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker,
        ServiceManager, YouthJusticeWorker, InformationGovernanceOfficer, PartnershipAdministrator, AgencyAdministrator;
    /// Adds a partner's system.
    CLIENT_CREATE = "client.create": PartnershipAdministrator;
    /// Reads the partners' systems.
    CLIENT_READ = "client.read": InformationGovernanceOfficer, PartnershipAdministrator, AgencyAdministrator;
    /// Stops a partner's system from getting tokens; ends those it has.
    CLIENT_DEACTIVATE = "client.deactivate": PartnershipAdministrator, AgencyAdministrator;
    /// Reads what the roles are.
    ROLE_READ = "role.read": Referrer, FirstResponseOfficer, FirstResponseManager, HubMember, ServiceWorker, ServiceManager,
        YouthJusticeWorker, Analyst, BoardMember, InformationGovernanceOfficer, PartnershipAdministrator,
        AgencyAdministrator;
}

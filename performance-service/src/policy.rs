//! Who may do what with figures. Rendered to docs/access/performance-service.txt, for people to
//! review as a diff.

shared::actions! {
    /// Reads what is measured and how.
    INDICATOR_READ = "indicator.read": Analyst, BoardMember;
    /// Defines what is measured.
    INDICATOR_DEFINE = "indicator.define": Analyst;
    /// Counts an indicator over any period.
    FIGURE_READ = "figure.read": Analyst, BoardMember;
    /// Reads figures that others published, with their revisions.
    OBSERVATION_READ = "observation.read": Analyst, BoardMember;
    /// Records such figures, and revises them.
    OBSERVATION_RECORD = "observation.record": Analyst;
    /// Reads dashboards.
    DASHBOARD_READ = "dashboard.read": Analyst, BoardMember, HubMember, FirstResponseManager, InformationGovernanceOfficer;
    /// Says what a dashboard shows.
    DASHBOARD_DEFINE = "dashboard.define": Analyst;
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checked_in_table_is_current() {
        assert_eq!(
            shared::access::render("performance-service", super::ALL),
            include_str!("../../docs/access/performance-service.txt"),
            "run ./threshold documents"
        );
    }
}

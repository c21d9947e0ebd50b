//! Who may do what in youth-justice-service. What they may do it *to* is said by row-level
//! security: nobody acts on a case they don't see.

shared::actions! {
    /// List prevention cases.
    LIST_CASES = "prevention_case.list": YouthJusticeWorker;
    /// Read a prevention case and whom it is about.
    READ_CASE = "prevention_case.read": YouthJusticeWorker;
    /// Read who did what to a prevention case, when and why.
    READ_HISTORY = "prevention_case.history": YouthJusticeWorker;
    /// Ask to accept the allocation, and take the case on.
    ACCEPT_CASE = "prevention_case.accept": YouthJusticeWorker;
    /// Decline the allocation, with a reason.
    REFUSE_CASE = "prevention_case.refuse": YouthJusticeWorker;
    /// Close the case with its outcome.
    CLOSE_CASE = "prevention_case.close": YouthJusticeWorker;
    /// Read what is due, at risk and overdue among the cases one works on.
    READ_WORK = "work.read": YouthJusticeWorker;
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_people_review_is_the_one_that_is_enforced() {
        let rendered = shared::access::render("youth-justice-service", super::ALL);
        assert_eq!(
            include_str!("../../docs/access/youth-justice-service.txt"),
            rendered,
            "run ./threshold access-tables and review the difference"
        );
    }
}

//! What may be audited, how, and where it stands.

pub mod draw;
pub mod form;

use std::fmt;

shared::typed_id!(
    /// A sample of case files.
    SampleId
);
shared::typed_id!(
    /// The audit of a case file.
    AuditId
);
shared::typed_id!(
    /// An action from an audit.
    AuditActionId
);

shared::words! {
    /// Which cases a sample is drawn from.
    AuditBasis {
        /// Those closed in the period.
        Closed = "closed",
        /// Those open when the period ended.
        Open = "open",
    }
}

shared::words! {
    /// Where the audit of a file stands.
    AuditStatus {
        /// Drawn; nobody audits it yet.
        Drawn = "drawn",
        /// An auditor has it.
        Given = "given",
        /// Done. Never changed again.
        Finished = "finished",
        /// Taken out of the sample, with the reason. It counts in no base.
        Excluded = "excluded",
    }
}

shared::words! {
    /// Where an action from an audit stands.
    AuditActionStatus {
        /// To be done.
        Open = "open",
        /// Done.
        Done = "done",
        /// Not done, and no longer to be done.
        NotDone = "not_done",
    }
}

/// What happens to the audit of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditStep {
    /// It is given to an auditor, or to another.
    Give,
    /// It is graded.
    Grade,
    /// It is finished.
    Finish,
    /// It is taken out of the sample.
    Exclude,
}

/// Why that can't happen to it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(AuditStatus);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            AuditStatus::Drawn => "nobody has this file to audit yet",
            AuditStatus::Given => "an auditor has this file",
            AuditStatus::Finished => "this audit is finished, and is not changed any more",
            AuditStatus::Excluded => "this file was taken out of the sample",
        })
    }
}

/// Where the audit of a file stands after a step.
///
/// # Errors
/// If the step can't be taken from there.
pub const fn transition(from: AuditStatus, step: AuditStep) -> Result<AuditStatus, Refused> {
    match (from, step) {
        (AuditStatus::Drawn | AuditStatus::Given, AuditStep::Give) | (AuditStatus::Given, AuditStep::Grade) => {
            Ok(AuditStatus::Given)
        }
        (AuditStatus::Given, AuditStep::Finish) => Ok(AuditStatus::Finished),
        (AuditStatus::Drawn | AuditStatus::Given, AuditStep::Exclude) => Ok(AuditStatus::Excluded),
        (status, _) => Err(Refused(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_finished_or_excluded_stays_so() {
        for status in AuditStatus::ALL {
            for step in [AuditStep::Give, AuditStep::Grade, AuditStep::Finish, AuditStep::Exclude] {
                let open = matches!(status, AuditStatus::Drawn | AuditStatus::Given);
                let graded = !matches!(step, AuditStep::Grade | AuditStep::Finish) || status == AuditStatus::Given;
                assert_eq!(transition(status, step).is_ok(), open && graded, "{status:?} {step:?}");
            }
        }
    }
}

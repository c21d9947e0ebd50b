//! What may be audited, how, and where it stands.

pub mod draw;
pub mod form;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

/// Declares an enum whose values tables and JSON spell the same.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$each])* $value,)+
        }

        impl $name {
            /// Every value.
            pub const ALL: &[$name] = &[$($name::$value),+];

            /// As tables and JSON spell it.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$value => $word,)+ }
            }
        }

        impl FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                $name::ALL.iter().copied().find(|value| value.as_str() == text).ok_or(())
            }
        }
    };
}

words! {
    /// Which cases a sample is drawn from.
    AuditBasis {
        /// Those closed in the period.
        Closed = "closed",
        /// Those open when the period ended.
        Open = "open",
    }
}

words! {
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

words! {
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
                let graded = !matches!(step, AuditStep::Grade | AuditStep::Finish) || *status == AuditStatus::Given;
                assert_eq!(transition(*status, step).is_ok(), open && graded, "{status:?} {step:?}");
            }
        }
    }

    #[test]
    fn words_survive_their_text() {
        assert!(AuditStatus::ALL.iter().all(|status| status.as_str().parse() == Ok(*status)));
        assert!(AuditBasis::ALL.iter().all(|basis| basis.as_str().parse() == Ok(*basis)));
        assert!(AuditActionStatus::ALL.iter().all(|status| status.as_str().parse() == Ok(*status)));
    }
}

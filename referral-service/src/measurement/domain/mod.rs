//! What a measurement is, and the rules of it.

pub mod checks;
pub mod content;
pub mod journey;
pub mod ladder;
pub mod question;
pub mod voice;

shared::typed_id!(
    /// A measurement: an assessment, a review, or what was measured at closure.
    MeasurementId
);

shared::typed_id!(
    /// A consent to have words told as a case study.
    ConsentId
);

shared::words! {
    /// At which point of a case a measurement is taken.
    #[derive(PartialOrd, Ord)]
    MeasurementPoint {
        /// The whole-family assessment: once, at the start.
        Initial = "initial",
        /// A review.
        Review = "review",
        /// The last review, for the closure of the case.
        Closure = "closure",
    }
}

shared::words! {
    /// Where a measurement stands.
    MeasurementStatus {
        /// Being written; it counts for nothing yet.
        Draft = "draft",
        /// Done. Never changed again.
        Completed = "completed",
        /// Given up before it was done.
        Discarded = "discarded",
    }
}

/// What has been measured of a case so far, as far as it decides what may be measured next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SoFar {
    /// There is an assessment, in whatever state but discarded.
    pub assessment: bool,
    /// It is completed.
    pub assessed: bool,
    /// Something is being written.
    pub draft: bool,
    /// What was measured at closure is completed.
    pub closing: bool,
}

/// Whether a point may be measured now.
///
/// # Errors
/// Why not, in words.
pub const fn may_begin(point: MeasurementPoint, so_far: SoFar) -> Result<(), &'static str> {
    match point {
        MeasurementPoint::Initial if so_far.assessment => {
            Err("the family is assessed once in a case: this case has its assessment already")
        }
        MeasurementPoint::Review | MeasurementPoint::Closure if !so_far.assessed => {
            Err("a review comes after the assessment: complete the assessment first")
        }
        _ if so_far.closing => Err("the closing review is completed: close the case"),
        _ if so_far.draft => Err("another review of this case is being written: complete or discard it first"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_assessed_once_and_reviewed_only_afterwards() {
        use MeasurementPoint::{Closure, Initial, Review};
        let new = SoFar::default();
        assert!(may_begin(Initial, new).is_ok());
        assert!(may_begin(Review, new).is_err() && may_begin(Closure, new).is_err());
        let writing = SoFar { assessment: true, draft: true, ..new };
        assert!([Initial, Review, Closure].iter().all(|point| may_begin(*point, writing).is_err()));
        let assessed = SoFar { assessment: true, assessed: true, ..new };
        assert!(may_begin(Initial, assessed).is_err());
        assert!(may_begin(Review, assessed).is_ok() && may_begin(Closure, assessed).is_ok());
        assert!(may_begin(Review, SoFar { draft: true, ..assessed }).is_err());
        let ended = SoFar { closing: true, ..assessed };
        assert!(may_begin(Review, ended).is_err() && may_begin(Closure, ended).is_err());
    }
}

//! The ladder: ten areas of a family's life, a scale of points, and stages on the way up.

use chrono::NaiveDate;
use serde::Deserialize;

/// A ladder in one version.
#[derive(Clone, Debug, PartialEq)]
pub struct Ladder {
    /// Its code.
    pub code: String,
    /// Its version.
    pub version: i16,
    /// What people call it.
    pub label: String,
    /// The lowest point.
    pub lowest: i16,
    /// The highest.
    pub highest: i16,
    /// The first day it is used.
    pub valid_from: NaiveDate,
    /// The first day it no longer is.
    pub valid_to: Option<NaiveDate>,
    /// Who says so.
    pub source: String,
    /// Whether that was seen.
    pub verified: bool,
    /// Its areas, in order.
    pub areas: Vec<Area>,
    /// Its stages, the lowest first.
    pub stages: Vec<Stage>,
}

/// An area of life.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Area {
    /// Its code.
    pub area: String,
    /// What people call it.
    pub label: String,
    /// What it is about.
    pub about: String,
    /// Where the county's report counts it.
    pub counted_at: String,
}

/// A stage on the way up.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Stage {
    /// Its code.
    pub stage: String,
    /// Its place, from 1 for the lowest.
    pub place: i16,
    /// What people call it.
    pub label: String,
    /// What it means.
    pub about: String,
    /// Its lowest point.
    pub from_point: i16,
    /// Its highest.
    pub to_point: i16,
    /// Whether a family that stands here needs little or no support.
    pub little_or_no_support: bool,
}

impl Ladder {
    /// The stage a score lies in.
    pub fn stage(&self, score: i16) -> Option<&Stage> {
        self.stages.iter().find(|stage| (stage.from_point..=stage.to_point).contains(&score))
    }

    /// Whether the ladder has the area.
    pub fn has(&self, area: &str) -> bool {
        self.areas.iter().any(|known| known.area == area)
    }

    /// Whether going from one score to another is positive progress: the score has risen *and* the
    /// family has moved up at least one stage (annual report 2015/16, "What progress do families make?").
    pub fn is_positive_progress(&self, first: i16, last: i16) -> bool {
        match (self.stage(first), self.stage(last)) {
            (Some(from), Some(to)) => last > first && to.place > from.place,
            _ => false,
        }
    }

    /// Whether a family that begins at the score can make the progress that counts: it begins below
    /// the stages at which little or no support is needed (the base of the report's chart 4).
    pub fn begins_low(&self, first: i16) -> bool {
        self.stage(first).is_some_and(|stage| !stage.little_or_no_support)
    }
}

#[cfg(test)]
pub mod example {
    use super::*;

    /// Five stages of two points each.
    pub fn ladder() -> Ladder {
        let stage = |place: i16| Stage {
            stage: format!("stage-{place}"),
            place,
            label: String::new(),
            about: String::new(),
            from_point: place * 2 - 1,
            to_point: place * 2,
            little_or_no_support: place > 3,
        };
        let area = |area: &str| Area {
            area: area.to_owned(),
            label: String::new(),
            about: String::new(),
            counted_at: String::new(),
        };
        Ladder {
            code: "example".to_owned(),
            version: 1,
            label: String::new(),
            lowest: 1,
            highest: 10,
            valid_from: NaiveDate::MIN,
            valid_to: None,
            source: String::new(),
            verified: false,
            areas: vec![area("health"), area("learning")],
            stages: (1..=5).map(stage).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::example::ladder;
    use proptest::prelude::*;

    #[test]
    fn progress_is_a_higher_score_in_a_higher_stage() {
        let ladder = ladder();
        assert!(ladder.is_positive_progress(2, 3), "from the first stage to the second");
        assert!(!ladder.is_positive_progress(3, 4), "higher, but in the same stage");
        assert!(!ladder.is_positive_progress(4, 4), "unchanged");
        assert!(!ladder.is_positive_progress(5, 4), "down");
    }

    #[test]
    fn who_begins_at_the_top_is_outside_the_second_base() {
        let ladder = ladder();
        assert!((1..=6).all(|score| ladder.begins_low(score)));
        assert!((7..=10).all(|score| !ladder.begins_low(score)));
    }

    proptest! {
        #[test]
        fn progress_is_never_made_both_ways(a in 1i16..=10, b in 1i16..=10) {
            let ladder = ladder();
            prop_assert!(!(ladder.is_positive_progress(a, b) && ladder.is_positive_progress(b, a)));
            prop_assert!(!ladder.is_positive_progress(a, b) || b > a);
        }

        #[test]
        fn every_point_lies_in_one_stage(score in 1i16..=10) {
            let ladder = ladder();
            prop_assert_eq!(ladder.stages.iter().filter(|s| (s.from_point..=s.to_point).contains(&score)).count(), 1);
        }
    }
}

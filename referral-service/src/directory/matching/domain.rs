//! The score, and the reasons behind it.

use std::cmp::Ordering;

use serde::Serialize;
use utoipa::ToSchema;

use crate::provision::{Opening, Provision};

/// What is asked of services. What is left empty is not asked.
#[derive(Debug, Default)]
pub struct Need {
    /// Codes of the set `concern`.
    pub needs: Vec<String>,
    /// 1 to 4.
    pub level: Option<i16>,
    /// In whole years.
    pub ages: Vec<i32>,
    /// A code of the set `locality`.
    pub locality: Option<String>,
}

/// What a service is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MatchCriterion)]
pub enum Criterion {
    /// Whether it takes people on.
    Status,
    /// What it helps with.
    Need,
    /// How old those are whom it is for.
    Age,
    /// Where it works.
    District,
    /// Which levels of need it takes.
    Level,
    /// Whether there is a free place.
    Capacity,
    /// How long one waits.
    WaitingTime,
}

/// How a service does on one criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MatchVerdict)]
pub enum Verdict {
    /// It fits.
    Fits,
    /// It fits in part, or costs time.
    Partly,
    /// It does not.
    DoesNot,
    /// The directory does not say.
    Unknown,
}

/// Why a service fits, or does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MatchReason)]
pub struct Reason {
    /// What it was held against.
    pub criterion: Criterion,
    /// How it does.
    pub verdict: Verdict,
    /// The points it got for that.
    pub points: u32,
    /// Of so many.
    pub of: u32,
    /// In words.
    #[schema(example = "Helps with 2 of the 3 needs: financial-stability, secure-housing.")]
    pub says: String,
}

/// What came of holding a service against what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Whether nothing rules it out.
    pub fits: bool,
    /// 0 to 100: the points it got, of those there were to get.
    pub score: u32,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Points for each criterion. They add up to 100 where everything is asked.
const NEED: u32 = 40;
const AGE: u32 = 20;
const DISTRICT: u32 = 15;
const LEVEL: u32 = 15;
const CAPACITY: u32 = 6;
const WAITING: u32 = 4;
/// Waiting up to so many days costs nothing; beyond the second, all the points for it.
const SHORT_WAIT: i32 = 14;
const LONG_WAIT: i32 = 84;

/// Holds a service against what is asked.
pub fn judge(provision: &Provision, need: &Need) -> Judged {
    let mut reasons = Vec::new();
    let standing = provision.standing();
    if standing == Opening::Closed {
        reasons.push(Reason {
            criterion: Criterion::Status,
            verdict: Verdict::DoesNot,
            points: 0,
            of: 0,
            says: "Closed: it takes nobody on.".to_owned(),
        });
    }
    reasons.extend(by_need(provision, need));
    reasons.extend(by_age(provision, need));
    reasons.extend(by_district(provision, need));
    reasons.extend(by_level(provision, need));
    let ruled_out = reasons.iter().any(|reason| reason.verdict == Verdict::DoesNot);
    reasons.push(by_capacity(provision, standing));
    reasons.push(by_waiting(provision));
    let (points, of) = reasons.iter().fold((0, 0), |(points, of), reason| (points + reason.points, of + reason.of));
    // Rounded half up, in whole numbers, so that it is the same everywhere.
    let score = if of == 0 { 0 } else { (points * 200 + of) / (of * 2) };
    Judged { fits: !ruled_out, score, reasons }
}

fn reason(criterion: Criterion, verdict: Verdict, points: u32, of: u32, says: String) -> Reason {
    Reason { criterion, verdict, points, of, says }
}

/// The part of `of` that `met` is of `asked`, rounded half up.
fn share(of: u32, met: usize, asked: usize) -> u32 {
    let (met, asked) = (u32::try_from(met).unwrap_or(0), u32::try_from(asked).unwrap_or(1).max(1));
    (of * met * 2 + asked) / (asked * 2)
}

fn verdict(met: usize, asked: usize) -> Verdict {
    match met {
        0 => Verdict::DoesNot,
        met if met < asked => Verdict::Partly,
        _ => Verdict::Fits,
    }
}

fn by_need(provision: &Provision, need: &Need) -> Option<Reason> {
    let asked = need.needs.len();
    if asked == 0 {
        return None;
    }
    if provision.needs.is_empty() {
        // It may help with anything, which is less than saying that it helps with this.
        return Some(reason(
            Criterion::Need,
            Verdict::Partly,
            NEED / 2,
            NEED,
            "Names no needs of its own: it helps with anything.".to_owned(),
        ));
    }
    let met: Vec<&str> = need.needs.iter().filter(|one| provision.needs.contains(one)).map(String::as_str).collect();
    let says = if met.is_empty() {
        "Helps with none of the needs.".to_owned()
    } else if met.len() == asked {
        format!("Helps with every need: {}.", met.join(", "))
    } else {
        format!("Helps with {} of the {asked} needs: {}.", met.len(), met.join(", "))
    };
    Some(reason(Criterion::Need, verdict(met.len(), asked), share(NEED, met.len(), asked), NEED, says))
}

fn by_age(provision: &Provision, need: &Need) -> Option<Reason> {
    let asked = need.ages.len();
    if asked == 0 {
        return None;
    }
    let ages = match (provision.minimum_age, provision.maximum_age) {
        (None, None) => {
            return Some(reason(Criterion::Age, Verdict::Fits, AGE, AGE, "For people of any age.".to_owned()));
        }
        (Some(least), None) => format!("from {least}"),
        (None, Some(most)) => format!("up to {most}"),
        (Some(least), Some(most)) => format!("{least} to {most}"),
    };
    let met = need.ages.iter().filter(|age| provision.is_for_age(**age)).count();
    let says = match met {
        0 => format!("For ages {ages}: none of the people."),
        met if met == asked => format!("For ages {ages}: everyone named."),
        met => format!("For ages {ages}: {met} of the {asked} people."),
    };
    // One child of the right age is what a service for children is for.
    let points = if met == 0 { 0 } else { AGE / 2 + share(AGE / 2, met, asked) };
    Some(reason(Criterion::Age, verdict(met, asked), points, AGE, says))
}

fn by_district(provision: &Provision, need: &Need) -> Option<Reason> {
    let district = need.locality.as_deref()?;
    let (verdict, points, says) = if provision.districts.is_empty() {
        (Verdict::Fits, DISTRICT, "Works in the whole county.".to_owned())
    } else if provision.serves(district) {
        (Verdict::Fits, DISTRICT, format!("Works in {district}."))
    } else {
        (Verdict::DoesNot, 0, format!("Works in {}, not in {district}.", provision.districts.join(", ")))
    };
    Some(reason(Criterion::District, verdict, points, DISTRICT, says))
}

fn by_level(provision: &Provision, need: &Need) -> Option<Reason> {
    let level = need.level?;
    let levels: Vec<String> = provision.levels.iter().map(ToString::to_string).collect();
    let (verdict, points, says) = if levels.is_empty() {
        (Verdict::Fits, LEVEL, "Takes any level of need.".to_owned())
    } else if provision.takes_level(level) {
        (Verdict::Fits, LEVEL, format!("Takes level {level}."))
    } else {
        (Verdict::DoesNot, 0, format!("Takes level {}, not {level}.", levels.join(", ")))
    };
    Some(reason(Criterion::Level, verdict, points, LEVEL, says))
}

/// A full service may have a waiting list: it is not ruled out, it loses the points.
fn by_capacity(provision: &Provision, standing: Opening) -> Reason {
    let (verdict, points, says) = match (standing, provision.free()) {
        (Opening::Closed, _) => (Verdict::DoesNot, 0, "Takes nobody on.".to_owned()),
        (Opening::Full, _) => (Verdict::Partly, 0, "Full at present.".to_owned()),
        (Opening::Open, Some(1)) => (Verdict::Fits, CAPACITY, "Has 1 free place.".to_owned()),
        (Opening::Open, Some(free)) => (Verdict::Fits, CAPACITY, format!("Has {free} free places.")),
        (Opening::Open, None) => {
            (Verdict::Unknown, CAPACITY / 2, "Open; how many places are free is not known.".to_owned())
        }
    };
    reason(Criterion::Capacity, verdict, points, CAPACITY, says)
}

fn by_waiting(provision: &Provision) -> Reason {
    let (verdict, points, says) = match provision.waiting_days {
        None => (Verdict::Unknown, WAITING / 2, "How long one waits is not known.".to_owned()),
        Some(0) => (Verdict::Fits, WAITING, "No wait.".to_owned()),
        Some(days) if days <= SHORT_WAIT => (Verdict::Fits, WAITING, format!("About {days} days' wait.")),
        Some(days) if days <= LONG_WAIT => (Verdict::Partly, WAITING / 2, format!("About {days} days' wait.")),
        Some(days) => (Verdict::Partly, 0, format!("About {days} days' wait.")),
    };
    reason(Criterion::WaitingTime, verdict, points, WAITING, says)
}

/// Where a service stands beside others: what fits first, then the higher score, the shorter
/// wait, the name and, so that there is one order only, the id.
pub fn order(a: (&Judged, Option<i32>, &str, uuid::Uuid), b: (&Judged, Option<i32>, &str, uuid::Uuid)) -> Ordering {
    let wait = |days: Option<i32>| days.unwrap_or(i32::MAX);
    b.0.fits
        .cmp(&a.0.fits)
        .then(b.0.score.cmp(&a.0.score))
        .then(wait(a.1).cmp(&wait(b.1)))
        .then_with(|| a.2.cmp(b.2))
        .then(a.3.cmp(&b.3))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn debt_advice() -> Provision {
        Provision {
            opening: Opening::Open,
            districts: vec!["charnwood".to_owned()],
            needs: vec!["financial-stability".to_owned(), "secure-housing".to_owned()],
            levels: vec![2, 3],
            minimum_age: Some(16),
            maximum_age: None,
            places: Some(20),
            taken: Some(10),
            waiting_days: Some(7),
        }
    }

    fn asked() -> Need {
        Need {
            needs: vec!["financial-stability".to_owned(), "secure-housing".to_owned()],
            level: Some(3),
            ages: vec![34],
            locality: Some("charnwood".to_owned()),
        }
    }

    #[test]
    fn what_fits_in_everything_has_all_the_points() {
        let judged = judge(&debt_advice(), &asked());
        assert_eq!((judged.fits, judged.score), (true, 100));
        assert!(judged.reasons.iter().all(|reason| reason.verdict == Verdict::Fits && reason.points == reason.of));
        assert_eq!(judged.reasons.iter().map(|reason| reason.of).sum::<u32>(), 100);
    }

    #[test]
    fn each_reason_says_why_not() {
        for (changed, criterion) in [
            (Need { needs: vec!["good-education".to_owned()], ..asked() }, Criterion::Need),
            (Need { ages: vec![4, 9], ..asked() }, Criterion::Age),
            (Need { locality: Some("melton".to_owned()), ..asked() }, Criterion::District),
            (Need { level: Some(4), ..asked() }, Criterion::Level),
        ] {
            let judged = judge(&debt_advice(), &changed);
            assert!(!judged.fits, "{criterion:?}");
            let why: Vec<_> = judged.reasons.iter().filter(|one| one.verdict == Verdict::DoesNot).collect();
            assert_eq!(why.len(), 1);
            assert_eq!((why.first().unwrap().criterion, why.first().unwrap().points), (criterion, 0));
        }
    }

    #[test]
    fn a_full_service_is_not_ruled_out_and_a_closed_one_is() {
        let full = judge(&Provision { places: Some(0), ..debt_advice() }, &asked());
        assert_eq!((full.fits, full.score), (true, 94));
        let closed = judge(&Provision { opening: Opening::Closed, ..debt_advice() }, &asked());
        assert!(!closed.fits);
        assert!(closed.reasons.iter().any(|one| one.criterion == Criterion::Status));
    }

    #[test]
    fn some_of_the_people_and_some_of_the_needs_fit_in_part() {
        let judged = judge(
            &debt_advice(),
            &Need {
                needs: ["financial-stability", "good-education", "substance-use"].map(str::to_owned).to_vec(),
                ages: vec![34, 3, 5, 7],
                ..asked()
            },
        );
        assert!(judged.fits);
        let points = |criterion| judged.reasons.iter().find(|one| one.criterion == criterion).unwrap().points;
        assert_eq!(points(Criterion::Need), 13, "40 / 3, rounded");
        assert_eq!(points(Criterion::Age), 13, "10 for fitting somebody, 10 / 4 for how many, rounded half up");
        assert_eq!(judged.score, 13 + 13 + 15 + 15 + 6 + 4);
    }

    #[test]
    fn what_is_not_asked_neither_counts_nor_speaks() {
        let judged = judge(&debt_advice(), &Need::default());
        assert_eq!((judged.fits, judged.score), (true, 100));
        assert_eq!(judged.reasons.len(), 2, "room and wait");
    }

    fn any_provision() -> impl Strategy<Value = Provision> {
        let codes = || proptest::sample::subsequence(vec!["a", "b", "c"], 0..=3);
        (
            proptest::sample::select(Opening::ALL.to_vec()),
            codes(),
            codes(),
            proptest::sample::subsequence(vec![1i16, 2, 3, 4], 0..=4),
            proptest::option::of(0i16..30),
            proptest::option::of(0i32..5),
            proptest::option::of(0i32..200),
        )
            .prop_map(|(opening, districts, needs, levels, minimum_age, places, waiting_days)| Provision {
                opening,
                districts: districts.into_iter().map(str::to_owned).collect(),
                needs: needs.into_iter().map(str::to_owned).collect(),
                levels,
                minimum_age,
                maximum_age: minimum_age.map(|age| age + 5),
                places,
                taken: Some(2),
                waiting_days,
            })
    }

    proptest! {
        #[test]
        fn a_score_is_0_to_100_and_the_order_is_one(
            provisions in proptest::collection::vec(any_provision(), 1..12),
            ages in proptest::collection::vec(0i32..40, 0..5),
            level in proptest::option::of(1i16..5),
        ) {
            let need = Need { needs: vec!["a".to_owned(), "b".to_owned()], level, ages, locality: Some("c".to_owned()) };
            let mut judged: Vec<_> = provisions
                .iter()
                .enumerate()
                .map(|(index, one)| (judge(one, &need), one.waiting_days, uuid::Uuid::from_u128(u128::try_from(index).unwrap())))
                .collect();
            for (one, ..) in &judged {
                prop_assert!(one.score <= 100);
                prop_assert!(one.reasons.iter().all(|reason| reason.points <= reason.of));
            }
            let sort = |list: &mut Vec<(Judged, Option<i32>, uuid::Uuid)>| {
                list.sort_by(|a, b| order((&a.0, a.1, "x", a.2), (&b.0, b.1, "x", b.2)));
            };
            let mut reversed: Vec<_> = judged.iter().rev().cloned().collect();
            sort(&mut judged);
            sort(&mut reversed);
            prop_assert_eq!(&judged, &reversed, "whatever order they came in");
            let fitting = judged.iter().take_while(|one| one.0.fits).count();
            prop_assert!(judged.iter().skip(fitting).all(|one| !one.0.fits), "what fits comes first");
        }
    }
}

//! How much a worker has in hand, and whether that is too much; and what a waiting list may promise.

use chrono::NaiveDate;
use shared::problem::FieldError;
use uuid::Uuid;

use crate::referral::view::Warning;

/// What a worker of a team has in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// The worker.
    pub user: Uuid,
    /// Their name.
    pub name: String,
    /// How many cases they lead.
    pub leads: i64,
    /// How many they support.
    pub supports: i64,
    /// All of them weighed, in points.
    pub points: i64,
}

/// How many points somebody should have at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceiling {
    /// For whom; for the whole team if nobody is named.
    pub user: Option<Uuid>,
    /// How many.
    pub points: i16,
}

/// The ceiling that holds for a worker: their own before the team's. `ceilings` are newest first.
pub fn ceiling_of(ceilings: &[Ceiling], user: Uuid) -> Option<i16> {
    let own = ceilings.iter().find(|ceiling| ceiling.user == Some(user));
    own.or_else(|| ceilings.iter().find(|ceiling| ceiling.user.is_none())).map(|ceiling| ceiling.points)
}

/// The warning for a worker who has more than their ceiling. It never blocks: who has room is the
/// team's to judge.
pub fn over(loads: &[Load], ceilings: &[Ceiling], user: Uuid) -> Option<Warning> {
    let load = loads.iter().find(|load| load.user == user)?;
    let ceiling = ceiling_of(ceilings, user)?;
    (load.points > i64::from(ceiling)).then(|| Warning {
        code: "over_ceiling".to_owned(),
        detail: format!("{} now has {} points in hand, and the ceiling is {ceiling}", load.name, load.points),
    })
}

/// What is wrong with the day from which a service expects to have room, if anything.
pub fn expected_from_error(expected: NaiveDate, today: NaiveDate) -> Option<FieldError> {
    (expected <= today).then(|| {
        FieldError::at(
            "/expected_from",
            "not_in_the_future",
            "is not still to come: accept, or say from which later day",
        )
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn load(user: Uuid, points: i64) -> Load {
        Load { user, name: "Robin Test".to_owned(), leads: 1, supports: 0, points }
    }

    #[test]
    fn a_worker_s_own_ceiling_goes_before_the_team_s() {
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        let ceilings = [
            Ceiling { user: None, points: 80 },
            Ceiling { user: Some(one), points: 40 },
            Ceiling { user: None, points: 100 },
            Ceiling { user: Some(one), points: 90 },
        ];
        assert_eq!(ceiling_of(&ceilings, one), Some(40), "the newest of theirs");
        assert_eq!(ceiling_of(&ceilings, other), Some(80), "the newest of the team's");
        assert_eq!(ceiling_of(&[], other), None);
    }

    #[test]
    fn a_ceiling_that_is_reached_is_not_exceeded() {
        let user = Uuid::now_v7();
        let ceilings = [Ceiling { user: None, points: 80 }];
        assert!(over(&[load(user, 80)], &ceilings, user).is_none());
        assert_eq!(over(&[load(user, 81)], &ceilings, user).unwrap().code, "over_ceiling");
        assert!(over(&[load(user, 500)], &[], user).is_none(), "nobody set one");
        assert!(over(&[], &ceilings, user).is_none(), "nothing in hand");
    }

    #[test]
    fn a_waiting_list_promises_a_day_to_come() {
        let today: NaiveDate = "2026-11-22".parse().unwrap();
        assert!(expected_from_error(today, today).is_some());
        assert!(expected_from_error(today.succ_opt().unwrap(), today).is_none());
    }
}

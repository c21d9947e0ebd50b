//! What stands in the way of asking a service.

shared::words! {
    /// Whether a service takes people on.
    #[schema(as = ServiceOpening)]
    Opening {
        /// It does.
        Open = "open",
        /// It would, and has no room.
        Full = "full",
        /// It does not.
        Closed = "closed",
    }
}

/// Whom a service is for, and whether it has room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provision {
    /// What it says of itself.
    pub opening: Opening,
    /// Where it works; everywhere, if empty.
    pub districts: Vec<String>,
    /// What it helps with, codes of the set `concern`; with anything, if empty.
    pub needs: Vec<String>,
    /// For which levels of need; for any, if empty.
    pub levels: Vec<i16>,
    /// From which age on, in whole years.
    pub minimum_age: Option<i16>,
    /// Up to which age, that year included.
    pub maximum_age: Option<i16>,
    /// How many it can take.
    pub places: Option<i32>,
    /// How many it has.
    pub taken: Option<i32>,
    /// How long one waits, in days.
    pub waiting_days: Option<i32>,
}

impl Provision {
    /// How many places are free; none if it isn't known.
    pub fn free(&self) -> Option<i32> {
        match (self.opening, self.places, self.taken) {
            (Opening::Open, Some(places), taken) => Some((places - taken.unwrap_or(0)).max(0)),
            (Opening::Full | Opening::Closed, ..) => Some(0),
            (Opening::Open, None, _) => None,
        }
    }

    /// Whether it takes people on, its places counted.
    pub fn standing(&self) -> Opening {
        match (self.opening, self.free()) {
            (Opening::Open, Some(0)) => Opening::Full,
            (opening, _) => opening,
        }
    }

    /// Whether it works in a district.
    pub fn serves(&self, district: &str) -> bool {
        self.districts.is_empty() || self.districts.iter().any(|one| one == district)
    }

    /// Whether it is for somebody of an age, in whole years.
    pub fn is_for_age(&self, age: i32) -> bool {
        self.minimum_age.is_none_or(|least| age >= i32::from(least))
            && self.maximum_age.is_none_or(|most| age <= i32::from(most))
    }

    /// Whether it takes a level of need.
    pub fn takes_level(&self, level: i16) -> bool {
        self.levels.is_empty() || self.levels.contains(&level)
    }
}

/// What is known of a family when a service is to be asked. What is not known is not held
/// against the service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// The family's district.
    pub locality: Option<&'a str>,
    /// The ages of those the service is asked for, in whole years.
    pub ages: &'a [i32],
    /// The level of need, 1 to 4.
    pub level: Option<i16>,
}

shared::words! {
    /// What stands in the way.
    #[schema(as = ServiceObstacle)]
    Obstacle {
        /// The service takes nobody on.
        Closed = "closed",
        /// It has no room.
        Full = "full",
        /// It works in other districts.
        OtherDistrict = "other_district",
        /// It is for people of other ages.
        OtherAge = "other_age",
        /// It is for other levels of need.
        OtherLevel = "other_level",
    }
}

impl Obstacle {
    /// As people say it, after "the service".
    pub const fn in_words(self) -> &'static str {
        match self {
            Obstacle::Closed => "is closed and takes nobody on",
            Obstacle::Full => "is full",
            Obstacle::OtherDistrict => "does not work in the family's district",
            Obstacle::OtherAge => "is for people of other ages",
            Obstacle::OtherLevel => "is for other levels of need",
        }
    }

    /// Whether it can't be overcome by a reason. All the others are for people to weigh.
    pub const fn refuses(self) -> bool {
        matches!(self, Obstacle::Closed)
    }
}

/// Everything that stands in the way of asking one service, the weightiest first.
pub fn obstacles(provision: &Provision, asked: &Asked<'_>) -> Vec<Obstacle> {
    let mut found = Vec::new();
    match provision.standing() {
        Opening::Open => {}
        Opening::Full => found.push(Obstacle::Full),
        Opening::Closed => found.push(Obstacle::Closed),
    }
    if asked.locality.is_some_and(|district| !provision.serves(district)) {
        found.push(Obstacle::OtherDistrict);
    }
    if !asked.ages.is_empty() && !asked.ages.iter().any(|age| provision.is_for_age(*age)) {
        found.push(Obstacle::OtherAge);
    }
    if asked.level.is_some_and(|level| !provision.takes_level(level)) {
        found.push(Obstacle::OtherLevel);
    }
    found
}

/// What stands in the way where several entries of the directory stand for one service (a team in
/// each district): what stands in the way of the one that suits best. Nothing is known against a
/// service the directory does not have.
pub fn least(entries: &[Provision], asked: &Asked<'_>) -> Vec<Obstacle> {
    entries
        .iter()
        .map(|entry| obstacles(entry, asked))
        .min_by_key(|found| (found.iter().any(|obstacle| obstacle.refuses()), found.len()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn youth_work() -> Provision {
        Provision {
            opening: Opening::Open,
            districts: vec!["melton".to_owned()],
            needs: Vec::new(),
            levels: vec![2, 3],
            minimum_age: Some(11),
            maximum_age: Some(17),
            places: Some(10),
            taken: Some(9),
            waiting_days: None,
        }
    }

    fn asked<'a>(locality: &'a str, ages: &'a [i32], level: i16) -> Asked<'a> {
        Asked { locality: Some(locality), ages, level: Some(level) }
    }

    #[test]
    fn whom_it_is_for_is_not_refused() {
        assert_eq!(obstacles(&youth_work(), &asked("melton", &[4, 17], 2)), []);
        assert_eq!(obstacles(&youth_work(), &Asked::default()), [], "what is not known is not held against it");
    }

    #[test]
    fn each_obstacle_is_named() {
        let found = obstacles(&youth_work(), &asked("blaby", &[10, 18], 4));
        assert_eq!(found, [Obstacle::OtherDistrict, Obstacle::OtherAge, Obstacle::OtherLevel]);
        let full = Provision { taken: Some(11), ..youth_work() };
        assert_eq!(full.free(), Some(0));
        assert_eq!(obstacles(&full, &Asked::default()), [Obstacle::Full]);
        let none = Provision { places: Some(0), taken: None, ..youth_work() };
        assert_eq!(none.standing(), Opening::Full, "no places at all is full");
        let closed = Provision { opening: Opening::Closed, ..youth_work() };
        assert_eq!(obstacles(&closed, &Asked::default()), [Obstacle::Closed]);
        assert!(Obstacle::Closed.refuses() && !Obstacle::Full.refuses());
    }

    #[test]
    fn the_entry_that_suits_best_speaks_for_the_service() {
        let blaby = Provision { districts: vec!["blaby".to_owned()], ..youth_work() };
        assert_eq!(least(&[youth_work(), blaby.clone()], &asked("blaby", &[12], 2)), []);
        let closed = Provision { opening: Opening::Closed, ..blaby };
        // A full team of the right district comes before a closed one, and an open one of another district too.
        assert_eq!(least(&[closed, youth_work()], &asked("blaby", &[12], 2)), [Obstacle::OtherDistrict]);
        assert_eq!(least(&[], &asked("blaby", &[12], 2)), [], "nothing is known of it");
    }

    proptest! {
        #[test]
        fn room_is_never_negative(places in proptest::option::of(0i32..1000), taken in proptest::option::of(0i32..1000)) {
            let one = Provision { places, taken, ..youth_work() };
            prop_assert!(one.free().is_none_or(|free| free >= 0));
            prop_assert_eq!(one.standing() == Opening::Full, one.free() == Some(0));
        }
    }
}

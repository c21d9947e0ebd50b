//! What may happen to a short break, and what may be granted.

use shared::problem::FieldError;

shared::typed_id!(
    /// A short break.
    ShortBreakId
);

shared::words! {
    /// Where a short break stands.
    ShortBreakStatus {
        /// Somebody has asked for it.
        Requested = "requested",
        /// It is given.
        Agreed = "agreed",
        /// It is not.
        Declined = "declined",
        /// The request was taken back.
        Withdrawn = "withdrawn",
        /// It was given, and is no more.
        Ended = "ended",
    }
}

shared::words! {
    /// How much support there is.
    ShortBreakLevel {
        /// What is open to every disabled child; nothing is granted beside it.
        Universal = "universal",
        /// Support to join in: hours, or a budget.
        Targeted = "targeted",
        /// Care by trained people, by day or by night: hours, or a budget.
        Specialist = "specialist",
    }
}

/// Something that happens to a short break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is given.
    Agree,
    /// It is not.
    Decline,
    /// It was looked at again, and goes on.
    Review,
    /// It ends, or the request is taken back.
    End,
}

/// What follows from a step.
///
/// # Errors
/// Why it can't be taken, in words.
pub fn transition(status: ShortBreakStatus, step: Step) -> Result<ShortBreakStatus, &'static str> {
    use ShortBreakStatus as S;
    match (status, step) {
        (S::Requested, Step::Agree) | (S::Agreed, Step::Review) => Ok(S::Agreed),
        (S::Requested, Step::Decline) => Ok(S::Declined),
        (S::Requested, Step::End) => Ok(S::Withdrawn),
        (S::Agreed, Step::End) => Ok(S::Ended),
        (S::Requested, Step::Review) => Err("it has not been decided yet"),
        (S::Agreed, Step::Agree | Step::Decline) => Err("it has been decided already: review it instead"),
        (S::Declined, _) => Err("it was declined: ask anew"),
        (S::Withdrawn, _) => Err("the request was withdrawn"),
        (S::Ended, _) => Err("it has ended"),
    }
}

/// What is granted: a level, and how much a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant<'a> {
    /// The level.
    pub level: ShortBreakLevel,
    /// Hours a year.
    pub hours: Option<i32>,
    /// Pounds a year.
    pub pounds: Option<i32>,
    /// Which criteria the child meets.
    pub criteria: &'a [String],
    /// Why it is granted although the child meets none of the level's.
    pub regardless: Option<&'a str>,
}

/// What is wrong with a grant. `known` are the criteria of the day, by code and level.
pub fn grant_errors(grant: Grant<'_>, known: &[(String, String)]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (index, code) in grant.criteria.iter().enumerate() {
        let at = format!("/criteria/{index}");
        if !known.iter().any(|(known, _)| known == code) {
            let detail = "is no criterion of today; GET /v1/short-break-criteria lists them";
            errors.push(FieldError::at(at, "unknown_code", detail));
        } else if grant.criteria.iter().take(index).any(|other| other == code) {
            errors.push(FieldError::at(at, "repeated", "stands there twice"));
        }
    }
    let given = grant.hours.is_some() || grant.pounds.is_some();
    match grant.level {
        ShortBreakLevel::Universal if given => {
            let at = if grant.hours.is_some() { "/hours_per_year" } else { "/pounds_per_year" };
            errors.push(FieldError::at(at, "does_not_fit", "is not granted at the universal level"));
        }
        ShortBreakLevel::Targeted | ShortBreakLevel::Specialist if !given => {
            let detail = "is needed, or pounds_per_year: how much is granted?";
            errors.push(FieldError::at("/hours_per_year", "required", detail));
        }
        _ => {}
    }
    let of_level = |code: &String| known.iter().any(|(known, level)| known == code && level == grant.level.as_str());
    let needs_one = grant.level != ShortBreakLevel::Universal;
    if needs_one && errors.is_empty() && !grant.criteria.iter().any(of_level) && grant.regardless.is_none() {
        let detail = format!("is needed: the child meets no criterion of the level {}", grant.level.as_str());
        errors.push(FieldError::at("/regardless_because", "required", detail));
    }
    errors
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn codes(
        level: ShortBreakLevel,
        hours: Option<i32>,
        criteria: &[&str],
        regardless: Option<&str>,
    ) -> Vec<(String, String)> {
        let known = [("all".to_owned(), "universal".to_owned()), ("some".to_owned(), "targeted".to_owned())];
        let criteria: Vec<String> = criteria.iter().map(|one| (*one).to_owned()).collect();
        let grant = Grant { level, hours, pounds: None, criteria: &criteria, regardless };
        grant_errors(grant, &known).into_iter().map(|error| (error.pointer.unwrap(), error.code)).collect()
    }

    #[test]
    fn what_is_granted_fits_its_level() {
        use ShortBreakLevel as L;
        let one = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
        assert_eq!(codes(L::Universal, None, &["all"], None), []);
        assert_eq!(codes(L::Universal, Some(9), &[], None), one("/hours_per_year", "does_not_fit"));
        assert_eq!(codes(L::Targeted, Some(9), &["some"], None), []);
        assert_eq!(codes(L::Targeted, None, &["some"], None), one("/hours_per_year", "required"));
        assert_eq!(codes(L::Targeted, Some(9), &["all"], None), one("/regardless_because", "required"));
        assert_eq!(codes(L::Targeted, Some(9), &["all"], Some("why")), []);
        assert_eq!(codes(L::Targeted, Some(9), &["some", "some"], None), one("/criteria/1", "repeated"));
        assert_eq!(codes(L::Targeted, Some(9), &["shoe"], None), one("/criteria/0", "unknown_code"));
    }

    #[test]
    fn a_step_is_taken_where_it_fits_and_what_is_over_stays_over() {
        use ShortBreakStatus as S;
        assert_eq!(transition(S::Requested, Step::Agree), Ok(S::Agreed));
        assert_eq!(transition(S::Requested, Step::Decline), Ok(S::Declined));
        assert_eq!(transition(S::Requested, Step::End), Ok(S::Withdrawn));
        assert_eq!(transition(S::Agreed, Step::Review), Ok(S::Agreed));
        assert_eq!(transition(S::Agreed, Step::End), Ok(S::Ended));
        assert!(transition(S::Requested, Step::Review).is_err() && transition(S::Agreed, Step::Agree).is_err());
        for over in [S::Declined, S::Withdrawn, S::Ended] {
            for step in [Step::Agree, Step::Decline, Step::Review, Step::End] {
                assert!(transition(over, step).is_err());
            }
        }
    }
}

//! What may happen to a missing episode, and what is wrong with what was told of it.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::mistakes::Mistakes;
use shared::problem::{FieldError, Problem};

use super::api::{InterviewForm, ReportForm, ReturnForm, UpdateForm};
use crate::people::child_error;

shared::typed_id!(
    /// A missing episode.
    EpisodeId
);

shared::words! {
    /// Where a missing episode stands.
    MissingStatus {
        /// The child is missing.
        Missing = "missing",
        /// The child is back; the return interview has not been offered yet.
        Returned = "returned",
        /// The return interview has been offered.
        InterviewOffered = "interview_offered",
        /// The child declined it.
        InterviewDeclined = "interview_declined",
        /// It was held.
        InterviewHeld = "interview_held",
        /// It was no missing episode, or was reported twice.
        Cancelled = "cancelled",
    }
}

/// Something that happens to a missing episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// More is told while the child is missing.
    Tell,
    /// The child comes back.
    Return,
    /// The return interview is offered.
    Offer,
    /// The child declines it.
    Decline,
    /// It is held.
    Hold,
    /// It turns out to be no episode.
    Cancel,
}

/// Why that can't happen now, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(&'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Problem::conflict(refused.to_string())
    }
}

/// Where an episode stands after a step. Whoever declined may be asked again; what was held is held.
///
/// # Errors
/// If the step can't be taken now.
pub const fn transition(from: MissingStatus, step: Step) -> Result<MissingStatus, Refused> {
    use MissingStatus as S;
    match (from, step) {
        (S::Missing, Step::Tell) => Ok(S::Missing),
        (S::Missing, Step::Return) => Ok(S::Returned),
        (S::Missing | S::Returned | S::InterviewOffered, Step::Cancel) => Ok(S::Cancelled),
        (S::Returned | S::InterviewDeclined, Step::Offer) => Ok(S::InterviewOffered),
        (S::Returned | S::InterviewOffered, Step::Decline) => Ok(S::InterviewDeclined),
        (S::Returned | S::InterviewOffered, Step::Hold) => Ok(S::InterviewHeld),
        (S::Cancelled, _) => Err(Refused("this report was cancelled")),
        (_, Step::Return | Step::Tell) => Err(Refused("the child's return is recorded already")),
        (S::Missing, _) => Err(Refused("the child has not returned yet")),
        (S::InterviewOffered, Step::Offer) => Err(Refused("the return interview has been offered already")),
        (S::InterviewDeclined, Step::Cancel) => Err(Refused("the child has declined the return interview")),
        (S::InterviewDeclined, _) => {
            Err(Refused("the child has declined the return interview: record first that it was offered again"))
        }
        (S::InterviewHeld, _) => Err(Refused("the return interview has been held")),
    }
}

shared::words! {
    /// What became of an offer of a return interview.
    InterviewOutcome {
        /// It was offered; the child has not answered yet.
        Offered = "offered",
        /// The child declined.
        Declined = "declined",
        /// It was held.
        Held = "held",
    }
}

impl InterviewOutcome {
    /// The step it is.
    pub const fn step(self) -> Step {
        match self {
            InterviewOutcome::Offered => Step::Offer,
            InterviewOutcome::Declined => Step::Decline,
            InterviewOutcome::Held => Step::Hold,
        }
    }
}

/// Refuses a report that is wrong beyond its schema.
///
/// # Errors
/// 422 naming every field.
pub fn check_report(form: &ReportForm, rules: &Rules, now: DateTime<Utc>) -> Result<(), Problem> {
    let mut mistakes = Mistakes::by(rules, now);
    let day = form.missing_since.local_day();
    form.person.check("/person", &mut mistakes);
    mistakes.future(form.missing_since, "/missing_since");
    if rules.due("return_interview", form.missing_since).is_none() {
        mistakes.add("/missing_since", "too_long_ago", "is before the time whose rules are kept here");
    }
    let reported_at = form.reported_at.unwrap_or(now);
    mistakes.future(reported_at, "/reported_at");
    mistakes.before(reported_at, form.missing_since, "/reported_at", "is before the child went missing");
    if let Some(seen) = form.last_seen_at {
        mistakes.before(reported_at, seen, "/last_seen_at", "is after it was reported");
    }
    mistakes.code("missing_from", &form.missing_from, day, "/missing_from");
    mistakes.code("missing_risk", &form.risk_level, day, "/risk_level");
    if let Some(locality) = &form.locality {
        mistakes.code("locality", locality, now.local_day(), "/locality");
    }
    mistakes.refuse()
}

/// The risk that alerts again, a code of the set `missing_risk`.
pub const HIGH: &str = "high";

/// Refuses what is wrong of what is told while a child is missing.
///
/// # Errors
/// 422 naming every field.
pub fn check_update(
    form: &UpdateForm,
    missing_since: DateTime<Utc>,
    district_known: bool,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let mut mistakes = Mistakes::by(rules, now);
    if form.risk_level.is_none() && form.sighting.is_none() && form.locality.is_none() {
        mistakes.add("/risk_level", "required", "is missing: tell the risk, a sighting or the district");
    }
    if let Some(risk) = &form.risk_level {
        mistakes.code("missing_risk", risk, now.local_day(), "/risk_level");
    }
    if let Some(sighting) = &form.sighting {
        mistakes.future(sighting.seen_at, "/sighting/seen_at");
        let detail = "is before the child went missing";
        mistakes.before(sighting.seen_at, missing_since, "/sighting/seen_at", detail);
    }
    if let Some(locality) = &form.locality {
        mistakes.code("locality", locality, now.local_day(), "/locality");
        if district_known {
            mistakes.add("/locality", "known_already", "is known already; leave it out");
        }
    }
    mistakes.refuse()
}

/// What is wrong with someone's age for this: only a child goes missing here.
pub fn age_error(birth: Option<NaiveDate>, missing_on: NaiveDate, at: &str) -> Option<FieldError> {
    let unborn = birth.is_some_and(|birth| birth > missing_on);
    let too_early = || FieldError::at(at, "after_missing", "is a birth after the child went missing");
    unborn.then(too_early).or_else(|| child_error(birth, missing_on, at))
}

/// Refuses what is wrong of what is told of a return.
///
/// # Errors
/// 422 naming every field.
pub fn check_return(
    form: &ReturnForm,
    missing_since: DateTime<Utc>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let mut mistakes = Mistakes::by(rules, now);
    let day = form.returned_at.local_day();
    mistakes.future(form.returned_at, "/returned_at");
    mistakes.before(form.returned_at, missing_since, "/returned_at", "is before the child went missing");
    mistakes.code("missing_found", &form.found_how, day, "/found_how");
    mistakes.codes("missing_harm", &form.harm, day, "/harm");
    if form.harm.len() > 1 && form.harm.iter().any(|harm| harm.as_str() == "none-known") {
        mistakes.add("/harm", "contradicts", "says that no harm is known, and names some");
    }
    mistakes.refuse()
}

/// What the rules need to know of an episode whose child is back.
#[derive(Clone, Copy, Debug)]
pub struct Back {
    /// When the child came back.
    pub returned_at: DateTime<Utc>,
    /// When the interview was last offered.
    pub offered_at: Option<DateTime<Utc>>,
    /// Until when the interview is in time.
    pub due_at: DateTime<Utc>,
}

/// Refuses what is wrong of what is told of a return interview.
///
/// # Errors
/// 422 naming every field.
pub fn check_interview(form: &InterviewForm, back: Back, rules: &Rules, now: DateTime<Utc>) -> Result<(), Problem> {
    let mut mistakes = Mistakes::by(rules, now);
    mistakes.future(form.at, "/at");
    mistakes.before(form.at, back.returned_at, "/at", "is before the child returned");
    if let Some(offered) = back.offered_at {
        mistakes.before(form.at, offered, "/at", "is before the interview was offered");
    }
    mistakes.codes("missing_theme", &form.themes, form.at.local_day(), "/themes");
    let late = form.at > back.due_at;
    let empty = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
    if form.outcome == InterviewOutcome::Held {
        if form.themes.is_empty() {
            mistakes.add("/themes", "required", "is missing: name at least one theme of what was said");
        }
        if empty(&form.said) {
            mistakes.add("/said", "required", "is missing: what the child said, in words");
        }
        if late && empty(&form.late_reason) {
            mistakes.add("/late_reason", "required", "is missing: the interview was held after it was due");
        }
    } else {
        for (at, given) in
            [("/themes", !form.themes.is_empty()), ("/said", form.said.is_some()), ("/actions", form.actions.is_some())]
        {
            if given {
                mistakes.add(at, "contradicts", "is part of an interview that was held, and this one was not");
            }
        }
    }
    if !late && form.late_reason.is_some() {
        mistakes.add("/late_reason", "contradicts", "gives a reason for being late, and it is in time");
    }
    mistakes.refuse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_happens_out_of_order() {
        use MissingStatus as S;
        let steps = [Step::Tell, Step::Return, Step::Offer, Step::Decline, Step::Hold, Step::Cancel];
        for status in S::ALL {
            for step in steps {
                let expected = match (status, step) {
                    (S::Missing, Step::Tell) => Some(S::Missing),
                    (S::Missing, Step::Return) => Some(S::Returned),
                    (S::Returned, Step::Offer) | (S::InterviewDeclined, Step::Offer) => Some(S::InterviewOffered),
                    (S::Returned | S::InterviewOffered, Step::Decline) => Some(S::InterviewDeclined),
                    (S::Returned | S::InterviewOffered, Step::Hold) => Some(S::InterviewHeld),
                    (S::Missing | S::Returned | S::InterviewOffered, Step::Cancel) => Some(S::Cancelled),
                    _ => None,
                };
                assert_eq!(transition(status, step).ok(), expected, "{status:?} {step:?}");
            }
        }
    }

    #[test]
    fn only_children_go_missing_here() {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let error = |birth: &str, on: &str| {
            age_error(day(birth), day(on).unwrap_or_default(), "/person/birth_date").map(|error| error.code)
        };
        assert_eq!(error("2008-11-23", "2026-11-22"), None);
        assert_eq!(error("2008-11-22", "2026-11-22").as_deref(), Some("not_a_child"));
        assert_eq!(error("2026-11-23", "2026-11-22").as_deref(), Some("after_missing"));
        assert_eq!(age_error(None, NaiveDate::default(), ""), None);
    }
}

//! What may happen to a missing episode, and what is wrong with what was told of it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::code::Rules;
use shared::problem::{FieldError, Problem};
use utoipa::ToSchema;

use super::api::{InterviewForm, ReportForm, ReturnForm};
use crate::people::years_old;

shared::typed_id!(
    /// A missing episode.
    EpisodeId
);

/// Who is this old is no longer a child.
const ADULT_AT: u32 = 18;

/// Where a missing episode stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingStatus {
    /// The child is missing.
    Missing,
    /// The child is back; the return interview has not been offered yet.
    Returned,
    /// The return interview has been offered.
    InterviewOffered,
    /// The child declined it.
    InterviewDeclined,
    /// It was held.
    InterviewHeld,
    /// It was no missing episode, or was reported twice.
    Cancelled,
}

impl MissingStatus {
    /// Every status.
    pub const ALL: [MissingStatus; 6] = [
        MissingStatus::Missing,
        MissingStatus::Returned,
        MissingStatus::InterviewOffered,
        MissingStatus::InterviewDeclined,
        MissingStatus::InterviewHeld,
        MissingStatus::Cancelled,
    ];

    /// As tables and JSON spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            MissingStatus::Missing => "missing",
            MissingStatus::Returned => "returned",
            MissingStatus::InterviewOffered => "interview_offered",
            MissingStatus::InterviewDeclined => "interview_declined",
            MissingStatus::InterviewHeld => "interview_held",
            MissingStatus::Cancelled => "cancelled",
        }
    }
}

impl FromStr for MissingStatus {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        MissingStatus::ALL.into_iter().find(|status| status.as_str() == text).ok_or(())
    }
}

/// Something that happens to a missing episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
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
        (S::Missing, Step::Return) => Ok(S::Returned),
        (S::Missing | S::Returned | S::InterviewOffered, Step::Cancel) => Ok(S::Cancelled),
        (S::Returned | S::InterviewDeclined, Step::Offer) => Ok(S::InterviewOffered),
        (S::Returned | S::InterviewOffered, Step::Decline) => Ok(S::InterviewDeclined),
        (S::Returned | S::InterviewOffered, Step::Hold) => Ok(S::InterviewHeld),
        (S::Cancelled, _) => Err(Refused("this report was cancelled")),
        (_, Step::Return) => Err(Refused("the child's return is recorded already")),
        (S::Missing, _) => Err(Refused("the child has not returned yet")),
        (S::InterviewOffered, Step::Offer) => Err(Refused("the return interview has been offered already")),
        (S::InterviewDeclined, Step::Cancel) => Err(Refused("the child has declined the return interview")),
        (S::InterviewDeclined, _) => {
            Err(Refused("the child has declined the return interview: record first that it was offered again"))
        }
        (S::InterviewHeld, _) => Err(Refused("the return interview has been held")),
    }
}

/// What became of an offer of a return interview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InterviewOutcome {
    /// It was offered; the child has not answered yet.
    Offered,
    /// The child declined.
    Declined,
    /// It was held.
    Held,
}

impl InterviewOutcome {
    /// As tables and JSON spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            InterviewOutcome::Offered => "offered",
            InterviewOutcome::Declined => "declined",
            InterviewOutcome::Held => "held",
        }
    }

    /// The step it is.
    pub const fn step(self) -> Step {
        match self {
            InterviewOutcome::Offered => Step::Offer,
            InterviewOutcome::Declined => Step::Decline,
            InterviewOutcome::Held => Step::Hold,
        }
    }
}

fn code(rules: &Rules, set: &str, value: &str, day: NaiveDate, at: String, errors: &mut Vec<FieldError>) {
    if !rules.has_code(set, value, day) {
        let detail = format!("is no code of that day; GET /v1/codes/{set} lists them");
        errors.push(FieldError::at(at, "unknown_code", detail));
    }
}

fn blank(text: &str, at: &str, errors: &mut Vec<FieldError>) {
    if text.trim().is_empty() {
        errors.push(FieldError::at(at, "blank", "holds only spaces"));
    }
}

fn future(at: DateTime<Utc>, now: DateTime<Utc>, pointer: &str, errors: &mut Vec<FieldError>) {
    if at > now {
        errors.push(FieldError::at(pointer, "in_the_future", "is still to come"));
    }
}

/// What is wrong with a report, beyond its schema.
pub fn check_report(form: &ReportForm, rules: &Rules, now: DateTime<Utc>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let day = form.missing_since.date_naive();
    form.person.check("/person", now.date_naive(), &mut errors);
    future(form.missing_since, now, "/missing_since", &mut errors);
    if rules.due("return_interview", form.missing_since).is_none() {
        let detail = "is before the time whose rules are kept here";
        errors.push(FieldError::at("/missing_since", "too_long_ago", detail));
    }
    let reported_at = form.reported_at.unwrap_or(now);
    future(reported_at, now, "/reported_at", &mut errors);
    if reported_at < form.missing_since {
        errors.push(FieldError::at("/reported_at", "before_missing", "is before the child went missing"));
    }
    if form.last_seen_at.is_some_and(|seen| seen > reported_at) {
        errors.push(FieldError::at("/last_seen_at", "after_report", "is after it was reported"));
    }
    code(rules, "missing_from", form.missing_from.as_str(), day, "/missing_from".to_owned(), &mut errors);
    code(rules, "missing_risk", form.risk_level.as_str(), day, "/risk_level".to_owned(), &mut errors);
    if let Some(locality) = &form.locality {
        code(rules, "locality", locality.as_str(), now.date_naive(), "/locality".to_owned(), &mut errors);
    }
    blank(&form.circumstances, "/circumstances", &mut errors);
    blank(&form.reporter.name, "/reporter/name", &mut errors);
    blank(&form.reporter.role, "/reporter/role", &mut errors);
    errors
}

/// What is wrong with someone's age for this: only a child goes missing here.
pub fn age_error(birth: Option<NaiveDate>, missing_on: NaiveDate, at: String) -> Option<FieldError> {
    match years_old(birth?, missing_on) {
        None => Some(FieldError::at(at, "after_missing", "is a birth after the child went missing")),
        Some(years) if years >= ADULT_AT => {
            let detail = format!("makes them {years} years old: this is for children under {ADULT_AT}");
            Some(FieldError::at(at, "not_a_child", detail))
        }
        Some(_) => None,
    }
}

/// What is wrong with what is told of a return.
pub fn check_return(
    form: &ReturnForm,
    missing_since: DateTime<Utc>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let day = form.returned_at.date_naive();
    future(form.returned_at, now, "/returned_at", &mut errors);
    if form.returned_at < missing_since {
        errors.push(FieldError::at("/returned_at", "before_missing", "is before the child went missing"));
    }
    code(rules, "missing_found", form.found_how.as_str(), day, "/found_how".to_owned(), &mut errors);
    for (index, harm) in form.harm.iter().enumerate() {
        code(rules, "missing_harm", harm.as_str(), day, format!("/harm/{index}"), &mut errors);
    }
    if form.harm.len() > 1 && form.harm.iter().any(|harm| harm.as_str() == "none-known") {
        errors.push(FieldError::at("/harm", "contradicts", "says that no harm is known, and names some"));
    }
    errors
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

/// What is wrong with what is told of a return interview.
pub fn check_interview(form: &InterviewForm, back: Back, rules: &Rules, now: DateTime<Utc>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    future(form.at, now, "/at", &mut errors);
    if form.at < back.returned_at {
        errors.push(FieldError::at("/at", "before_return", "is before the child returned"));
    } else if back.offered_at.is_some_and(|offered| form.at < offered) {
        errors.push(FieldError::at("/at", "before_offer", "is before the interview was offered"));
    }
    blank(&form.by, "/by", &mut errors);
    for (index, theme) in form.themes.iter().enumerate() {
        code(rules, "missing_theme", theme.as_str(), form.at.date_naive(), format!("/themes/{index}"), &mut errors);
    }
    let late = form.at > back.due_at;
    if form.outcome == InterviewOutcome::Held {
        if form.themes.is_empty() {
            errors.push(FieldError::at("/themes", "required", "is missing: name at least one theme of what was said"));
        }
        if form.said.as_deref().is_none_or(|said| said.trim().is_empty()) {
            errors.push(FieldError::at("/said", "required", "is missing: what the child said, in words"));
        }
        if late && form.late_reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
            let detail = "is missing: the interview was held after it was due";
            errors.push(FieldError::at("/late_reason", "required", detail));
        }
    } else {
        for (name, given) in
            [("themes", !form.themes.is_empty()), ("said", form.said.is_some()), ("actions", form.actions.is_some())]
        {
            if given {
                let detail = "is part of an interview that was held, and this one was not";
                errors.push(FieldError::at(format!("/{name}"), "contradicts", detail));
            }
        }
    }
    if !late && form.late_reason.is_some() {
        errors.push(FieldError::at("/late_reason", "contradicts", "gives a reason for being late, and it is in time"));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_happens_out_of_order() {
        use MissingStatus as S;
        let steps = [Step::Return, Step::Offer, Step::Decline, Step::Hold, Step::Cancel];
        for status in S::ALL {
            for step in steps {
                let expected = match (status, step) {
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
            age_error(day(birth), day(on).unwrap_or_default(), "/person/birth_date".to_owned()).map(|error| error.code)
        };
        assert_eq!(error("2008-11-23", "2026-11-22"), None);
        assert_eq!(error("2008-11-22", "2026-11-22").as_deref(), Some("not_a_child"));
        assert_eq!(error("2026-11-23", "2026-11-22").as_deref(), Some("after_missing"));
        assert_eq!(age_error(None, NaiveDate::default(), String::new()), None);
    }
}

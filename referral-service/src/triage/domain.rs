//! What the front door may decide, and who answers for it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use shared::code::Rules;
use shared::problem::FieldError;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::referral::Happening;
use crate::referral::step_up::ACUTE;

shared::words! {
    /// What the front door decides.
    FrontDoorOutcome {
        /// Immediate safeguarding: children's social care.
        SocialCare = "social_care",
        /// Early help: the hub of the family's district.
        EarlyHelpHub = "early_help_hub",
        /// Youth justice prevention is asked.
        YouthJusticePrevention = "youth_justice_prevention",
        /// Information and advice, and the referral ends.
        InformationAndAdvice = "information_and_advice",
        /// No further action, and the referral ends.
        NoFurtherAction = "no_further_action",
    }
}

impl FrontDoorOutcome {
    /// What it does to the referral.
    pub const fn happening(self) -> Happening {
        match self {
            FrontDoorOutcome::SocialCare => Happening::SentToSocialCare,
            FrontDoorOutcome::EarlyHelpHub => Happening::ListedForHub,
            FrontDoorOutcome::YouthJusticePrevention => Happening::OfferedByFrontDoor,
            FrontDoorOutcome::InformationAndAdvice | FrontDoorOutcome::NoFurtherAction => Happening::EndedByFrontDoor,
        }
    }

    /// What the referrer is told, unless the officer says it better.
    pub const fn told(self) -> &'static str {
        match self {
            FrontDoorOutcome::SocialCare => "First Response passed your referral to children's social care.",
            FrontDoorOutcome::EarlyHelpHub => {
                "First Response listed your referral for the early help hub of the family's district."
            }
            FrontDoorOutcome::YouthJusticePrevention => {
                "First Response asked the youth justice prevention team to take up your referral."
            }
            FrontDoorOutcome::InformationAndAdvice => "First Response gave information and advice.",
            FrontDoorOutcome::NoFurtherAction => "First Response decided that no further action is needed.",
        }
    }
}

/// Whether a manager answers for such a decision: the gravest, and the one after which nobody looks again.
pub fn needs_sign_off(level_of_need: i16, outcome: FrontDoorOutcome) -> bool {
    level_of_need >= ACUTE || outcome == FrontDoorOutcome::NoFurtherAction
}

/// A decision as it is made or proposed.
#[derive(Clone, Copy, Debug)]
pub struct Made<'a> {
    /// What is decided.
    pub outcome: FrontDoorOutcome,
    /// Level of need, 1 to 4.
    pub level_of_need: i16,
    /// Why.
    pub reason: &'a str,
    /// The district, if it was said.
    pub locality: Option<&'a str>,
    /// What the referrer is told, if it was said.
    pub feedback: Option<&'a str>,
}

/// What a schema can't state of a decision, of a referral whose district is `known` or not.
///
/// # Errors
/// Every field that breaks a rule.
pub fn check(made: &Made<'_>, known: Option<&str>, rules: &Rules, today: NaiveDate) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    match made.locality {
        Some(locality) if !rules.has_code("locality", locality, today) => {
            errors.push(FieldError::at(
                "/locality",
                "unknown_code",
                "is no district; GET /v1/codes/locality lists them",
            ));
        }
        None if made.outcome == FrontDoorOutcome::EarlyHelpHub && known.is_none() => {
            errors.push(FieldError::at("/locality", "required", "is needed: the hub of which district?"));
        }
        _ => {}
    }
    if made.outcome == FrontDoorOutcome::SocialCare && made.level_of_need < ACUTE {
        errors.push(FieldError::at("/level_of_need", "does_not_fit", "social care is for level 4"));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Where a proposed decision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalStanding {
    /// It waits for a manager.
    Waiting,
    /// A manager signed it off, and it was carried out.
    SignedOff,
    /// A manager gave it back.
    Returned,
    /// The referral was taken back before anybody answered.
    Lapsed,
}

/// Urgent referrals stand in the queue as if they had come so long before: before every other, and among
/// themselves in their order. Four hundred years, after which the calendar repeats itself.
const URGENT_EARLIER: TimeDelta = TimeDelta::days(146_097);

/// Where a referral stands in the queue.
pub fn place(received_at: DateTime<Utc>, urgent: bool) -> DateTime<Utc> {
    if urgent { received_at - URGENT_EARLIER } else { received_at }
}

/// What comes after a place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Of the urgent referrals those received after this; none, if it is absent.
    pub urgent: Option<(DateTime<Utc>, Uuid)>,
    /// Of the others those received after this.
    pub other: (DateTime<Utc>, Uuid),
}

/// What comes after a page's last line; all of the queue, if there was no page before.
pub fn rest(after: Option<(DateTime<Utc>, Uuid)>) -> Rest {
    let beginning = (DateTime::<Utc>::UNIX_EPOCH, Uuid::nil());
    match after {
        None => Rest { urgent: Some(beginning), other: beginning },
        Some((place, id)) if place < DateTime::<Utc>::UNIX_EPOCH => {
            Rest { urgent: Some((place + URGENT_EARLIER, id)), other: beginning }
        }
        Some(last) => Rest { urgent: None, other: last },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_manager_answers_for_level_four_and_for_doing_nothing() {
        for outcome in FrontDoorOutcome::ALL {
            for level in 1..=4 {
                let expected = level == 4 || outcome == FrontDoorOutcome::NoFurtherAction;
                assert_eq!(needs_sign_off(level, outcome), expected, "{outcome:?} at {level}");
            }
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
        }
    }

    #[test]
    fn a_decision_s_faults_are_named_all_at_once() {
        let today = "2026-11-22".parse().unwrap();
        let rules = Rules::default();
        let faults = |outcome, level_of_need, reason, locality, known| {
            check(&Made { outcome, level_of_need, reason, locality, feedback: None }, known, &rules, today)
                .err()
                .unwrap_or_default()
                .into_iter()
                .filter_map(|error| error.pointer)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            faults(FrontDoorOutcome::SocialCare, 3, "x", Some("atlantis"), None),
            ["/locality", "/level_of_need"]
        );
        assert_eq!(faults(FrontDoorOutcome::EarlyHelpHub, 3, "x", None, None), ["/locality"]);
        assert!(faults(FrontDoorOutcome::EarlyHelpHub, 3, "x", None, Some("charnwood")).is_empty());
    }

    #[test]
    fn urgent_referrals_stand_before_every_other_and_a_page_goes_on_where_the_last_ended() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (old, new, id) = (at("2016-01-01T00:00:00Z"), at("2026-11-22T00:00:00Z"), Uuid::now_v7());
        assert!(place(new, true) < place(old, false) && place(old, true) < place(new, true));
        assert_eq!(rest(Some((place(new, true), id))).urgent, Some((new, id)));
        assert_eq!(rest(Some((place(new, false), id))), Rest { urgent: None, other: (new, id) });
        assert_eq!(rest(None).urgent, Some(rest(None).other));
    }
}

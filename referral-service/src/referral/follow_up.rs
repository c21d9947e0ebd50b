//! Asking a family how it is 3, 6, 9 and 12 months after it was helped: the words for what is heard,
//! which are the same after a closure and after an onward referral.

use chrono::NaiveDate;
use serde::Deserialize;
use shared::code::Rules;
use shared::problem::FieldError;
use utoipa::ToSchema;

/// After how many months a family is asked.
pub const MONTHS: [i16; 4] = [3, 6, 9, 12];

/// What was heard of a family.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "asked_on": "2027-05-04", "reached": true, "engaged": true, "sustained": true,
    "destination": "employment", "words": "She still works at the shop." }))]
pub struct FollowUpAnswer {
    /// The day the family was asked, or last tried.
    pub asked_on: NaiveDate,
    /// Whether it was reached.
    pub reached: bool,
    /// Whether it takes part in what was to follow. Needed if it was reached.
    pub engaged: Option<bool>,
    /// Whether the change has lasted. Needed if it was reached.
    pub sustained: Option<bool>,
    /// Where it is now, a code of the set `follow_up_destination`. Needed if it was reached.
    #[schema(min_length = 1, max_length = 64)]
    pub destination: Option<String>,
    /// What it said, or how it was tried, in words.
    #[schema(min_length = 1, max_length = 20000)]
    pub words: Option<String>,
}

impl FollowUpAnswer {
    /// What is wrong with it, for a follow-up whose months run from `started_on`.
    pub fn check(&self, started_on: NaiveDate, rules: &Rules, today: NaiveDate) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.asked_on > today {
            errors.push(FieldError::at("/asked_on", "in_the_future", "that day has not come yet"));
        } else if self.asked_on < started_on {
            errors.push(FieldError::at("/asked_on", "too_early", format!("on or after {started_on}")));
        }
        let fields = [
            ("/engaged", self.engaged.is_some()),
            ("/sustained", self.sustained.is_some()),
            ("/destination", self.destination.is_some()),
        ];
        for (pointer, given) in fields {
            if self.reached && !given {
                errors.push(FieldError::at(pointer, "required", "needed of a family that was reached"));
            } else if !self.reached && given {
                errors.push(FieldError::at(pointer, "does_not_fit", "not known of a family that was not reached"));
            }
        }
        if let Some(code) = &self.destination
            && self.reached
            && !rules.has_code("follow_up_destination", code, today)
        {
            errors.push(FieldError::at("/destination", "unknown_code", "a code of the set `follow_up_destination`"));
        }
        errors
    }
}

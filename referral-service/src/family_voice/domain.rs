//! What may be recorded of a voice and of a consent.

use chrono::NaiveDate;
use serde::Deserialize;
use shared::code::Rules;
use shared::id::PersonId;
use shared::problem::FieldError;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::family::Member;
use crate::measurement::domain::content::Whose;
use crate::measurement::domain::voice::StudyScope;

/// What somebody of the family said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "said_on": "2026-11-20", "whose": "child", "person_id": "01a20158-d2bb-77a5-a866-0a226963a91e",
    "about": "wish", "words": "I want a garden and to stay at my school." }))]
pub struct VoiceForm {
    /// On which day.
    pub said_on: NaiveDate,
    /// Who said it.
    pub whose: Whose,
    /// Which member of the family, if one alone.
    pub person_id: Option<PersonId>,
    /// What it is about, a code of the set `voice_about`.
    #[schema(min_length = 1, max_length = 64)]
    pub about: String,
    /// Word for word.
    #[schema(min_length = 1, max_length = 20000)]
    pub words: String,
}

/// What a voice or a consent is held against.
pub struct Around<'a> {
    /// Everyone who ever belonged to the family.
    pub members: &'a [Member],
    /// When the case was opened.
    pub opened: NaiveDate,
    /// Today.
    pub today: NaiveDate,
}

impl Around<'_> {
    fn day(&self, at: &str, day: NaiveDate, errors: &mut Vec<FieldError>) {
        if day > self.today {
            errors.push(FieldError::at(at, "in_the_future", "is still to come"));
        } else if day < self.opened {
            errors.push(FieldError::at(at, "before_opening", "is before the case was opened"));
        }
    }

    fn member(&self, person: PersonId) -> Option<&Member> {
        self.members.iter().rev().find(|member| member.person_id == person.0)
    }
}

impl VoiceForm {
    /// What is wrong with it.
    pub fn check(&self, around: &Around<'_>, rules: &Rules) -> Vec<FieldError> {
        let mut errors = Vec::new();
        around.day("/said_on", self.said_on, &mut errors);
        if !rules.has_code("voice_about", &self.about, self.said_on.min(around.today)) {
            errors.push(FieldError::at("/about", "unknown_code", "is none; GET /v1/codes/voice_about lists them"));
        }
        match self.person_id.map(|person| around.member(person)) {
            Some(None) => errors.push(FieldError::at("/person_id", "not_of_the_family", "is no member of the family")),
            Some(Some(member)) if self.whose == Whose::Child && !member.age().is_child(self.said_on) => {
                errors.push(FieldError::at("/whose", "does_not_fit", "is a child, and that member is grown up"));
            }
            _ => {}
        }
        errors
    }
}

/// A member's consent to have words told as a case study.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "person_id": "01a20158-d2bb-77a5-a866-0a226963a91e", "given_on": "2026-11-20", "scope": "named",
    "credited_as": "Willow, mother of two", "how": "In person; she read the words again and signed.",
    "voices": ["01a20158-db9e-715d-a1b4-453f8a9e3885"] }))]
pub struct ConsentForm {
    /// Who consents: the member whose words they are.
    pub person_id: PersonId,
    /// On which day.
    pub given_on: NaiveDate,
    /// How far it goes.
    pub scope: StudyScope,
    /// The name to be shown, as the person wants it. Not of an anonymous one.
    #[schema(min_length = 1, max_length = 200)]
    pub credited_as: Option<String>,
    /// How it was given: how it was explained, and of a child who agreed with it.
    #[schema(min_length = 1, max_length = 4000)]
    pub how: String,
    /// The words it is about, by the ids of `GET /v1/cases/{id}/voices`.
    #[schema(min_items = 1, max_items = 50)]
    pub voices: Vec<Uuid>,
}

/// Words that were kept, as far as a consent asks about them.
#[derive(Debug, Clone)]
pub struct Known {
    /// Their id.
    pub id: Uuid,
    /// Which member said them, if one alone.
    pub person_id: Option<Uuid>,
    /// Whether a consent that stands has them told already.
    pub told: bool,
}

impl ConsentForm {
    /// What is wrong with it; `known` are the words of the case.
    pub fn check(&self, around: &Around<'_>, known: &[Known]) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if around.member(self.person_id).is_none() {
            errors.push(FieldError::at("/person_id", "not_of_the_family", "is no member of the family"));
        }
        around.day("/given_on", self.given_on, &mut errors);
        match (self.scope, &self.credited_as) {
            (StudyScope::Anonymous, Some(_)) => {
                errors.push(FieldError::at("/credited_as", "does_not_fit", "has no place with an anonymous one"));
            }
            (StudyScope::Named | StudyScope::WithImage, None) => {
                errors.push(FieldError::at("/credited_as", "required", "is needed: under which name?"));
            }
            _ => {}
        }
        for (index, voice) in self.voices.iter().enumerate() {
            let at = format!("/voices/{index}");
            let found = known.iter().find(|known| known.id == *voice);
            match found {
                None => errors.push(FieldError::at(at, "unknown", "are no words of this case")),
                Some(_) if self.voices.iter().take(index).any(|other| other == voice) => {
                    errors.push(FieldError::at(at, "repeated", "stand there twice"));
                }
                Some(known) if known.person_id.is_some_and(|person| person != self.person_id.0) => {
                    errors.push(FieldError::at(at, "somebody_else", "are another member's, who would have to consent"));
                }
                Some(known) if known.told => {
                    errors.push(FieldError::at(at, "told_already", "are told by a consent that stands"));
                }
                Some(_) => {}
            }
        }
        errors
    }
}

/// A consent taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "withdrawn_on": "2026-11-21", "because": "She has a new job and wants to leave it behind." }))]
pub struct WithdrawalForm {
    /// On which day the member said so.
    pub withdrawn_on: NaiveDate,
    /// Why, if they said. Nobody needs a reason.
    #[schema(min_length = 1, max_length = 4000)]
    pub because: Option<String>,
}

impl WithdrawalForm {
    /// What is wrong with it, of a consent given on a day.
    pub fn check(&self, given_on: NaiveDate, today: NaiveDate) -> Vec<FieldError> {
        if self.withdrawn_on > today {
            vec![FieldError::at("/withdrawn_on", "in_the_future", "is still to come")]
        } else if self.withdrawn_on < given_on {
            vec![FieldError::at("/withdrawn_on", "before_consent", "is before the consent was given")]
        } else {
            Vec::new()
        }
    }
}

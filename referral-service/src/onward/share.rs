//! What is shared: chosen field by field, copied once, and read by the service as it was then.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::problem::FieldError;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::referral::view::{NamedPersonView, ReferralView};

shared::words! {
    /// What may be shared of a referral.
    #[derive(PartialOrd, Ord)]
    ShareField {
        /// Names of the people chosen.
        Names = "names",
        /// What they are in the family.
        Relations = "relations",
        /// Their birth dates.
        BirthDates = "birth_dates",
        /// Where they live.
        Addresses = "addresses",
        /// Their schools.
        Schools = "schools",
        /// The family's district.
        District = "district",
        /// The concerns, as codes.
        Concerns = "concerns",
        /// The level of need.
        LevelOfNeed = "level_of_need",
        /// What the referrer is worried about, word for word.
        Worries = "worries",
        /// What is working well.
        WorkingWell = "working_well",
        /// What needs to happen.
        NeedsToHappen = "needs_to_happen",
    }
}

/// What the service reads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SharedContent {
    /// Who asks, and how to reach them.
    pub reply_to: String,
    /// What the service is asked for.
    pub purpose: String,
    /// A message to the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How the family may be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_contact: Option<String>,
    /// The people it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<SharedPerson>,
    /// The family's district.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    /// The concerns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concerns: Vec<String>,
    /// The level of need, 1 to 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_of_need: Option<i16>,
    /// What the referrer is worried about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worries: Option<String>,
    /// What is working well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_well: Option<String>,
    /// What needs to happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_to_happen: Option<String>,
}

/// Somebody, as far as it is shared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SharedPerson {
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What they are in the family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// Birth date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Where they live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// School.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<String>,
}

/// The people a share is about: those named, or everyone the referral names.
///
/// # Errors
/// Those named who are not of the referral.
pub fn chosen<'a>(
    referral: &'a ReferralView,
    wanted: Option<&[Uuid]>,
) -> Result<Vec<&'a NamedPersonView>, Vec<FieldError>> {
    let Some(wanted) = wanted else { return Ok(referral.people.iter().collect()) };
    let unknown: Vec<FieldError> = wanted
        .iter()
        .enumerate()
        .filter(|(_, id)| !referral.people.iter().any(|person| person.person_id == **id))
        .map(|(index, _)| FieldError::at(format!("/people/{index}"), "unknown", "is not one of the referral's people"))
        .collect();
    if unknown.is_empty() {
        Ok(referral.people.iter().filter(|person| wanted.contains(&person.person_id)).collect())
    } else {
        Err(unknown)
    }
}

/// Copies what is to be shared of a referral, and nothing else.
pub fn copied(referral: &ReferralView, people: &[&NamedPersonView], fields: &[ShareField]) -> SharedContent {
    let has = |field: ShareField| fields.contains(&field);
    let of_person =
        [ShareField::Names, ShareField::Relations, ShareField::BirthDates, ShareField::Addresses, ShareField::Schools];
    let contact = referral.contact.as_ref();
    let address = |person: &NamedPersonView| {
        let home = usize::try_from(person.household).ok().and_then(|index| contact?.households.as_ref()?.get(index));
        let line = person.address.clone().or_else(|| home?.address.clone());
        let postcode = person.postcode.clone().or_else(|| home?.postcode.clone());
        let parts: Vec<String> = line.into_iter().chain(postcode).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    };
    let shown = |person: &&NamedPersonView| SharedPerson {
        name: has(ShareField::Names).then(|| format!("{} {}", person.given_name, person.family_name)),
        relation: has(ShareField::Relations).then(|| person.relation.clone()),
        birth_date: person.birth_date.filter(|_| has(ShareField::BirthDates)),
        address: address(person).filter(|_| has(ShareField::Addresses)),
        school: person.school.clone().filter(|_| has(ShareField::Schools)),
    };
    let words = |field: ShareField, text: Option<String>| text.filter(|_| has(field));
    SharedContent {
        people: if of_person.into_iter().any(has) { people.iter().map(shown).collect() } else { Vec::new() },
        district: words(ShareField::District, referral.locality.clone()),
        concerns: contact.map(|one| one.concerns.clone()).filter(|_| has(ShareField::Concerns)).unwrap_or_default(),
        level_of_need: referral
            .decisions
            .iter()
            .rev()
            .find_map(|decision| decision.level_of_need)
            .filter(|_| has(ShareField::LevelOfNeed)),
        worries: words(ShareField::Worries, contact.map(|one| one.worries.clone())),
        working_well: words(ShareField::WorkingWell, contact.and_then(|one| one.working_well.clone())),
        needs_to_happen: words(ShareField::NeedsToHappen, contact.and_then(|one| one.needs_to_happen.clone())),
        ..SharedContent::default()
    }
}

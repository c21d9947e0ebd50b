//! What the referrer said, and of whom.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::referral::told::{
    Caller, ContactChannel, ContactKind, Gender, LawfulBasis, NamedHousehold, NamedRelationship, Need, SendSupport,
    ServiceConsent, StepDownFrom, Urgency,
};

/// What the referrer said, word for word.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ContactView {
    /// Of what kind it is.
    pub kind: ContactKind,
    /// By which way it came.
    pub channel: ContactChannel,
    /// When it was told.
    pub made_at: DateTime<Utc>,
    /// Who told it.
    pub referrer: ReferrerView,
    /// Who called, where somebody else wrote down what they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// Why it can't wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    /// Whether the family knows of the referral.
    pub family_knows: bool,
    /// Codes of the set `concern`: those named and those of the needs.
    pub concerns: Vec<String>,
    /// What the family needs, and who in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Vec<Need>>,
    /// What the referrer is worried about.
    pub worries: String,
    /// What is working well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_well: Option<String>,
    /// What needs to happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_to_happen: Option<String>,
    /// What harm is feared if nothing changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub danger_statement: Option<String>,
    /// What everyone would see if the child were safe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety_goal: Option<String>,
    /// How safe it is in the referrer's view, 0 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<i16>,
    /// The households of the people named, the main one first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub households: Option<Vec<NamedHousehold>>,
    /// What the people are to one another, by their places in `people`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationships: Option<Vec<NamedRelationship>>,
    /// Whether the family agrees to a service; absent where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ServiceConsent>,
    /// On which lawful basis it was shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lawful_basis: Option<LawfulBasis>,
    /// Where a step down comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_down: Option<StepDownFrom>,
    /// An earlier referral the referrer named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier_reference: Option<String>,
}

/// Who told the front door.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ReferrerView {
    /// Their name; absent where the caller gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What they are: teacher, neighbour, parent.
    pub role: String,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Someone the referrer named.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct NamedPersonView {
    /// Whom the index takes this to be.
    pub person_id: uuid::Uuid,
    /// What they are in the family.
    pub relation: String,
    /// Given name, as told.
    pub given_name: String,
    /// Family name, as told.
    pub family_name: String,
    /// Birth date, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// When an unborn child is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_on: Option<NaiveDate>,
    /// The household they live in, 0 the main one.
    #[serde(default)]
    pub household: i16,
    /// Address, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Postcode, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// School, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<String>,
    /// Gender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// A code of the set `ethnicity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ethnicity: Option<String>,
    /// The language they speak best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Whether they need an interpreter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interpreter: Option<bool>,
    /// Whether they have a disability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disability: Option<bool>,
    /// Support for special educational needs at school.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<SendSupport>,
}

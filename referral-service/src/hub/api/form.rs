//! What a decision of a hub says.

use chrono::NaiveDate;
use serde::Deserialize;
use shared::actor::Word;
use utoipa::ToSchema;

use super::domain::HubOutcome;
use crate::referral::offer::Part;

/// A service that is asked.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AllocationAsked, example = json!({ "service": "youth-work", "part": "supporting", "note": "Somewhere safe for Rowan on Thursdays." }))]
pub struct AllocationForm {
    /// The service, a code of the set `service`.
    pub service: Word,
    /// Whether it leads or supports the one that does. Exactly one leads.
    pub part: Part,
    /// What it is asked to do.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: Option<String>,
    /// Which kind of work is asked for, a code of the set `case_type`; the service says, if left out.
    pub case_type: Option<Word>,
    /// Why it is asked although it is not for such a family.
    #[schema(min_length = 1, max_length = 4000)]
    pub regardless_reason: Option<String>,
}

impl AllocationForm {
    /// A service is asked to lead, and no more is said.
    pub fn to_lead(service: Word) -> Self {
        Self { service, part: Part::Lead, note: None, case_type: None, regardless_reason: None }
    }
}

/// Somebody who saw it otherwise.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DissentForm, example = json!({ "who": "PC A Constable (invented)", "agency": "police", "words": "The risk at home is higher than this assumes." }))]
pub struct DissentForm {
    /// Who.
    #[schema(min_length = 1, max_length = 200)]
    pub who: String,
    /// For which agency, one of `GET /v1/agencies`.
    pub agency: Word,
    /// What they said.
    #[schema(min_length = 1, max_length = 4000)]
    pub words: String,
}

/// A decision of a hub.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "outcome": "allocate",
    "allocations": [{ "service": "intensive-family-support", "part": "lead" },
        { "service": "youth-work", "part": "supporting", "note": "Somewhere safe for Rowan on Thursdays." }],
    "reason": "Several needs in one household; one dedicated worker can bring council, school and health together.",
    "dissent": [{ "who": "PC A Constable (invented)", "agency": "police", "words": "The risk at home is higher than this assumes." }] }))]
pub struct HubDecision {
    /// What is decided.
    pub outcome: HubOutcome,
    /// Why.
    #[schema(min_length = 1, max_length = 20000)]
    pub reason: String,
    /// The service that is asked to lead, a code of the set `service`; for `allocate`, in place of `allocations`.
    pub service: Option<Word>,
    /// The services that are asked, exactly one of them to lead; for `allocate`. One that supports already
    /// may be asked to lead; where one leads already, others may be asked to support it.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub allocations: Vec<AllocationForm>,
    /// The restricted panel that takes it up besides, a code of the set `panel`. Nobody but the panel sees that:
    /// the outcome and its reason are what everybody else reads.
    pub panel: Option<Word>,
    /// Why the panel takes it up besides; seen by the panel alone.
    #[schema(min_length = 1, max_length = 20000)]
    pub panel_reason: Option<String>,
    /// Who saw that otherwise; for the panel alone too.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub panel_dissent: Vec<DissentForm>,
    /// What is missing; for `defer`.
    #[schema(min_length = 1, max_length = 4000)]
    pub missing: Option<String>,
    /// When it is due back; for `defer`.
    pub until: Option<NaiveDate>,
    /// Who saw it otherwise.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub dissent: Vec<DissentForm>,
    /// What the referrer is told, in your words; a standard sentence if left out. Say nothing the
    /// referrer may not know.
    #[schema(min_length = 1, max_length = 4000)]
    pub feedback: Option<String>,
    /// Outside a meeting, where the hub decides in meetings: that it can't wait.
    #[serde(default)]
    pub urgent: bool,
    /// Why it can't wait.
    #[schema(min_length = 1, max_length = 4000)]
    pub urgent_because: Option<String>,
}

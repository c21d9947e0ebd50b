//! What may be told of a worry besides the words: how it came, who called, who lives with whom, what
//! each needs, what the family agreed to. The form and what is shown of it later are one shape.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::actor::Word;
use utoipa::ToSchema;

shared::words! {
    /// By which way a worry came.
    ContactChannel {
        /// From a partner's own system.
        Api = "api",
        /// From a form that somebody filled in.
        Form = "form",
        /// By telephone: First Response recorded the call.
        Telephone = "telephone",
        /// By e-mail, typed in by whoever read it.
        Email = "email",
        /// Face to face.
        InPerson = "in_person",
        /// As a row of a file.
        Bulk = "bulk",
    }
}

shared::words! {
    /// Of what kind a contact is.
    ContactKind {
        /// A professional tells of a family they work with.
        Professional = "professional",
        /// A member of the public tells: a neighbour, a relative.
        Public = "public",
        /// The family itself asks for help.
        SelfReferral = "self_referral",
        /// A member of a hub lists a family of the district for the hub.
        HubListing = "hub_listing",
        /// Children's social care ends its work and asks early help to go on.
        StepDown = "step_down",
        /// A family that was helped before comes back for a little more.
        TopUp = "top_up",
    }
}

impl ContactKind {
    /// Whether somebody tells in the course of their work, so that there must be a lawful basis.
    pub const fn is_professional(self) -> bool {
        !matches!(self, ContactKind::Public | ContactKind::SelfReferral)
    }
}

shared::words! {
    /// What a person is to another.
    Kinship {
        /// Mother or father.
        ParentOf = "parent_of",
        /// Married to or living with a parent.
        StepParentOf = "step_parent_of",
        /// Cares for, and is no parent.
        CarerOf = "carer_of",
        /// Grandmother or grandfather.
        GrandparentOf = "grandparent_of",
        /// Brother or sister.
        SiblingOf = "sibling_of",
        /// Brother or sister by one parent.
        HalfSiblingOf = "half_sibling_of",
        /// Married to or living with.
        PartnerOf = "partner_of",
        /// Was married to or lived with.
        FormerPartnerOf = "former_partner_of",
        /// Some other relative.
        RelativeOf = "relative_of",
    }
}

shared::words! {
    /// Somebody's gender, as they say it.
    Gender {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
        /// Neither, or both.
        Other = "other",
        /// They would rather not say.
        NotStated = "not_stated",
    }
}

shared::words! {
    /// What support a child has at school for special educational needs.
    SendSupport {
        /// None.
        None = "none",
        /// The school's own support.
        SenSupport = "sen_support",
        /// An education, health and care plan.
        EhcPlan = "ehc_plan",
    }
}

shared::words! {
    /// Whether the family agrees to a service.
    ConsentGiven {
        /// It does.
        Yes = "yes",
        /// It does not.
        No = "no",
        /// Nobody has asked.
        NotAsked = "not_asked",
    }
}

shared::words! {
    /// What the family says of a service after the referral.
    ConsentSaid {
        /// It agrees.
        Yes = "yes",
        /// It does not.
        No = "no",
        /// It takes back what it had agreed to.
        Withdrawn = "withdrawn",
    }
}

shared::words! {
    /// Why a worry can't wait.
    UrgencyKind {
        /// A child may be in danger now.
        ImmediateSafeguarding = "immediate_safeguarding",
    }
}

/// Who called, where somebody else writes down what they said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// Their name; an anonymous caller has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// What they are to the family: neighbour, grandmother, teacher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub relationship: Option<String>,
    /// How to call back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40)]
    pub telephone: Option<String>,
    /// Whether they want their name kept out of it. Then it is not written down at all.
    #[serde(default)]
    pub anonymous: bool,
}

/// Why the front door should look at it before everything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReferralUrgency)]
pub struct Urgency {
    /// What kind of urgency it is.
    pub kind: UrgencyKind,
    /// What makes you think so. If a child is in danger this minute, call 999 first.
    #[schema(min_length = 1, max_length = 4000)]
    pub why: String,
}

/// A household of the people named. The first is the main one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedHousehold {
    /// Where it lives now, without the postcode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub address: Option<String>,
    /// Postcode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10)]
    pub postcode: Option<String>,
}

/// What one of the people named is to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedRelationship {
    /// The place of one in `people`, from 0.
    #[schema(minimum = 0, maximum = 29)]
    pub person: i16,
    /// What they are to the other.
    pub kinship: Kinship,
    /// The place of the other.
    #[schema(minimum = 0, maximum = 29)]
    pub of: i16,
}

/// A need, and who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReferralNeed)]
pub struct Need {
    /// A code of the set `concern` that holds on the day the worry was told.
    pub code: Word,
    /// The places in `people` of those who have it; the whole family, if nobody is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 30)]
    pub who: Vec<i16>,
    /// What it looks like, in your words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4000)]
    pub words: Option<String>,
}

/// Whether the family agrees to a service. Not the basis on which you share what you know: that is
/// `lawful_basis`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceConsent {
    /// Whether it does.
    pub given: ConsentGiven,
    /// Who was asked: `mother`, `both parents`, a name. Needed with `yes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub by: Option<String>,
    /// On which day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<NaiveDate>,
    /// How: in person, by telephone, in writing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub how: Option<String>,
    /// Why you tell of the worry all the same. Needed with `no`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: Option<String>,
}

/// The lawful basis on which a professional shares what they know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LawfulBasis {
    /// A code of the set `lawful-basis`.
    pub basis: Word,
    /// Whatever there is to say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 4000)]
    pub note: Option<String>,
    /// Whether you said so. In an answer, `false` says that you named none and that the front door's usual
    /// basis stands, `public-task`; leave it out of what you send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(read_only)]
    pub stated: Option<bool>,
}

/// Where a step down from children's social care comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepDownFrom {
    /// Social care's own reference of the case.
    #[schema(min_length = 1, max_length = 100)]
    pub social_care_reference: String,
    /// Why it steps down.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

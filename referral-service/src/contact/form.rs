//! The form: what may be told of a worry, and in which shape.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use shared::actor::Word;
use utoipa::ToSchema;

use crate::referral::told::{
    Caller, ContactChannel, ContactKind, Gender, LawfulBasis, NamedHousehold, NamedRelationship, Need, SendSupport,
    ServiceConsent, StepDownFrom, Urgency,
};

/// A worry about a child or a family, as its referrer tells it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "professional",
    "channel": "api",
    "referrer": { "name": "Ms A Teacher (invented)", "role": "designated safeguarding lead", "telephone": "01632 960001" },
    "family_knows": true,
    "people": [
        { "relation": "child", "given_name": "Juniper", "family_name": "Testcase", "birth_date": "2019-02-03", "gender": "female", "school": "Greenfield Academy" },
        { "relation": "parent", "given_name": "Willow", "family_name": "Testcase" },
        { "relation": "parent", "given_name": "Alder", "family_name": "Testcase", "household": 1 }
    ],
    "relationships": [{ "person": 1, "kinship": "parent_of", "of": 0 }, { "person": 2, "kinship": "parent_of", "of": 0 }],
    "households": [{ "address": "1 Example Street, Testford", "postcode": "ZZ99 1AA" }, { "address": "2 Sample Road, Testford" }],
    "locality": "charnwood",
    "needs": [
        { "code": "financial-stability", "words": "Rent and electricity in arrears." },
        { "code": "mental-and-physical-health", "who": [0], "words": "Juniper is anxious and often in tears." }
    ],
    "worries": "Juniper told her teacher that the family is in debt, fears losing the flat and lives from one crisis to the next.",
    "working_well": "Both parents come to school when asked.",
    "needs_to_happen": "Help with debt and housing before it comes to an eviction.",
    "scale": 6,
    "consent": { "given": "yes", "by": "mother", "on": "2026-11-20", "how": "in person, at school" },
    "lawful_basis": { "basis": "public-task" }
}))]
pub struct ReferralForm {
    /// Of what kind this contact is; `professional`, if left out. `hub_listing` is for a member of the
    /// hub of `locality`, and lists the family there at once; `step_down` is for First Response and for the
    /// agency of children's social care.
    pub kind: Option<ContactKind>,
    /// By which way it came; `api`, if left out. `telephone` is for First Response, which records the call
    /// with its `caller`; `bulk` comes only by a file.
    pub channel: Option<ContactChannel>,
    /// Who tells.
    pub referrer: ReferrerForm,
    /// Who called; for what came by telephone or face to face.
    pub caller: Option<Caller>,
    /// Why it can't wait. The front door is alerted at once and sees it before everything else.
    pub urgency: Option<Urgency>,
    /// Whether the family knows of this referral.
    #[serde(default)]
    pub family_knows: bool,
    /// Whom it is about: at least one child, and whoever else matters.
    #[schema(min_items = 1, max_items = 30)]
    pub people: Vec<PersonForm>,
    /// What the people are to one another.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub relationships: Vec<NamedRelationship>,
    /// The households they live in, the main one first; a person's `household` is a place in this list.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub households: Vec<NamedHousehold>,
    /// The family's district, a code of the set `locality`; First Response sets it otherwise.
    pub locality: Option<Word>,
    /// Codes of the set `concern`. Say `needs` instead where you know whose they are; one of the two must
    /// name something.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 20)]
    pub concerns: Vec<Word>,
    /// What the family needs, and who in it.
    #[serde(default)]
    #[schema(max_items = 40)]
    pub needs: Vec<Need>,
    /// What you are worried about, in your own words.
    #[schema(min_length = 1, max_length = 20000)]
    pub worries: String,
    /// What is working well.
    #[schema(max_length = 20000)]
    pub working_well: Option<String>,
    /// What needs to happen.
    #[schema(max_length = 20000)]
    pub needs_to_happen: Option<String>,
    /// What harm you fear will come to the child if nothing changes (Signs of Safety).
    #[schema(max_length = 4000)]
    pub danger_statement: Option<String>,
    /// What everyone would see if the child were safe (Signs of Safety).
    #[schema(max_length = 4000)]
    pub safety_goal: Option<String>,
    /// How safe it is in your view: 0 the child is not safe, 10 safe enough to need nobody.
    #[schema(minimum = 0, maximum = 10)]
    pub scale: Option<i16>,
    /// Whether the family agrees to a service.
    pub consent: Option<ServiceConsent>,
    /// The lawful basis on which you share this. A professional who leaves it out shares on `public-task`.
    pub lawful_basis: Option<LawfulBasis>,
    /// Where a step down comes from; with the kind `step_down` and no other.
    pub step_down: Option<StepDownFrom>,
    /// The reference of an earlier referral you know of; of a `top_up`, the one the family was helped under.
    #[schema(max_length = 20, example = "R-7K3M-9QXA-C")]
    pub earlier_reference: Option<String>,
    /// When the worry was told to you; now, if left out.
    pub made_at: Option<DateTime<Utc>>,
    /// Your own number for it, such as an incident's. Your agency finds the referral by it, and those who work on it
    /// name it when they ask you something.
    #[schema(min_length = 1, max_length = 100, example = "SAFEGUARDING-2026-118")]
    pub their_reference: Option<String>,
}

impl ReferralForm {
    /// Its kind.
    pub fn kind(&self) -> ContactKind {
        self.kind.unwrap_or(ContactKind::Professional)
    }

    /// Every code it names as a concern or a need, each once, in the order they were told.
    pub fn codes(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = Vec::new();
        for code in self.concerns.iter().chain(self.needs.iter().map(|need| &need.code)) {
            if !codes.contains(&code.as_str()) {
                codes.push(code.as_str());
            }
        }
        codes
    }

    /// What the sender calls it, without the spaces around it.
    pub fn their_reference(&self) -> Option<&str> {
        self.their_reference.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    /// Whether the caller wants their name kept out of it.
    pub fn is_anonymous(&self) -> bool {
        self.caller.as_ref().is_some_and(|caller| caller.anonymous)
    }
}

/// Who tells the front door.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferrerForm {
    /// Your name. Needed, unless First Response records the call of somebody who gives none.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// What you are: teacher, health visitor, constable, neighbour, parent.
    #[schema(min_length = 1, max_length = 200)]
    pub role: String,
    /// How First Response reaches you.
    #[schema(max_length = 40)]
    pub telephone: Option<String>,
    /// How First Response reaches you.
    #[schema(max_length = 254)]
    pub email: Option<String>,
}

shared::words! {
    /// What someone is in the family.
    Relation {
        /// A child the worry is about.
        Child = "child",
        /// A mother or father.
        Parent = "parent",
        /// Someone else who cares for the child.
        Carer = "carer",
        /// A brother or sister who is not the worry's subject.
        Sibling = "sibling",
        /// A grandparent.
        Grandparent = "grandparent",
        /// Another adult in the child's life.
        OtherAdult = "other_adult",
    }
}

/// Someone the worry is about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonForm {
    /// What they are in the family.
    pub relation: Relation,
    /// Given name. Of an unborn child whatever the family calls it, or `Unborn`.
    #[schema(min_length = 1, max_length = 200)]
    pub given_name: String,
    /// Family name.
    #[schema(min_length = 1, max_length = 200)]
    pub family_name: String,
    /// Birth date; it is what tells two people of one name apart.
    pub birth_date: Option<NaiveDate>,
    /// When a child that is not born yet is expected; it has no birth date.
    pub expected_on: Option<NaiveDate>,
    /// The household they live in: its place in `households`, 0 the main one.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 9)]
    pub household: i16,
    /// Address, without the postcode, if it is not that of the household.
    #[schema(max_length = 1000)]
    pub address: Option<String>,
    /// Postcode.
    #[schema(max_length = 10)]
    pub postcode: Option<String>,
    /// School or college.
    #[schema(max_length = 200)]
    pub school: Option<String>,
    /// Gender.
    pub gender: Option<Gender>,
    /// A code of the set `ethnicity`.
    pub ethnicity: Option<Word>,
    /// The language they speak best.
    #[schema(min_length = 1, max_length = 60)]
    pub language: Option<String>,
    /// Whether they need an interpreter.
    pub interpreter: Option<bool>,
    /// Whether they have a disability.
    pub disability: Option<bool>,
    /// Support for special educational needs at school.
    pub send: Option<SendSupport>,
}

impl PersonForm {
    /// Whether anything is said that stands in the table of what is particularly sensitive.
    pub fn says_characteristics(&self) -> bool {
        self.gender.is_some()
            || self.ethnicity.is_some()
            || self.language.is_some()
            || self.interpreter.is_some()
            || self.disability.is_some()
            || self.send.is_some()
    }
}

//! A member of the family consents to having words of theirs told as a case study.

use chrono::NaiveDate;
use serde_json::json;
use shared::actor::Actor;
use shared::events::Event;
use shared::id::PersonId;
use shared::problem::Problem;
use shared::service::Write;
use uuid::Uuid;

use super::domain::ConsentId;
use super::domain::voice::{StudyScope, without_names};
use super::store::voice::{self, Kept, Quote};
use crate::family::{Case, Member};

/// A consent as it is given.
#[derive(Debug)]
pub struct Given<'a> {
    /// Who consents.
    pub person: PersonId,
    /// On which day.
    pub on: NaiveDate,
    /// How far it goes.
    pub scope: StudyScope,
    /// The name to be shown; none of an anonymous one.
    pub credited_as: Option<&'a str>,
    /// How it was given.
    pub how: Option<&'a str>,
    /// The words it is about.
    pub words: Vec<Told<'a>>,
}

/// Words a consent is about.
#[derive(Debug)]
pub struct Told<'a> {
    /// As they were kept.
    pub id: Uuid,
    /// Who said them.
    pub whose: &'a str,
    /// What they are about.
    pub about: &'a str,
    /// Word for word.
    pub words: &'a str,
}

/// Keeps a consent, with a copy of the words without the family's names for those who write case studies, and tells
/// the other services. Members are everyone who ever belonged to the family.
///
/// # Errors
/// As the database says.
pub async fn consent<T>(
    tx: &mut Write<'_, T>,
    case: &Case,
    members: &[Member],
    given: &Given<'_>,
    who: &Actor,
) -> Result<ConsentId, Problem> {
    let now = tx.now();
    let names: Vec<&str> =
        members.iter().flat_map(|member| [member.given_name.as_str(), member.family_name.as_str()]).collect();
    let quotes = given
        .words
        .iter()
        .map(|told| {
            let (words, masked) = without_names(told.words, &names, given.credited_as);
            Quote { whose: told.whose.to_owned(), about: told.about.to_owned(), words, masked }
        })
        .collect();
    let kept = Kept {
        person: given.person,
        given_on: given.on,
        scope: given.scope,
        credited_as: given.credited_as,
        how: given.how,
        voices: given.words.iter().map(|told| told.id).collect(),
        quotes,
    };
    let id = voice::consent(tx, case, &kept, who, now).await?;
    let facts = json!({
        "consent_id": id, "case_id": case.id, "family_id": case.family_id, "case_type": case.case_type, "team": case.team,
        "person_id": given.person, "scope": given.scope, "given_on": given.on, "words": given.words.len(), "at": now,
    });
    tx.publish(Event::new("case_study.consent_given.v1", id.0, facts));
    Ok(id)
}

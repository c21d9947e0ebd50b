//! What the referral tells of needs, noted as evidence without being typed again.

use std::collections::BTreeSet;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use diesel_async::AsyncPgConnection;
use serde::Deserialize;
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::problem::{EligibilityView, eligibility, show};
use crate::family::change::family_to_change;
use crate::family::domain::FamilyId;
use crate::family::event::problem_noted;
use crate::family::store::member::members_ever;
use crate::family::store::problem::{self as rows, Evidence, NewEvidence};
use crate::family::store::told_need;
use crate::policy;
use crate::referral::domain::ReferralId;

/// This part's route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(note_referral_needs);
}

/// The source of evidence that a referral tells.
const REFERRAL: &str = "referral";

/// Which referral tells it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "referral_id": "01a20158-d2bb-77a5-a866-0a226963a91e" }))]
pub struct ReferralNeeds {
    /// A referral of this family, whose words you see.
    pub referral_id: ReferralId,
}

/// How many headline problems of the day a referral of the family told that nobody has noted from it, in words that
/// say how they are; nothing, if there are none.
///
/// # Errors
/// As the database says.
pub async fn not_noted_yet(
    connection: &mut AsyncPgConnection,
    rules: &Rules,
    found: &EligibilityView,
    referral: ReferralId,
) -> Result<Option<String>, Problem> {
    let told = told_need::of_referral(connection, found.family_id, referral).await?;
    let noted = |code: &str| {
        found.problems.iter().any(|one| one.code == code)
            || found.evidence.iter().any(|one| one.code == code && one.source == REFERRAL)
    };
    let codes: BTreeSet<&str> = told.iter().map(|need| need.code.as_str()).collect();
    let counts = |code: &&str| rules.has_code("concern", code, found.as_of) && !noted(code);
    let more = codes.into_iter().filter(counts).count();
    let Some(first) = told.first().filter(|_| more > 0) else { return Ok(None) };
    let family = found.family_id;
    Ok(Some(format!(
        "referral {} told {more} that are not noted yet: POST /v1/families/{family}/problems/from-referral notes them",
        first.reference
    )))
}

/// Note what a referral tells
///
/// Every concern and need of the referral becomes a piece of evidence of the day it was told, in the referrer's words,
/// so that nobody types it again. What was noted from it before, or withdrawn since, is left as it is; so is what it
/// says of someone who never belonged to the family.
#[utoipa::path(operation_id = "note_referral_needs", tag = "families", request_body = ReferralNeeds,
    params(("id" = Uuid, Path, description = "The family's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = EligibilityView)))]
#[post("/v1/families/{id}/problems/from-referral")]
async fn note_referral_needs(
    service: Data<Service>,
    command: Command<ReferralNeeds>,
    id: Path<FamilyId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::CHANGE_FAMILY, async |tx| {
            let mut family = family_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let told = told_need::of_referral(tx, id, body.referral_id).await?;
            if told.is_empty() {
                let detail = "is no referral of this family whose words you see";
                return Err(Problem::invalid(vec![FieldError::at("/referral_id", "unknown", detail)]).into());
            }
            tx.entry.records.push(body.referral_id.0);
            let members = members_ever(tx, id).await?;
            let of_family = |person: Uuid| members.iter().any(|member| member.person_id == person);
            let there = rows::evidence(tx, id).await?;
            let mut new: Vec<Evidence> = Vec::new();
            for need in told.into_iter().filter(|need| need.person_id.is_none_or(of_family)) {
                let noted_on = need.told_at.local_day();
                let words = need.words.unwrap_or_else(|| format!("Told in referral {}.", need.reference));
                let same = |row: &Evidence| {
                    row.source == REFERRAL
                        && row.noted_on == noted_on
                        && row.code == need.code
                        && row.person_id == need.person_id
                        && row.evidence == words
                };
                if there.iter().any(same) {
                    continue;
                }
                let noted = NewEvidence {
                    code: need.code,
                    person_id: need.person_id,
                    evidence: words,
                    source: REFERRAL.to_owned(),
                    noted_on,
                };
                let row = Evidence::of(id, noted, &command.actor, now);
                tx.publish(problem_noted(&row, family.locality.as_deref()));
                new.push(row);
            }
            if !new.is_empty() {
                rows::add(tx, &new).await?;
                family.bump(tx).await?;
            }
            Ok(Done::changed(family.version, eligibility(tx, &service.rules(), id, now.local_day()).await?))
        })
        .await?;
    written.respond("full", async |_| show(&service, &command.actor, id, None).await).await
}

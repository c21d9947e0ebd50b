//! The letter to the service.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use shared::actor::Actor;
use shared::auth::{ServiceIdentity, Verifier};
use shared::calendar::LocalDay;
use shared::deadline;
use shared::problem::{Problem, ProblemDocument};
use shared::service::Service;

use super::secret_of;
use crate::onward::domain::{OnwardId, OnwardStatus};
use crate::onward::letter::{Letter, Occasion};
use crate::onward::store;
use crate::onward::view::ANSWER;
use crate::policy;
use crate::provision;

/// Write the letter to the service
///
/// Plain text, ready to be pasted into an e-mail or printed: with the link, and without a word about the
/// family. A reminder once its answer is overdue; a notice once it was withdrawn.
#[utoipa::path(operation_id = "write_onward_letter", tag = "onward referrals",
    params(("id" = Uuid, Path, description = "The onward referral's id")),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 409, body = ProblemDocument)))]
#[get("/v1/onward-referrals/{id}/letter")]
pub async fn write_onward_letter(
    service: Data<Service>,
    identity: Data<ServiceIdentity>,
    verifier: Data<Arc<Verifier>>,
    actor: Actor,
    id: Path<OnwardId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let text = service
        .read(&actor, &policy::REFER_ONWARD, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::find(tx, id).await?;
            policy::REFER_ONWARD.require(&actor)?;
            tx.entry.records.push(row.referral_id.0);
            let now = tx.now();
            let status = row.standing()?;
            let clock = deadline::clock(tx, id.0, ANSWER).await?;
            let occasion = match status {
                OnwardStatus::Withdrawn => Occasion::Withdrawing,
                OnwardStatus::Sent | OnwardStatus::Viewed | OnwardStatus::NoAnswer if row.expires_at > now => {
                    if clock.is_some_and(|clock| clock.due_at < now) { Occasion::Reminding } else { Occasion::Asking }
                }
                OnwardStatus::Accepted | OnwardStatus::Declined => {
                    return Err(Problem::conflict(format!("the onward referral {}", status.in_words())));
                }
                _ => return Err(Problem::conflict("its link has ended: make a new one first")),
            };
            let link = match occasion {
                Occasion::Withdrawing => None,
                _ => {
                    let secret = store::open_link(tx, id, |link| secret_of(&identity, link)).await?;
                    let secret = secret
                        .ok_or_else(|| Problem::conflict("its link can't be told again: make a new one first"))?;
                    Some(format!("{}/onward/{secret}", verifier.issuer()))
                }
            };
            let disclosures = store::disclosures(tx, id).await?;
            let disclosure =
                disclosures.first().ok_or_else(|| Problem::internal(&"an onward referral without its disclosure"))?;
            let asked = provision::named(tx, row.service_id).await?;
            let rules = service.rules();
            let codes = rules.codes("lawful-basis", disclosure.at.local_day());
            let basis = codes.iter().find(|code| code.code == disclosure.basis);
            let letter = Letter {
                occasion,
                service: &row.service_name,
                organisation: &row.organisation,
                email: asked.as_ref().and_then(|asked| asked.email.as_deref()),
                reply_to: &disclosure.reply_to,
                sent_at: row.sent_at,
                answer_by: clock
                    .filter(|clock| occasion == Occasion::Asking && clock.due_at >= now)
                    .map(|clock| clock.due_at),
                opens_until: row.expires_at,
                basis: basis.map_or(disclosure.basis.as_str(), |code| code.label.as_str()),
                link: link.as_deref(),
            };
            Ok(letter.text())
        })
        .await?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}

//! What is heard while the child is missing.

use std::collections::BTreeSet;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::access;
use shared::actor::Word;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;

use super::report::{alert_kind, told};
use super::{CAPACITIES, of, read, shown};
use crate::alert::{self, Alert, Urgency};
use crate::missing::domain::{self, EpisodeId, MissingStatus, Step};
use crate::missing::view::MissingEpisodeView;
use crate::missing::{event, store};
use crate::{people, policy};

/// That somebody saw the child.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MissingSightingForm)]
pub struct SightingForm {
    /// When.
    pub seen_at: DateTime<Utc>,
    /// Where, and with whom.
    #[schema(min_length = 1, max_length = 1000)]
    pub place: String,
    /// Who told it.
    #[schema(min_length = 1, max_length = 200)]
    pub told_by: String,
}

/// What is heard while a child is missing: at least one of the risk, a sighting and the district.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MissingUpdateForm)]
#[schema(example = json!({
    "risk_level": "high",
    "sighting": { "seen_at": "2026-11-21T23:40:00Z", "place": "The bus station in Loughborough (invented), with two men",
                  "told_by": "A bus driver (invented)" },
    "note": "Her telephone has been off since ten."
}))]
pub struct UpdateForm {
    /// The risk as you judge it now, a code of the set `missing_risk`.
    pub risk_level: Option<Word>,
    /// That somebody saw the child.
    pub sighting: Option<SightingForm>,
    /// The child's district, a code of the set `locality`, where it was not known.
    pub locality: Option<Word>,
    /// In words.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: Option<String>,
}

/// Add to a missing episode
///
/// By whoever reported it or works with the child, until the return. What was told before stays; no `If-Match` is
/// needed. A risk that rises to `high` alerts everyone again who works on the episode; a district that becomes known
/// gives it to its hub, which is alerted.
#[utoipa::path(operation_id = "update_missing_episode", tag = "missing children", request_body = UpdateForm,
    params(("id" = uuid::Uuid, Path, description = "The episode's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = MissingEpisodeView)))]
#[post("/v1/missing-episodes/{id}/updates")]
pub(super) async fn update_missing_episode(
    service: Data<Service>,
    command: Command<UpdateForm>,
    id: Path<EpisodeId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::UPDATE_MISSING, async |tx| {
            tx.entry.record = Some(id.0);
            store::hold(tx, id).await?;
            let mut episode = store::for_change(tx, id).await?;
            access::require_capacity(tx, actor, id.0, &CAPACITIES).await?;
            tx.proceed(None).await?;
            tx.entry.records.push(id.0);
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let known = episode.locality.is_some();
            domain::check_update(&form, episode.missing_since, known, &rules, now)?;
            episode.after(Step::Tell)?;
            let is_high = form.risk_level.as_ref().is_some_and(|risk| risk.as_str() == domain::HIGH);
            let rises = is_high && store::risk(tx, id).await?.as_deref() != Some(domain::HIGH);
            store::keep_update(tx, id, &form, actor, now).await?;
            episode.told_more(tx, form.locality.as_ref()).await?;
            let of = of(tx, &episode).await?;
            let hub = form.locality.as_ref().map(|locality| format!("hub:{locality}"));
            if let Some(hub) = &hub {
                told(id, of.child, MissingStatus::Missing).give_also_to(tx, hub.clone(), now).await?;
            }
            let mut scopes: BTreeSet<String> = hub.into_iter().collect();
            if rises {
                let open = people::open_records_about(tx, of.child, "missing_episode").await?;
                scopes.extend(open.into_iter().filter(|held| held.record_id == id.0).map(|held| held.scope));
            }
            // Whether a concern about exploitation is open is for those who must know at once, as at the report; a team
            // that only reported the child, or was given the episode, learns that the risk has risen.
            let concerns = people::open_records_about(tx, of.child, "exploitation_concern").await?;
            let exploitation = !concerns.is_empty();
            let at_work = people::teams_at_work_with(tx, of.child).await?;
            let others = at_work.into_iter().chain(concerns.into_iter().map(|concern| concern.scope));
            let mut must_know = people::who_must_know(None, others);
            must_know.extend(of.locality.map(|locality| format!("hub:{locality}")));
            let (knowing, rest): (Vec<String>, Vec<String>) =
                scopes.into_iter().partition(|scope| must_know.contains(scope));
            for (exploitation, scopes) in [(exploitation, knowing), (false, rest)] {
                if scopes.is_empty() {
                    continue;
                }
                let raised = Alert {
                    kind: alert_kind(exploitation),
                    urgency: Urgency::Urgent,
                    about: "missing-episodes",
                    record: id.0,
                    people: &[of.child.0],
                    scopes: &scopes,
                    locality: of.locality,
                };
                alert::tell(tx, &raised).await?;
            }
            tx.publish(event::updated(of, &form, actor.agency.as_str(), now));
            Ok(Done::created(format!("/v1/missing-episodes/{id}"), episode.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("missing", async |_| Ok(read::show(&service, actor, id).await?.1)).await
}

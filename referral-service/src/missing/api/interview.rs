//! The return interview.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, SubsecRound, Utc};
use serde::Deserialize;
use shared::actor::Word;
use shared::deadline;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;

use super::{locked, of, read, shown};
use crate::missing::domain::{self, Back, EpisodeId, InterviewOutcome};
use crate::missing::event::Of;
use crate::missing::view::MissingEpisodeView;
use crate::missing::{event, store};
use crate::policy;

/// An offer of a return interview, its refusal, or the interview.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "outcome": "held", "at": "2026-11-23T16:00:00Z", "by": "Kit Youthworker (invented), youth work",
    "themes": ["conflict-at-home", "friends-and-peers"],
    "said": "She goes when they shout about school. She would come home if somebody talked to her mum with her.",
    "actions": "Ask the family support worker to see mother and daughter together this week."
}))]
pub struct InterviewForm {
    /// Which of them.
    pub outcome: InterviewOutcome,
    /// When.
    pub at: DateTime<Utc>,
    /// Who offered or held it, independent of those who care for the child.
    #[schema(min_length = 1, max_length = 200)]
    pub by: String,
    /// What it was about, codes of the set `missing_theme`; at least one if it was held.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub themes: Vec<Word>,
    /// What the child said; needed if it was held.
    #[schema(max_length = 20000)]
    pub said: Option<String>,
    /// What is to be done.
    #[schema(max_length = 20000)]
    pub actions: Option<String>,
    /// Why it was late; needed if it was held after it was due.
    #[schema(max_length = 4000)]
    pub late_reason: Option<String>,
}

/// Record a return interview
///
/// That it was offered, declined or held. What was held to the minute 72 hours after the return is in
/// time. A child who declined may be asked again: record the new offer first.
#[utoipa::path(operation_id = "record_return_interview", tag = "missing children", request_body = InterviewForm,
    params(("id" = uuid::Uuid, Path, description = "The episode's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = MissingEpisodeView)))]
#[post("/v1/missing-episodes/{id}/return-interview")]
pub(super) async fn record_return_interview(
    service: Data<Service>,
    command: Command<InterviewForm>,
    id: Path<EpisodeId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::RECORD_RETURN_INTERVIEW, async |tx| {
            let mut episode = locked(tx, actor, id, &["front-door", "team"]).await?;
            let mut form = command.body()?;
            // As exact as what it is compared with: the database keeps microseconds.
            form.at = form.at.trunc_subsecs(6);
            let (now, rules) = (tx.now(), service.rules());
            // Before what is wrong with the words: whether there can be an interview now at all.
            episode.after(form.outcome.step())?;
            let returned_at = episode.returned_at.ok_or_else(|| Problem::internal(&"a return without its time"))?;
            let due_at = deadline::due(tx, id.0, "return_interview").await?;
            let back = Back { returned_at, offered_at: episode.interview_offered_at, due_at };
            domain::check_interview(&form, back, &rules, now)?;
            episode.take(tx, form.outcome.step(), store::noted(form.outcome, form.at, form.at <= due_at)).await?;
            store::keep_interview(tx, id, &form, actor, now).await?;
            if form.outcome != InterviewOutcome::Offered {
                deadline::meet(tx, id.0, "return_interview", form.at).await?;
            }
            let of = of(tx, &episode).await?;
            tx.publish(event::interview(of, &form, returned_at, due_at));
            for other in store::follow(tx, id, now).await?.into_iter().filter(|other| other.followed) {
                let of = Of { id: other.id, child: of.child, locality: other.locality.as_deref() };
                tx.publish(event::interview(of, &form, returned_at, due_at));
            }
            Ok(Done::changed(episode.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("missing", async |_| Ok(read::show(&service, actor, id).await?.1)).await
}

//! The report, the return, who else is given the episode, and a report that was none.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::actor::Word;
use shared::calendar::LocalDay;
use shared::deadline;
use shared::id::PersonId;
use shared::mistakes::Mistakes;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service, Write};
use utoipa::ToSchema;

use super::{CAPACITIES, locked, of, read, shown};
use crate::alert::{self, Alert, Urgency};
use crate::missing::domain::{self, EpisodeId, MissingStatus, Step};
use crate::missing::event::{self, Of};
use crate::missing::store::{self, Follower, NewEpisode, Noted};
use crate::missing::view::MissingEpisodeView;
use crate::people::{self, Reporter, TeamToGive, Told, Whom};
use crate::policy;

/// A child who is missing, as whoever reports it tells it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "person": { "given_name": "Hazel", "family_name": "Invented", "birth_date": "2012-06-14" },
    "missing_since": "2026-11-21T21:30:00Z",
    "missing_from": "home",
    "where_from": "Her grandmother's house in Loughborough (invented)",
    "last_seen_at": "2026-11-21T21:15:00Z",
    "last_seen": "Left in a grey hooded top after an argument; said she was meeting friends at the bus station.",
    "risk_level": "medium",
    "circumstances": "Third time this month. She does not answer her telephone; older young men were seen waiting in a car.",
    "reporter": { "name": "PC B Constable (invented)", "role": "constable, missing persons desk", "telephone": "01632 960011" },
    "their_reference": "INC-2026-112204",
    "locality": "charnwood"
}))]
pub struct ReportForm {
    /// Who is missing: a child under 18.
    pub person: Whom,
    /// Since when.
    pub missing_since: DateTime<Utc>,
    /// When it was reported to you; now, if left out.
    pub reported_at: Option<DateTime<Utc>>,
    /// From what kind of place, a code of the set `missing_from`.
    pub missing_from: Word,
    /// From where, in words.
    #[schema(max_length = 1000)]
    pub where_from: Option<String>,
    /// When the child was last seen.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Where, with whom and wearing what.
    #[schema(max_length = 4000)]
    pub last_seen: Option<String>,
    /// The risk as you judge it, a code of the set `missing_risk`.
    pub risk_level: Word,
    /// What happened, in your own words.
    #[schema(min_length = 1, max_length = 20000)]
    pub circumstances: String,
    /// Who reports it.
    pub reporter: Reporter,
    /// Your own number for it, such as an incident's.
    #[schema(min_length = 1, max_length = 100)]
    pub their_reference: Option<String>,
    /// The child's district, a code of the set `locality`.
    pub locality: Option<Word>,
}

/// What an episode's reference begins with.
const REFERENCE_PREFIX: char = 'M';

/// What tells that a child is missing, and is over with the return.
const MISSING_ALERTS: [&str; 3] = ["missing_child", "missing_exploited_child", RETURN_TOLD_ELSEWHERE];

/// What tells that somebody who cannot see an episode says that the child is back: to be confirmed, and recorded.
const RETURN_TOLD_ELSEWHERE: &str = "return_told_elsewhere";

/// Which of them: whether a concern about the child's exploitation is open.
pub(super) const fn alert_kind(exploitation: bool) -> &'static str {
    if exploitation { "missing_exploited_child" } else { "missing_child" }
}

/// Report a missing child
///
/// For the police, from their own system, and for every worker. First Response, the hub of the child's
/// district and the teams that work with the child have an urgent alert as soon as this is answered. A child whom
/// you see to be missing already is refused; `about` is the episode to add to.
#[utoipa::path(operation_id = "report_missing_child", tag = "missing children", request_body = ReportForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = MissingEpisodeView)))]
#[post("/v1/missing-episodes")]
pub(super) async fn report_missing_child(
    service: Data<Service>,
    command: Command<ReportForm>,
) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::REPORT_MISSING, async |tx| {
            tx.proceed(None).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            domain::check_report(&form, &rules, now)?;
            let child = people::identify(tx, &form.person, "/person", now).await?;
            let at = form.person.birth_pointer("/person");
            if let Some(error) = domain::age_error(child.birth_date, form.missing_since.local_day(), &at) {
                return Err(Problem::invalid(vec![error]).into());
            }
            let first = store::first_open(tx, child.id).await?;
            if let Some(open) = store::open_already(tx, child.id).await? {
                let refused = Problem::conflict("this child is reported missing already");
                return Err(refused.about(format!("/v1/missing-episodes/{open}")).into());
            }
            let since = form.missing_since;
            let window = rules.due("repeat_missing_window", since).map_or_else(Default::default, |end| end - since);
            let before = store::count(tx, child.id, since - window, since).await?;
            // Two reports of one absence are one episode of the child's.
            let counted = i32::try_from(before + 1).unwrap_or(i32::MAX);
            let repeat_number = first.map_or(counted, |first| first.repeat_number);
            let concerns = people::open_records_about(tx, child.id, "exploitation_concern").await?;
            let teams = people::teams_at_work_with(tx, child.id).await?;
            let id = EpisodeId::new();
            let reference = shared::reference::random(REFERENCE_PREFIX);
            let new = NewEpisode {
                id,
                reference: &reference,
                child: &child,
                reported_at: form.reported_at.unwrap_or(now),
                repeat_number,
                exploitation: !concerns.is_empty(),
            };
            store::insert(tx, &new, &form, actor).await?;
            let same_as = first.map(|first| first.id);
            // Whoever must know at once: and those who work on the child's exploitation are among them.
            let others = teams.into_iter().chain(concerns.into_iter().map(|concern| concern.scope));
            let scopes = people::who_must_know(form.locality.as_ref(), others);
            let told = told(id, child.id, MissingStatus::Missing);
            told.give(tx, &scopes, actor, now).await?;
            if let Some(same_as) = same_as {
                store::mark(tx, id, same_as).await?;
            }
            let locality = form.locality.as_ref().map(|locality| locality.as_str());
            let raised = Alert {
                kind: alert_kind(new.exploitation),
                urgency: Urgency::Urgent,
                about: "missing-episodes",
                record: id.0,
                people: &[child.id.0],
                scopes: &scopes,
                locality,
            };
            alert::tell(tx, &raised).await?;
            let of = Of { id, child: child.id, locality };
            let agency = actor.agency.as_str();
            tx.publish(event::reported(of, &form, agency, &new, same_as));
            tx.entry.record = Some(id.0);
            tx.entry.people.push(child.id.0);
            let view = shown(tx, id).await?;
            told.is_about_its_person(tx).await?;
            Ok(Done::created(format!("/v1/missing-episodes/{id}"), 1, view))
        })
        .await?;
    written.respond("missing", async |stored| Ok(read::show(&service, actor, EpisodeId(stored.id()?)).await?.1)).await
}

pub(super) fn told(id: EpisodeId, child: PersonId, status: MissingStatus) -> Told {
    Told { record: id.0, kind: "missing_episode", state: status.as_str(), person: child }
}

/// A child's return.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "returned_at": "2026-11-22T02:10:00Z", "found_how": "found-by-police", "whereabouts": "A car park near the station.",
    "harm": ["none-known"], "harm_note": "Cold and tired; would not say whom she was with."
}))]
pub struct ReturnForm {
    /// When the child came back, or was found.
    pub returned_at: DateTime<Utc>,
    /// How, a code of the set `missing_found`.
    pub found_how: Word,
    /// Where the child had been, as far as it is known.
    #[schema(max_length = 4000)]
    pub whereabouts: Option<String>,
    /// What harm came to the child, codes of the set `missing_harm`; `none-known` if none is known.
    #[schema(min_items = 1, max_items = 10)]
    pub harm: Vec<Word>,
    /// The harm in words.
    #[schema(max_length = 20000)]
    pub harm_note: Option<String>,
}

/// Record a missing child's return
///
/// By whoever reported it or works with the child. From the return on the return interview has 72
/// hours. The urgent alerts end. Where two reported one absence, the return is both episodes' if
/// you see both; else those who hold the other have an urgent alert, to confirm it.
#[utoipa::path(operation_id = "record_missing_return", tag = "missing children", request_body = ReturnForm,
    params(("id" = uuid::Uuid, Path, description = "The episode's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = MissingEpisodeView)))]
#[post("/v1/missing-episodes/{id}/return")]
pub(super) async fn record_missing_return(
    service: Data<Service>,
    command: Command<ReturnForm>,
    id: Path<EpisodeId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::RECORD_MISSING_RETURN, async |tx| {
            let mut episode = locked(tx, actor, id, &CAPACITIES).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            domain::check_return(&form, episode.missing_since, &rules, now)?;
            let due = rules.must_due("return_interview", form.returned_at)?;
            let noted = Noted { returned_at: Some(form.returned_at), ..Noted::default() };
            episode.take(tx, Step::Return, noted).await?;
            store::keep_return(tx, id, &form, actor, now).await?;
            alert::end(tx, id.0, &MISSING_ALERTS, now).await?;
            deadline::start(tx, id.0, "return_interview", form.returned_at, due).await?;
            let of = of(tx, &episode).await?;
            tx.publish(event::returned(of, &form, episode.missing_since, due));
            let (followed, told_of): (Vec<_>, Vec<_>) =
                store::follow(tx, id, now).await?.into_iter().partition(|other| other.followed);
            for other in followed {
                let of = Of { id: other.id, child: of.child, locality: other.locality.as_deref() };
                tx.publish(event::returned(of, &form, other.missing_since, due));
            }
            tell_of_return(tx, of.child, &told_of).await?;
            Ok(Done::changed(episode.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("missing", async |_| Ok(read::show(&service, actor, id).await?.1)).await
}

/// Tells those who hold other episodes of the absence that somebody says the child is back.
async fn tell_of_return<T>(tx: &mut Write<'_, T>, child: PersonId, others: &[Follower]) -> Result<(), Problem> {
    if others.is_empty() {
        return Ok(());
    }
    let held = people::open_records_about(tx, child, "missing_episode").await?;
    for other in others {
        let scopes: Vec<String> =
            held.iter().filter(|held| held.record_id == other.id.0).map(|held| held.scope.clone()).collect();
        let raised = Alert {
            kind: RETURN_TOLD_ELSEWHERE,
            urgency: Urgency::Urgent,
            about: "missing-episodes",
            record: other.id.0,
            people: &[child.0],
            scopes: &scopes,
            locality: other.locality.as_deref(),
        };
        alert::tell(tx, &raised).await?;
    }
    Ok(())
}

/// Give a missing episode to a team
///
/// The team sees all of it from then on, and may record the return interview.
#[utoipa::path(operation_id = "give_missing_episode", tag = "missing children", request_body = TeamToGive,
    params(("id" = uuid::Uuid, Path, description = "The episode's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = MissingEpisodeView)))]
#[post("/v1/missing-episodes/{id}/teams")]
pub(super) async fn give_missing_episode(
    service: Data<Service>,
    command: Command<TeamToGive>,
    id: Path<EpisodeId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::GIVE_MISSING, async |tx| {
            let mut episode = locked(tx, actor, id, &["front-door", "hub"]).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let mut mistakes = Mistakes::by(&rules, now);
            mistakes.code("service", &form.service, now.local_day(), "/service");
            mistakes.refuse()?;
            episode.changed(tx).await?;
            let status = episode.status()?;
            let of = of(tx, &episode).await?;
            told(id, of.child, status).give_also_to(tx, format!("team:{}", form.service), now).await?;
            tx.publish(event::given(of, form.service.as_str(), now));
            Ok(Done::changed(episode.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("missing", async |_| Ok(read::show(&service, actor, id).await?.1)).await
}

/// Why a report was none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "because": "reported-in-error", "note": "She was at her aunt's, who had told the school and not her mother." }))]
pub struct CancellationForm {
    /// A code of the set `missing_cancellation`.
    pub because: Word,
    /// In words.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: String,
}

/// Cancel a report of a missing child
///
/// Because it was made in error or twice. It is kept, and counts no longer.
#[utoipa::path(operation_id = "cancel_missing_episode", tag = "missing children", request_body = CancellationForm,
    params(("id" = uuid::Uuid, Path, description = "The episode's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = MissingEpisodeView)))]
#[post("/v1/missing-episodes/{id}/cancellation")]
pub(super) async fn cancel_missing_episode(
    service: Data<Service>,
    command: Command<CancellationForm>,
    id: Path<EpisodeId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::CANCEL_MISSING, async |tx| {
            let mut episode = locked(tx, actor, id, &["front-door", "agency"]).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let mut mistakes = Mistakes::by(&rules, now);
            mistakes.code("missing_cancellation", &form.because, now.local_day(), "/because");
            mistakes.refuse()?;
            episode.take(tx, Step::Cancel, Noted::default()).await?;
            store::keep_cancellation(tx, id, &form, actor, now).await?;
            deadline::meet(tx, id.0, "return_interview", now).await?;
            alert::end(tx, id.0, &MISSING_ALERTS, now).await?;
            let of = of(tx, &episode).await?;
            tx.publish(event::cancelled(of, form.because.as_str(), now));
            Ok(Done::changed(episode.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("missing", async |_| Ok(read::show(&service, actor, id).await?.1)).await
}

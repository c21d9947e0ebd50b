//! `/v1/cases/{id}/closure`.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use serde_json::json;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::deadline;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{Closure, ExitPlan};
use super::follow_up::{self, After, FollowUpView};
use super::{event, store};
use crate::family::{self, Case, CaseId, FamilyId, case_seen, case_to_change};
use crate::measurement::case_study::{self, Given, Told};
use crate::measurement::domain::checks::check_voice;
use crate::measurement::domain::content::{Against, Voice};
use crate::measurement::domain::voice::{StudyScope, VoicePoint};
use crate::measurement::store::voice::{self, Said};
use crate::measurement::{MeasurementId, MeasurementPoint, Setting, case_whole};
use crate::people::{self, SeenRecord};
use crate::policy;
use crate::referral::allocation::{self, AllocationStatus, ClosingOutcome, Ending};
use crate::referral::offer::AllocationId;
use crate::referral::view::Warning;

/// Routes of the closure itself.
pub fn routes(config: &mut ServiceConfig) {
    config.service(close_case).service(read_closure);
}

/// How a case ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseClosureView {
    /// The case.
    pub case_id: CaseId,
    /// The family.
    pub family_id: FamilyId,
    /// When.
    pub closed_at: Option<DateTime<Utc>>,
    /// By whom.
    pub closed_by: String,
    /// What came of it.
    pub outcome: ClosingOutcome,
    /// What was done and what changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The planned exit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_plan: Option<ExitPlan>,
    /// The closing review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assessment_id: Option<MeasurementId>,
    /// Why nothing was measured at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_measured_because: Option<String>,
    /// What the family said of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_feedback: Option<String>,
    /// When the family will be asked how it is.
    pub follow_ups: Vec<FollowUpView>,
    /// What is open still about a member of the family, of what you see: `child_missing`,
    /// `return_interview_open`, `exploitation_concern_open`. The case closes all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// Close a case
///
/// Ends the work with an outcome. A case of intensive support needs what is measured at the end, or why nothing
/// was. The allocation the case rests on is closed with it, and the referral, when nobody else helps. Every
/// clock of the case stops; follow-ups are due 3, 6, 9 and 12 months from now. A member who is missing, a return
/// interview that waits and an open concern about exploitation are warned of.
#[utoipa::path(operation_id = "close_case", tag = "closures", request_body = Closure,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag of the case that you read")),
    responses((status = 200, body = CaseClosureView)))]
#[post("/v1/cases/{id}/closure")]
async fn close_case(
    service: Data<Service>,
    command: Command<Closure>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::CLOSE_CASE, async |tx| {
            tx.entry.record = Some(id.0);
            let allocation = case_seen(tx, id).await?.allocation_id.map(AllocationId);
            let mut rests_on = match allocation {
                Some(allocation) => locked(tx, allocation).await?,
                None => None,
            };
            let case = case_seen(tx, id).await?;
            let family = family::for_change(tx, case.family_id).await?;
            let mut case = case_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            case.require_open()?;
            let setting = Setting::of(tx, case.clone()).await?;
            if let Some((referral, _)) = &rests_on {
                allocation::refuse_unstepped(body.outcome, referral.id)?;
            }
            let measured = measure(tx, &service, &command.actor, &setting, &body).await?;
            let now = tx.now();
            case.close(tx, &family, now, body.outcome.as_str(), body.exit_plan.is_some(), Some(&body.summary)).await?;
            store::keep(tx, id, &body, measured, &command.actor).await?;
            // None of them wants anything done any more.
            deadline::meet_all(tx, id.0, now).await?;
            keep_words(tx, &command.actor, &setting, &body).await?;
            let facts = setting.facts(tx, now.local_day(), json!({})).await?;
            tx.publish(event::closed(id, facts, &body, measured.is_some(), now));
            if let Some((referral, allocation)) = &mut rests_on {
                let ending = Ending { outcome: body.outcome.as_str(), summary: &body.summary };
                allocation::end(tx, &command.actor, allocation, referral, &ending).await?;
            }
            follow_up::schedule(tx, &service.rules(), &setting, After::Closure, now, None).await?;
            Ok(Done::changed(case.version, view(tx, &case, now).await?))
        })
        .await?;
    written.respond("full", async |_| show(&service, &command.actor, id).await).await
}

/// The referral and the allocation a case rests on, locked, if the service is still at work by it. An
/// allocation that was ended by itself leaves the case to be closed alone.
async fn locked<T>(
    tx: &mut Write<'_, T>,
    id: AllocationId,
) -> Result<Option<(crate::referral::Referral, allocation::Allocation)>, Problem> {
    let seen = async |tx: &mut Write<'_, T>| -> Result<_, Problem> {
        let referral = allocation::referral_of(tx, id).await?;
        let referral = crate::referral::for_change(tx, referral).await?;
        Ok((referral, allocation::for_change(tx, id).await?))
    };
    match seen(tx).await {
        Ok((referral, allocation)) if allocation.status()? == AllocationStatus::Accepted => {
            Ok(Some((referral, allocation)))
        }
        Ok(_) => Ok(None),
        // Someone who only sees the case, a worker of another team, can't end the allocation: the team can.
        Err(problem) if problem.status() == 404 => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// What is measured at the end: what is said now, or the closing review that is there.
async fn measure<T>(
    tx: &mut Write<'_, T>,
    service: &Service,
    actor: &Actor,
    setting: &Setting,
    body: &Closure,
) -> Result<Option<MeasurementId>, Stop> {
    let rules = service.rules();
    let today = tx.now().local_day();
    let closing = setting.closing();
    let mut errors = body.check(&setting.case.case_type, setting.so_far, closing, (&rules, today));
    let mut taken = None;
    if let Some(content) = &body.measurement {
        let reference = setting.reference(tx, content).await?;
        errors.extend(setting.errors(content, "/measurement", (true, false), &reference, (&rules, today)));
        taken = Some((content, reference));
    }
    if let Some(said) = body.without_the_service.as_ref() {
        let reference = crate::measurement::reference(tx, today).await?;
        let against = Against {
            ladder: &reference.ladder,
            questions: &reference.questions,
            rules: &rules,
            members: &setting.members,
            today,
            earliest: today,
        };
        let voice = Voice {
            whose: said.whose,
            person_id: said.person_id,
            about: "without-the-service".to_owned(),
            words: said.words.clone(),
        };
        check_voice("/without_the_service", &voice, today, &against, &mut errors);
    }
    Problem::refuse_any(errors)?;
    if setting.so_far.draft {
        return Err(Problem::conflict("a review is being written: complete or discard it first").into());
    }
    match taken {
        Some((content, reference)) => {
            let mut point = setting.begin(tx, actor, MeasurementPoint::Closure, content, &reference).await?;
            setting.complete(tx, actor, &mut point, content, &reference, &rules).await?;
            Ok(Some(point.id))
        }
        None => Ok(closing),
    }
}

/// Keeps what the family thinks would have happened, and its consent to have it told: without names, unless a
/// consent that goes further is given later.
async fn keep_words<T>(tx: &mut Write<'_, T>, actor: &Actor, setting: &Setting, body: &Closure) -> Result<(), Problem> {
    let Some(said) = &body.without_the_service else { return Ok(()) };
    let (case, now) = (&setting.case, tx.now());
    let today = now.local_day();
    let voice = Voice {
        whose: said.whose,
        person_id: said.person_id,
        about: "without-the-service".to_owned(),
        words: said.words.clone(),
    };
    let of = Said { case: case.id, family: case.family_id, measurement: None, point: VoicePoint::Closure, on: today };
    let kept = voice::keep(tx, of, std::slice::from_ref(&voice), actor, now).await?;
    if let (true, Some(person)) = (said.case_study_consent, said.person_id) {
        let told = |id: &Uuid| Told { id: *id, whose: voice.whose.as_str(), about: &voice.about, words: &voice.words };
        let words = kept.iter().map(told).collect();
        let given = Given { person, on: today, scope: StudyScope::Anonymous, credited_as: None, how: None, words };
        case_study::consent(tx, case, &setting.members, &given, actor).await?;
    }
    Ok(())
}

/// What a family should not be left with unseen.
const OPEN_KINDS: [&str; 2] = ["missing_episode", "exploitation_concern"];

fn still_open(record: &SeenRecord) -> Warning {
    let id = record.record_id;
    let (code, detail) = match (record.kind.as_str(), record.state.as_str()) {
        ("missing_episode", "missing") => {
            ("child_missing", format!("a child of this family is missing: /v1/missing-episodes/{id}"))
        }
        ("missing_episode", _) => (
            "return_interview_open",
            format!("a child of this family was missing and waits for the return interview: /v1/missing-episodes/{id}"),
        ),
        _ => (
            "exploitation_concern_open",
            format!(
                "a concern about exploitation is open about a member of this family: /v1/exploitation-concerns/{id}"
            ),
        ),
    };
    Warning { code: code.to_owned(), detail }
}

async fn view(tx: &mut AsyncPgConnection, case: &Case, now: DateTime<Utc>) -> Result<CaseClosureView, Problem> {
    let ((outcome, _, summary), exit) = store::ending(tx, case).await?;
    let plan = exit.continuing_help.zip(exit.asking_again);
    let members: Vec<Uuid> =
        family::members(tx, case.family_id, now.local_day()).await?.iter().map(|member| member.person_id).collect();
    let open = people::open_records_seen(tx, &members, &OPEN_KINDS).await?;
    Ok(CaseClosureView {
        case_id: case.id,
        family_id: case.family_id,
        closed_at: case.closed_at,
        closed_by: exit.closed_by_name,
        outcome: outcome.parse().map_err(|()| Problem::internal(&"unknown outcome of a case"))?,
        summary,
        exit_plan: plan.map(|(continuing_help, asking_again)| ExitPlan { continuing_help, asking_again }),
        assessment_id: exit.measurement_id.map(MeasurementId),
        not_measured_because: exit.not_measured_because,
        family_feedback: exit.family_feedback,
        follow_ups: follow_up::of_case(tx, case.id, now).await?,
        warnings: open.iter().map(still_open).collect(),
    })
}

/// Read how a case ended
#[utoipa::path(operation_id = "read_closure", tag = "closures",
    params(("id" = uuid::Uuid, Path, description = "The case's id")),
    responses((status = 200, body = CaseClosureView)))]
#[get("/v1/cases/{id}/closure")]
async fn read_closure(service: Data<Service>, actor: Actor, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    let id = *id;
    let (version, view) = read(&service, &actor, id).await?;
    Ok(found(version, "closure", &view))
}

async fn show(service: &Service, actor: &Actor, id: CaseId) -> Result<CaseClosureView, Problem> {
    Ok(read(service, actor, id).await?.1)
}

async fn read(service: &Service, actor: &Actor, id: CaseId) -> Result<(i64, CaseClosureView), Problem> {
    service
        .read(actor, &policy::READ_CLOSURE, async |tx| {
            tx.entry.record = Some(id.0);
            let case = case_whole(tx, id).await?;
            policy::READ_CLOSURE.require(actor)?;
            tx.entry.records.push(id.0);
            let now = tx.now();
            Ok((case.version, view(tx, &case, now).await?))
        })
        .await
}

//! Giving feedback.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::Deserialize;
use shared::access;
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::id::PersonId;
use shared::mistakes::Mistakes;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use uuid::Uuid;

use super::read;
use crate::feedback::domain::{
    self, AboutId, FeedbackAnswer, FeedbackGiver, FeedbackId, FeedbackOccasion, FeedbackVia, Question,
};
use crate::feedback::event;
use crate::feedback::store::{self, NewFeedback, Setting};
use crate::feedback::view::FeedbackView;
use crate::people::name_key;
use crate::policy;

/// What somebody says of the help.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "giver": "adult", "person_id": "01a20158-d2bb-77a5-a866-0a226963a91e", "via": "directly", "given_on": "2026-11-20",
    "answers": [
        { "question": "positive-difference", "yes": true },
        { "question": "felt-listened-to", "scale": 5 },
        { "question": "what-helped", "words": "That she rang when she said she would." }
    ]
}))]
pub struct FeedbackForm {
    /// Who gives it.
    pub giver: FeedbackGiver,
    /// Of an adult or a child, who: somebody the help was for.
    pub person_id: Option<PersonId>,
    /// Of a professional, their name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Of a professional, their agency, one of `GET /v1/agencies`.
    pub agency: Option<Word>,
    /// How it came.
    pub via: FeedbackVia,
    /// When it was given; today, unless you say otherwise.
    pub given_on: Option<NaiveDate>,
    /// The answers; a question that is left out was passed over.
    #[schema(min_items = 1, max_items = 50)]
    pub answers: Vec<FeedbackAnswer>,
}

/// Notes what is wrong with who gives feedback and when.
fn check_giver(form: &FeedbackForm, setting: &Setting, given_on: NaiveDate, mistakes: &mut Mistakes<'_>) {
    mistakes.future_day(given_on, "/given_on");
    mistakes.before(given_on, setting.began_on, "/given_on", "is before the help began");
    let professional = form.giver == FeedbackGiver::Professional;
    match form.person_id {
        Some(_) if professional => {
            mistakes.add("/person_id", "does_not_fit", "is for an adult or a child the help was for")
        }
        Some(person) if !setting.people.contains(&person.0) => {
            mistakes.add("/person_id", "unknown", "is nobody the help was for");
        }
        None if !professional => mistakes.add("/person_id", "required", "is missing: whose feedback it is"),
        _ => {}
    }
    if let Some(agency) = &form.agency {
        let instead = "; of somebody of a body that is none of them, say yours and theirs in name";
        mistakes.agency(agency.as_str(), "/agency", instead);
    }
    for (at, given) in [("/name", form.name.is_some()), ("/agency", form.agency.is_some())] {
        if given && !professional {
            mistakes.add(at, "does_not_fit", "is for a professional");
        } else if !given && professional {
            mistakes.add(at, "required", "is missing: which professional it is");
        }
    }
}

/// What tells this giver from another.
fn giver_key(form: &FeedbackForm) -> String {
    match (form.person_id, &form.agency, &form.name) {
        (Some(person), ..) => person.to_string(),
        (None, Some(agency), Some(name)) => format!("{agency}/{}", name_key(name)),
        _ => String::new(),
    }
}

/// Whether they work where the help came from: not everyone who may read of it does.
fn works_there(actor: &Actor, setting: &Setting) -> bool {
    actor.scopes().contains(&format!("team:{}", setting.service))
}

/// Records feedback of an occasion on what has this id.
async fn give(
    service: &Service,
    command: &Command<FeedbackForm>,
    occasion: FeedbackOccasion,
    about: Uuid,
) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(command, &policy::GIVE_FEEDBACK, async |tx| {
            tx.entry.record = Some(about);
            let setting = store::setting(tx, occasion, about).await?;
            if !works_there(actor, &setting) {
                access::require_capacity(tx, actor, about, &["user"]).await?;
            }
            tx.proceed(None).await?;
            tx.entry.records.push(about);
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let given_on = form.given_on.unwrap_or_else(|| now.local_day());
            let rows = store::questions(tx, Some(occasion), given_on).await?;
            let questions: Vec<Question> = rows
                .iter()
                .map(|row| Question {
                    code: row.code.clone(),
                    kind: row.kind,
                    positive_from: row.positive_from,
                    asked_of: row.asked_of.clone(),
                })
                .collect();
            let mut mistakes = Mistakes::by(&rules, now);
            check_giver(&form, &setting, given_on, &mut mistakes);
            domain::check(&form.answers, form.giver, &questions, &mut mistakes);
            mistakes.refuse()?;
            if !setting.ended {
                return Err(Problem::conflict("it has not ended yet: feedback is asked for at the end").into());
            }
            let key = giver_key(&form);
            if store::has_given(tx, about, &key).await? {
                return Err(Problem::conflict("they have given their feedback already").into());
            }
            let of = form.giver.as_str();
            let asked: Vec<(&Question, &str, Option<&FeedbackAnswer>)> = questions
                .iter()
                .zip(&rows)
                .filter(|(question, _)| question.asked_of.iter().any(|one| one == of))
                .map(|(question, row)| {
                    let answer = form.answers.iter().find(|answer| answer.question.as_str() == question.code);
                    (question, row.text.as_str(), answer)
                })
                .collect();
            let id = FeedbackId::new();
            let new = NewFeedback {
                id,
                occasion,
                giver: of,
                person_id: form.person_id.map(|person| person.0),
                name: form.name.as_deref(),
                agency: form.agency.as_ref().map(|agency| agency.as_str()),
                giver_key: &key,
                via: form.via.as_str(),
                given_on,
            };
            store::insert(tx, &setting, &new, &asked, actor, now).await?;
            let told: Vec<(&Question, Option<&FeedbackAnswer>)> =
                asked.iter().map(|(question, _, answer)| (*question, *answer)).collect();
            tx.publish(event::given(id, occasion, &setting, (of, form.via.as_str(), given_on), &told));
            let view = read::view(store::show(tx, id).await?)?;
            Ok(Done::created(format!("/v1/feedback/{id}"), 1, view))
        })
        .await?;
    let again = async |stored: &shared::service::Stored| read::show(service, actor, FeedbackId(stored.id()?)).await;
    written.respond("feedback", again).await
}

/// Give feedback on a case
///
/// At its closure, by the team that had it, for somebody of the family or a professional: once each.
#[utoipa::path(operation_id = "give_case_feedback", tag = "feedback", request_body = FeedbackForm,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = FeedbackView)))]
#[post("/v1/cases/{id}/feedback")]
pub(super) async fn give_case_feedback(
    service: Data<Service>,
    command: Command<FeedbackForm>,
    id: Path<crate::family::CaseId>,
) -> Result<HttpResponse, Problem> {
    give(&service, &command, FeedbackOccasion::CaseClosure, id.0).await
}

/// Give feedback on a group
///
/// When somebody's time in it has ended, by the team that ran it: once each.
#[utoipa::path(operation_id = "give_group_feedback", tag = "feedback", request_body = FeedbackForm,
    params(("id" = uuid::Uuid, Path, description = "The enrolment's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = FeedbackView)))]
#[post("/v1/group-enrolments/{id}/feedback")]
pub(super) async fn give_group_feedback(
    service: Data<Service>,
    command: Command<FeedbackForm>,
    id: Path<AboutId>,
) -> Result<HttpResponse, Problem> {
    give(&service, &command, FeedbackOccasion::GroupEnd, id.0).await
}

/// Give feedback on a brief intervention
///
/// When it is closed, by the team that did it, for somebody it was with or a professional: once each.
#[utoipa::path(operation_id = "give_brief_feedback", tag = "feedback", request_body = FeedbackForm,
    params(("id" = uuid::Uuid, Path, description = "The brief intervention's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = FeedbackView)))]
#[post("/v1/brief-interventions/{id}/feedback")]
pub(super) async fn give_brief_feedback(
    service: Data<Service>,
    command: Command<FeedbackForm>,
    id: Path<AboutId>,
) -> Result<HttpResponse, Problem> {
    give(&service, &command, FeedbackOccasion::BriefIntervention, id.0).await
}

//! Enrolling somebody.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use diesel_async::AsyncPgConnection;
use serde::Deserialize;
use shared::access::{self, View};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::mistakes::Mistakes;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{grant, read, teams, within_its_days};
use crate::family::{self, CaseId, FamilyId};
use crate::group::domain::{GroupEnrolmentId, GroupEnrolmentStatus, GroupId};
use crate::group::event;
use crate::group::store::{self, Group, NewEnrolment};
use crate::group::view::GroupEnrolmentView;
use crate::people::{self, Whom};
use crate::policy;
use crate::referral::domain::ReferralId;

/// Somebody to be enrolled in a group. Name at most one of the case, the family and the referral; none of
/// them for somebody who is just in contact with the service.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "person": { "given_name": "Willow", "family_name": "Invented", "birth_date": "1991-04-02" },
    "case_id": "01a20158-d2bb-77a5-a866-0a226963a91e",
    "note": "Comes with the baby; would rather sit near the door."
}))]
pub struct GroupEnrolmentForm {
    /// Who it is.
    pub person: Whom,
    /// The open case of their family that it is part of.
    pub case_id: Option<CaseId>,
    /// Their family, where there is no case of it.
    pub family_id: Option<FamilyId>,
    /// The referral they came by, where there is no family of it yet.
    pub referral_id: Option<ReferralId>,
    /// From which day they have their place, if there is one: today, or the group's first day if that is
    /// still to come, unless you say otherwise.
    pub from: Option<NaiveDate>,
    /// What whoever runs the group should know.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: Option<String>,
}

/// How the service came to know somebody.
struct Basis {
    basis: &'static str,
    referral: Option<ReferralId>,
    family: Option<FamilyId>,
    case: Option<CaseId>,
    /// Everyone it may be, with where in the body that was said; anyone, for a person in contact.
    people: Option<Vec<Uuid>>,
}

fn unknown(at: &str, what: &str) -> Problem {
    Problem::invalid(vec![FieldError::at(at, "unknown", format!("is no {what} that you see whole"))])
}

/// What the form names, as far as the caller sees it whole.
async fn basis(connection: &mut AsyncPgConnection, form: &GroupEnrolmentForm) -> Result<Basis, Problem> {
    if let Some(id) = form.case_id {
        let case = family::case_whole(connection, id).await.map_err(|problem| match problem.status() {
            403 | 404 => unknown("/case_id", "case"),
            _ => problem,
        })?;
        if case.closed_at.is_some() {
            return Err(Problem::invalid(vec![FieldError::at("/case_id", "closed", "is a case that has ended")]));
        }
        let people = store::people_of_family(connection, case.family_id).await?;
        return Ok(Basis {
            basis: "case",
            referral: case.referral_id.map(ReferralId),
            family: Some(case.family_id),
            case: Some(id),
            people: Some(people),
        });
    }
    if let Some(id) = form.family_id {
        let people = store::people_of_family(connection, id).await?;
        if people.is_empty() {
            return Err(unknown("/family_id", "family"));
        }
        return Ok(Basis { basis: "family", referral: None, family: Some(id), case: None, people: Some(people) });
    }
    if let Some(id) = form.referral_id {
        let people = store::people_of_referral(connection, id).await?;
        if people.is_empty() {
            return Err(unknown("/referral_id", "referral"));
        }
        return Ok(Basis { basis: "referral", referral: Some(id), family: None, case: None, people: Some(people) });
    }
    Ok(Basis { basis: "contact", referral: None, family: None, case: None, people: None })
}

fn check(form: &GroupEnrolmentForm, group: &Group, mistakes: &mut Mistakes<'_>) {
    form.person.check("/person", mistakes);
    let named = [
        (form.case_id.is_some(), "/case_id"),
        (form.family_id.is_some(), "/family_id"),
        (form.referral_id.is_some(), "/referral_id"),
    ];
    for (_, at) in named.iter().filter(|(given, _)| *given).skip(1) {
        mistakes.add(*at, "both_ways", "is named beside another: name the case, the family or the referral");
    }
    if let Some(from) = form.from {
        within_its_days(group, from, "/from", mistakes);
    }
}

/// Enrol somebody in a group
///
/// For the team that runs it and the teams it is open to. Whoever is enrolled when it is full waits, and is
/// given a place by the team that runs it. Whoever works with the family sees the enrolment too.
#[utoipa::path(operation_id = "enrol_in_group", tag = "groups", request_body = GroupEnrolmentForm,
    params(("id" = uuid::Uuid, Path, description = "The group's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = GroupEnrolmentView)))]
#[post("/v1/groups/{id}/enrolments")]
pub(super) async fn enrol_in_group(
    service: Data<Service>,
    command: Command<GroupEnrolmentForm>,
    id: Path<GroupId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::ENROL_IN_GROUP, async |tx| {
            tx.entry.record = Some(id.0);
            let mut group = store::for_change(tx, id).await?;
            access::require_capacity(tx, actor, id.0, &["team", "user"]).await?;
            tx.proceed(None).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let mut mistakes = Mistakes::by(&rules, now);
            check(&form, &group, &mut mistakes);
            mistakes.refuse()?;
            group.status()?.must_be_open()?;
            let basis = basis(tx, &form).await?;
            let person = people::identify(tx, &form.person, "/person", now).await?;
            if basis.people.as_ref().is_some_and(|people| !people.contains(&person.id.0)) {
                let detail = format!("is nobody of that {}", basis.basis);
                return Err(Problem::invalid(vec![FieldError::at("/person", "not_of_it", detail)]).into());
            }
            if store::is_enrolled(tx, id, person.id).await? {
                return Err(Problem::conflict("they are enrolled in this group already").into());
            }
            let from = form.from.unwrap_or_else(|| now.local_day().max(group.first_day));
            let status = if group.has_room() { GroupEnrolmentStatus::Enrolled } else { GroupEnrolmentStatus::Waiting };
            let enrolment = GroupEnrolmentId::new();
            let new = NewEnrolment {
                id: enrolment,
                person: &person,
                basis: basis.basis,
                referral_id: basis.referral,
                family_id: basis.family,
                case_id: basis.case,
                status,
                placed_on: (status == GroupEnrolmentStatus::Enrolled).then_some(from),
                note: form.note.as_deref(),
            };
            store::insert_enrolment(tx, &group, &new, actor, now).await?;
            match status {
                GroupEnrolmentStatus::Waiting => group.waiting += 1,
                _ => group.taken += 1,
            }
            group.changed(tx).await?;
            tx.publish(event::enrolled(&group, &new, now));
            let scopes = seen_by(tx, id, basis.family, actor).await?;
            let grants: Vec<_> = scopes
                .into_iter()
                .map(|scope| grant(enrolment, "group_enrolment", (scope, View::Full), status.state(), now))
                .collect();
            access::grant(tx, &grants).await?;
            tx.entry.people.push(person.id.0);
            let view = GroupEnrolmentView::of(store::show_enrolment(tx, enrolment).await?)?;
            // The last thing: what restricts the person restricts the enrolment from here on.
            access::subjects(tx, &[(enrolment.0, person.id.0)]).await?;
            people::show_to_holders(tx, enrolment.0).await?;
            Ok(Done::created(format!("/v1/group-enrolments/{enrolment}"), 1, view))
        })
        .await?;
    let again = async |stored: &shared::service::Stored| {
        Ok(read::show_enrolment(&service, actor, GroupEnrolmentId(stored.id()?)).await?.1)
    };
    written.respond("enrolment", again).await
}

/// Who sees an enrolment: whoever runs the group, the enrolling team, First Response, and whoever has the
/// family whole.
async fn seen_by(
    connection: &mut AsyncPgConnection,
    group: GroupId,
    family: Option<FamilyId>,
    actor: &Actor,
) -> Result<Vec<String>, Problem> {
    let mut scopes = store::holders(connection, group).await?;
    scopes.extend(teams(actor));
    scopes.push("front-door".to_owned());
    if let Some(family) = family {
        scopes.extend(family::holders(connection, family).await?);
    }
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes)
}

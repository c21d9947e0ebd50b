//! Reading groups and enrolments.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use shared::actor::{Actor, Word};
use shared::id::PersonId;
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::service::{Read, Service, found};

use crate::group::domain::{GroupEnrolmentId, GroupId, GroupStatus};
use crate::group::store::{self, EnrolmentsOf};
use crate::group::view::{GroupEnrolmentView, GroupLine, GroupView};
use crate::people;
use crate::policy;

/// List groups
///
/// Those you may see, newest first: for a team its own and those open to it; for a hub those of its
/// district; for First Response all.
#[utoipa::path(operation_id = "list_groups", tag = "groups",
    params(("status" = Option<GroupStatus>, Query, description = "Only those that stand here"),
           ("programme" = Option<String>, Query, description = "Only those of this programme"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<GroupLine>)))]
#[get("/v1/groups")]
pub(super) async fn list_groups(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_GROUP, async |tx| {
            policy::READ_GROUP.require(&actor)?;
            let mut query = Query::of(&request);
            let status = query.optional::<GroupStatus>("status", "planned, running, finished or cancelled");
            let programme = query.optional::<Word>("programme", "a programme, such as living-with-teenagers");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let wanted = (status, programme.as_ref().map(|programme| programme.as_str()));
            let rows = store::list(tx, &actor.scopes(), wanted, cursor, limit).await?;
            let key = |row: &store::GroupListed| Cursor { sort_at: row.sort_at, id: row.id };
            let page = Page::from_rows(rows, limit, key, GroupLine::of);
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a group
///
/// Its team and its facilitators see how it is run; others that it runs, its sessions and its places.
#[utoipa::path(operation_id = "read_group", tag = "groups",
    params(("id" = uuid::Uuid, Path, description = "The group's id")),
    responses((status = 200, body = GroupView)))]
#[get("/v1/groups/{id}")]
pub(super) async fn read_group(
    service: Data<Service>,
    actor: Actor,
    id: Path<GroupId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "group", &view))
}

/// A group as the actor sees it, with its version.
pub(super) async fn show(service: &Service, actor: &Actor, id: GroupId) -> Result<(i64, GroupView), Problem> {
    service
        .read(actor, &policy::READ_GROUP, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::show(tx, id).await?;
            policy::READ_GROUP.require(actor)?;
            Ok((row.version, GroupView::of(row)?))
        })
        .await
}

/// List a group's enrolments
///
/// Those you may see, newest first, each with its attendance: its team sees all, another team its own.
#[utoipa::path(operation_id = "list_group_enrolments", tag = "groups",
    params(("id" = uuid::Uuid, Path, description = "The group's id"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<GroupEnrolmentView>)))]
#[get("/v1/groups/{id}/enrolments")]
pub(super) async fn list_group_enrolments(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    id: Path<GroupId>,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_ENROLMENT, async |tx| {
            tx.entry.record = Some(id.0);
            store::show(tx, *id).await?;
            policy::READ_ENROLMENT.require(&actor)?;
            page_of_enrolments(tx, EnrolmentsOf::Group(*id), &request).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// The page that a request asks for.
async fn page_of_enrolments(
    tx: &mut Read,
    of: EnrolmentsOf,
    request: &HttpRequest,
) -> Result<Page<GroupEnrolmentView>, Problem> {
    let mut query = Query::of(request);
    let (limit, cursor) = (query.limit(), query.cursor());
    query.finish()?;
    let rows = store::enrolments(tx, of, cursor, limit).await?;
    let key = |row: &store::EnrolmentShown| Cursor { sort_at: row.enrolled_at, id: row.id };
    let page = Page::from_rows(rows, limit, key, GroupEnrolmentView::of);
    let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
    tx.entry.records = items.iter().map(|item| item.id.0).collect();
    Ok(Page { items, next: page.next })
}

/// List a person's enrolments in groups
///
/// What they are and were enrolled in, newest first, each with its attendance: of a child or a parent you see,
/// and of their enrolments those that you see.
#[utoipa::path(operation_id = "list_person_group_enrolments", tag = "groups",
    params(("id" = uuid::Uuid, Path, description = "The person's id in the index"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<GroupEnrolmentView>)))]
#[get("/v1/people/{id}/group-enrolments")]
pub(super) async fn list_person_group_enrolments(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    id: Path<PersonId>,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_ENROLMENT, async |tx| {
            tx.entry.record = Some(id.0);
            people::find(tx, *id).await?;
            policy::READ_ENROLMENT.require(&actor)?;
            tx.entry.people.push(id.0);
            page_of_enrolments(tx, EnrolmentsOf::Person(*id), &request).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read an enrolment
///
/// With what every register said of them, and what was corrected. For the team that runs the group,
/// whoever enrolled them, First Response, and whoever works with their family.
#[utoipa::path(operation_id = "read_group_enrolment", tag = "groups",
    params(("id" = uuid::Uuid, Path, description = "The enrolment's id")),
    responses((status = 200, body = GroupEnrolmentView)))]
#[get("/v1/group-enrolments/{id}")]
pub(super) async fn read_group_enrolment(
    service: Data<Service>,
    actor: Actor,
    id: Path<GroupEnrolmentId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show_enrolment(&service, &actor, *id).await?;
    Ok(found(version, "enrolment", &view))
}

/// An enrolment as the actor sees it, with its version.
pub(super) async fn show_enrolment(
    service: &Service,
    actor: &Actor,
    id: GroupEnrolmentId,
) -> Result<(i64, GroupEnrolmentView), Problem> {
    service
        .read(actor, &policy::READ_ENROLMENT, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::show_enrolment(tx, id).await?;
            policy::READ_ENROLMENT.require(actor)?;
            tx.entry.records.push(id.0);
            Ok((row.version, GroupEnrolmentView::of(row)?))
        })
        .await
}

//! Forming a family, finding and reading it.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::access::{self, Grant, View};
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::events::Event;
use shared::page::{Cursor, Page};
use shared::problem::{self, FieldError, Problem};
use shared::query::Query;
use shared::reference;
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::forming::{First, Found, from_allocation, from_people};
use super::member::alert_of_two_homes;
use super::show_family;
use crate::family::domain::household::Tie;
use crate::family::domain::told::Place;
use crate::family::domain::{FamilyId, FamilyState, MemberRole};
use crate::family::event::household;
use crate::family::store::family::{self, Family};
use crate::family::store::household::{Address, Relationship, begin};
use crate::family::store::member::{NewMember, add_members, main_elsewhere, members};
use crate::family::store::{list, scope};
use crate::family::view::{FamilyView, Shown, family_view};
use crate::policy;
use crate::referral::offer::AllocationId;

/// Routes of the family itself.
pub fn routes(config: &mut ServiceConfig) {
    config.service(form_family).service(list_families).service(read_family);
}

/// A family to be formed: from an accepted allocation, or from people.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "allocation_id": "01a20158-d2bb-77a5-a866-0a226963a91e" }))]
pub struct FamilyForm {
    /// An allocation your team has accepted: the people its referral names are the first members,
    /// as what the referrer said they are, with the households, addresses and relationships it tells.
    pub allocation_id: Option<AllocationId>,
    /// The first members, where there is no allocation.
    #[schema(min_items = 1, max_items = 30)]
    pub people: Option<Vec<FirstMember>>,
    /// What the family is called; the first child's family name if left out.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// The district it lives in, a code of the set `locality`; the referral's if left out.
    pub locality: Option<Word>,
    /// Say `true` if a child of this family mainly lives in another family you see: this is then
    /// the child's second household.
    pub second_household: Option<bool>,
}

/// Someone who belongs to the family.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstMember {
    /// The person, whom you see in the index (`POST /v1/people` adds one).
    pub person_id: Uuid,
    /// What they are in the family.
    pub role: MemberRole,
}

/// Form a family
///
/// From an allocation your team has accepted, or from people you see. What the referral tells of households, addresses
/// and relationships is the family's from today on; nobody types it again. If another service formed
/// the family of the same referral already, that family is the answer, opened to your team.
/// Refused (409) if the children mainly live in a family you see: open the case there, or say
/// `second_household`.
#[utoipa::path(operation_id = "form_family", tag = "families", request_body = FamilyForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = FamilyView)))]
#[post("/v1/families")]
async fn form_family(service: Data<Service>, command: Command<FamilyForm>) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::FORM_FAMILY, async |tx| {
            tx.proceed(None).await?;
            let body = command.body()?;
            let rules = service.rules();
            let today = tx.now().local_day();
            if let Some(code) = &body.locality
                && !rules.has_code("locality", code.as_str(), today)
            {
                let error =
                    FieldError::at("/locality", "unknown_code", "is no district; GET /v1/codes/locality lists them");
                return Err(Problem::invalid(vec![error]).into());
            }
            let first = match (&body.allocation_id, &body.people) {
                (Some(allocation), None) => from_allocation(tx, &command.actor, *allocation).await?,
                (None, Some(people)) => First::People(Box::new(from_people(tx, &command.actor, people, today).await?)),
                _ => {
                    let wrong = "say either the allocation or the people";
                    return Err(Problem::invalid(vec![FieldError::at("/allocation_id", "does_not_fit", wrong)]).into());
                }
            };
            match first {
                First::There(id) => {
                    tx.entry.record = Some(id.0);
                    tx.entry.records.push(id.0);
                    let row = family::seen(tx, id).await?;
                    let version = row.version;
                    let view = family_view(tx, row, Shown::On(today)).await?;
                    Ok(Done::created(format!("/v1/families/{id}"), version, view))
                }
                First::People(found) => formed(tx, &body, *found).await,
            }
        })
        .await?;
    written
        .respond("full", async |stored| {
            Ok(show_family(&service, &command.actor, FamilyId(stored.id()?), None).await?.1)
        })
        .await
}

async fn formed(tx: &mut Write<'_, FamilyForm>, body: &FamilyForm, of: Found) -> Result<Done<FamilyView>, Stop> {
    let now = tx.now();
    let today = now.local_day();
    let people: Vec<Uuid> = of.told.members.iter().map(|one| one.person).collect();
    let elsewhere = main_elsewhere(tx, &people, None).await?;
    let elsewhere: Vec<_> =
        elsewhere.into_iter().filter(|one| one.from_date <= today && one.to_date.is_none_or(|to| today < to)).collect();
    let second = body.second_household.unwrap_or(false);
    // Who does not live in this household may well live mainly elsewhere.
    let here = |person: Uuid| of.told.members.iter().any(|one| one.person == person && one.in_household);
    if let Some(there) = elsewhere.iter().find(|one| !second && here(one.person_id)) {
        let detail = format!(
            "someone of this family mainly lives in family {}: open the case there, or say second_household",
            there.reference
        );
        return Err(Problem::new(problem::DUPLICATE).detail(detail).into());
    }
    let locality = body.locality.as_ref().map(|code| code.as_str().to_owned());
    let family = Family {
        id: FamilyId::new(),
        reference: reference::random('F'),
        locality: locality.or_else(|| of.referral.as_ref().and_then(|referral| referral.locality.clone())),
        formed_at: now,
        version: 1,
    };
    let id = family.id;
    let name = body.name.clone().or(of.name).unwrap_or_else(|| family.reference.clone());
    family::insert(tx, &family, &name).await?;
    let rows: Vec<NewMember> = of
        .told
        .members
        .iter()
        .map(|one| NewMember {
            id: Uuid::now_v7(),
            family_id: id,
            person_id: one.person,
            role: one.role.as_str(),
            unborn: false,
            expected_on: None,
            main_household: one.in_household && !elsewhere.iter().any(|other| other.person_id == one.person),
            in_household: one.in_household,
            from_date: today,
            to_date: None,
            ended_because: None,
        })
        .collect();
    add_members(tx, &rows).await?;
    begin(tx, &addresses_of(id, of.told.addresses, today), &relationships_of(id, &of.told.ties)).await?;
    let mut grants: Vec<Grant> =
        of.scopes.iter().flat_map(|scope| scope::grants_for_team(&family, scope, "known", &people)).collect();
    grants.extend(scope::grants_for_team(&family, "front-door", "known", &[]));
    grants.extend(family.locality.iter().map(|locality| Grant {
        record: id.0,
        kind: "family",
        scope: format!("hub:{locality}"),
        view: View::Involvement,
        state: "known",
        sort_at: now,
    }));
    access::grant(tx, &grants).await?;
    if let Some(referral) = &of.referral {
        family::link(tx, id, referral.id).await?;
    }
    tx.entry.record = Some(id.0);
    tx.entry.people.extend(&people);
    let mainly: Vec<Uuid> = rows.iter().filter(|row| row.main_household).map(|row| row.person_id).collect();
    alert_of_two_homes(tx, &family, &mainly, (today, None)).await?;
    let counted = household(&members(tx, id, today).await?, today);
    tx.publish(Event::new(
        "family.formed.v1",
        id,
        json!({ "family_id": id, "referral_id": of.referral.as_ref().map(|referral| referral.id), "locality": family.locality,
            "formed_at": now, "person_ids": counted.person_ids, "children": counted.children, "under_5": counted.under_5 }),
    ));
    let view = family_view(tx, family, Shown::On(today)).await?;
    scope::subjects(tx, id, &people).await?;
    Ok(Done::created(format!("/v1/families/{id}"), 1, view))
}

/// The addresses it begins with, from a day on.
fn addresses_of(family: FamilyId, told: Vec<(bool, Place)>, from: NaiveDate) -> Vec<Address> {
    let row = |(main, place): (bool, Place)| Address {
        id: Uuid::now_v7(),
        family_id: family,
        main,
        address: place.address,
        postcode: place.postcode,
        tenure: None,
        from_date: from,
        to_date: None,
    };
    told.into_iter().map(row).collect()
}

/// The relationships it begins with; since when they are so, nobody said.
fn relationships_of(family: FamilyId, told: &[Tie]) -> Vec<Relationship> {
    let row = |tie: &Tie| Relationship {
        id: Uuid::now_v7(),
        family_id: family,
        person_id: tie.person,
        kind: tie.kind.as_str().to_owned(),
        other_id: tie.other,
        from_date: tie.from,
        to_date: tie.to,
    };
    told.iter().map(row).collect()
}

/// A family on a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct FamilyLine {
    /// Its id.
    pub id: FamilyId,
    /// The reference to read out.
    pub reference: String,
    /// What it is called (working team only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The district it lives in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// When it was formed.
    pub formed_at: DateTime<Utc>,
    /// Whether a service works with it now.
    pub state: FamilyState,
}

/// List families
///
/// Those your team works or has worked with, those of your hub's district, or for First Response
/// all; newest first.
#[utoipa::path(operation_id = "list_families", tag = "families",
    params(("state" = Option<FamilyState>, Query, description = "Only those a service works with now (`open`), or none (`known`)"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<FamilyLine>)))]
#[get("/v1/families")]
async fn list_families(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_FAMILY, async |tx| {
            policy::READ_FAMILY.require(&actor)?;
            let mut query = Query::of(&request);
            let state = query.optional::<FamilyState>("state", "open or known");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = list::families(tx, &actor.scopes(), state.map(FamilyState::as_str), cursor, limit).await?;
            let line = |row: list::FamilyRow| {
                Ok(FamilyLine {
                    id: FamilyId(row.id),
                    reference: row.reference,
                    name: row.name,
                    locality: row.locality,
                    formed_at: row.formed_at,
                    state: row.state.parse().map_err(|()| Problem::internal(&"unknown state of a family"))?,
                })
            };
            let page = Page::from_rows(rows, limit, |row| Cursor { sort_at: row.formed_at, id: row.id }, line);
            let items = page.items.into_iter().collect::<Result<Vec<_>, Problem>>()?;
            tx.entry.records = items.iter().map(|item| item.id.0).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a family
///
/// Who belongs to it, their relationships, where they live and who is helping: today, on another
/// day (`as_of`), or all there ever was (`past`). The hub of the district reads who is helping.
/// The ETag is its version: send it as `If-Match` with whatever you change of the family next.
#[utoipa::path(operation_id = "read_family", tag = "families",
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("as_of" = Option<NaiveDate>, Query, description = "The day; today unless asked otherwise"),
           ("past" = Option<bool>, Query, description = "`true`: also who no longer belongs to it, and former addresses")),
    responses((status = 200, body = FamilyView)))]
#[get("/v1/families/{id}")]
async fn read_family(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    id: Path<FamilyId>,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let as_of = query.optional::<NaiveDate>("as_of", "a day such as 2026-11-22");
    let past = query.optional::<bool>("past", "true or false").unwrap_or(false);
    query.finish()?;
    let shown = if past { Some(Shown::Ever) } else { as_of.map(Shown::On) };
    let (version, view) = show_family(&service, &actor, *id, shown).await?;
    Ok(found(version, &view.view, &view))
}

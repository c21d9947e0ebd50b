//! `/open-referral`.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use diesel_async::AsyncPgConnection;
use shared::auth::Verifier;
use shared::problem::{Problem, ProblemDocument};
use shared::query::Query;
use shared::service::Service;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::asked::{Number, Paging, Parameters, PostcodeText};
use super::domain::TaxonomySet;
use super::shape::{
    OpenReferralFeed, OpenReferralPage, OpenReferralService, OpenReferralServiceAtLocation, OpenReferralTaxonomy,
    OpenReferralTaxonomyTerm,
};
use super::store::{self, Asked, Hits};
use super::turning::{self, Turning};
use crate::directory::organisation::OrganisationView;
use crate::directory::service;
use crate::directory::service::view::ServiceView;

/// The version of the standard and its profile.
const VERSION: &str = "HSDS-UK-3.0";
/// Where the profile is told.
const PROFILE: &str = "https://open-referral-uk-profile.readthedocs.io/en/latest/";
/// Beyond this nobody is.
const FARTHEST_METRES: f64 = 1_000_000.0;

/// This part's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(get_open_referral_feed)
        .service(list_open_referral_services)
        .service(get_open_referral_service)
        .service(list_open_referral_taxonomies)
        .service(get_open_referral_taxonomy)
        .service(list_open_referral_taxonomy_terms)
        .service(get_open_referral_taxonomy_term)
        .service(list_open_referral_at_locations)
        .service(get_open_referral_at_location)
        // The standard's own root ends with a slash.
        .route("/open-referral/", web::get().to(root));
}

/// The public address of the feed.
fn address(request: &HttpRequest) -> String {
    let issuer = request.app_data::<Data<Arc<Verifier>>>().map(|verifier| verifier.issuer().to_owned());
    format!("{}/open-referral", issuer.unwrap_or_default())
}

/// What this feed is
#[utoipa::path(operation_id = "get_open_referral_feed", tag = "open referral", security(()),
    responses((status = 200, body = OpenReferralFeed)))]
#[get("/open-referral")]
async fn get_open_referral_feed(request: HttpRequest) -> HttpResponse {
    root(request).await
}

async fn root(request: HttpRequest) -> HttpResponse {
    let openapi_url = address(&request).replace("/open-referral", "/openapi.json");
    HttpResponse::Ok().json(OpenReferralFeed { version: VERSION, profile: PROFILE, openapi_url })
}

/// List published services
///
/// Open Referral UK 3.0. Pages by number; without the parts a service may have several of. All that is asked holds at once.
#[utoipa::path(operation_id = "list_open_referral_services", tag = "open referral", security(()),
    params(("search" = Option<String>, Query, description = "Every one of these words, in names and descriptions"),
           ("page" = Option<i64>, Query, description = "The number of the page, from 1"),
           ("per_page" = Option<i64>, Query, description = "1 to 100 a page; 50 unless asked otherwise"),
           ("taxonomy_term_id" = Option<Uuid>, Query, description = "That have this term"),
           ("taxonomy_id" = Option<Uuid>, Query, description = "That have any term of this taxonomy"),
           ("minimum_age" = Option<f64>, Query, description = "Whose minimum age is at least this"),
           ("maximum_age" = Option<f64>, Query, description = "Whose maximum age is at most this"),
           ("start_time" = Option<String>, Query, description = "That open at this time or later"),
           ("end_time" = Option<String>, Query, description = "That close at this time or earlier"),
           ("day" = Option<String>, Query, description = "That are offered on this day: `MO`, or `Monday`"),
           ("modified_after" = Option<chrono::DateTime<chrono::Utc>>, Query, description = "That were changed then or later"),
           ("organization_id" = Option<Uuid>, Query, description = "That this organisation offers")),
    responses((status = 200, body = OpenReferralPage<OpenReferralService>), (status = 400, body = ProblemDocument)))]
#[get("/open-referral/services")]
async fn list_open_referral_services(service: Data<Service>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let paging = Paging::of(&mut query);
    let mut parameters = Parameters::of(&mut query);
    parameters.asked.modified_after = query.optional("modified_after", "an instant such as 2026-11-22T09:30:00Z");
    parameters.asked.organisation = query.optional("organization_id", "the id of an organisation");
    query.finish()?;
    let mut connection = store::connection(&service).await?;
    let taxonomies = store::taxonomies(&mut connection).await?;
    let hits = match parameters.resolved(&taxonomies) {
        Some(asked) => store::services(&mut connection, &asked, paging.offset(), paging.per_page).await?,
        None => Hits { total: 0, ids: Vec::new() },
    };
    let found = whole(&mut connection, &hits.ids).await?;
    let feed = address(&request);
    let turning = Turning { feed: &feed, now: service.now(), taxonomies: &taxonomies };
    let contents = found.iter().map(|(view, organisation)| turning.listed(view, organisation)).collect();
    Ok(HttpResponse::Ok().json(OpenReferralPage::of(contents, hits.total, paging.page, paging.per_page)))
}

/// Services with their organisations, in the order of their ids.
async fn whole(
    connection: &mut AsyncPgConnection,
    ids: &[Uuid],
) -> Result<Vec<(ServiceView, OrganisationView)>, Problem> {
    let views = service::store::several(connection, ids).await?;
    let organisations: Vec<Uuid> = views.iter().map(|view| view.organisation.id.0).collect();
    let organisations = store::organisations(connection, &organisations).await?;
    let pair = |view: ServiceView| {
        let organisation = organisations.get(&view.organisation.id.0)?.clone();
        Some((view, organisation))
    };
    Ok(views.into_iter().filter_map(pair).collect())
}

/// Read a published service
///
/// With everything that belongs to it.
#[utoipa::path(operation_id = "get_open_referral_service", tag = "open referral", security(()),
    params(("id" = Uuid, Path, description = "The service's id")),
    responses((status = 200, body = OpenReferralService), (status = 400, body = ProblemDocument), (status = 404, body = ProblemDocument)))]
#[get("/open-referral/services/{id}")]
async fn get_open_referral_service(
    service: Data<Service>,
    request: HttpRequest,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let mut connection = store::connection(&service).await?;
    let taxonomies = store::taxonomies(&mut connection).await?;
    let found = whole(&mut connection, &[*id]).await?;
    let (view, organisation) = found.first().ok_or_else(Problem::not_found)?;
    let feed = address(&request);
    let turning = Turning { feed: &feed, now: service.now(), taxonomies: &taxonomies };
    Ok(HttpResponse::Ok().json(turning.whole(view, organisation)))
}

/// List the feed's taxonomies
#[utoipa::path(operation_id = "list_open_referral_taxonomies", tag = "open referral", security(()),
    params(("page" = Option<i64>, Query, description = "The number of the page, from 1"),
           ("per_page" = Option<i64>, Query, description = "1 to 100 a page; 50 unless asked otherwise")),
    responses((status = 200, body = OpenReferralPage<OpenReferralTaxonomy>), (status = 400, body = ProblemDocument)))]
#[get("/open-referral/taxonomies")]
async fn list_open_referral_taxonomies(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let paging = Paging::of(&mut query);
    query.finish()?;
    let all = TaxonomySet::ALL.into_iter().map(|set| turning::taxonomy(set, None)).collect();
    Ok(HttpResponse::Ok().json(paging.of_all(all)))
}

/// Read one of the feed's taxonomies
///
/// With its terms.
#[utoipa::path(operation_id = "get_open_referral_taxonomy", tag = "open referral", security(()),
    params(("id" = Uuid, Path, description = "The taxonomy's id")),
    responses((status = 200, body = OpenReferralTaxonomy), (status = 400, body = ProblemDocument), (status = 404, body = ProblemDocument)))]
#[get("/open-referral/taxonomies/{id}")]
async fn get_open_referral_taxonomy(
    service: Data<Service>,
    request: HttpRequest,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let set = TaxonomySet::ALL.into_iter().find(|set| set.id() == *id).ok_or_else(Problem::not_found)?;
    let taxonomies = store::taxonomies(&mut *store::connection(&service).await?).await?;
    Ok(HttpResponse::Ok().json(turning::taxonomy(set, Some(&taxonomies))))
}

/// List the terms of the feed's taxonomies
#[utoipa::path(operation_id = "list_open_referral_taxonomy_terms", tag = "open referral", security(()),
    params(("page" = Option<i64>, Query, description = "The number of the page, from 1"),
           ("per_page" = Option<i64>, Query, description = "1 to 100 a page; 50 unless asked otherwise")),
    responses((status = 200, body = OpenReferralPage<OpenReferralTaxonomyTerm>), (status = 400, body = ProblemDocument)))]
#[get("/open-referral/taxonomy_terms")]
async fn list_open_referral_taxonomy_terms(
    service: Data<Service>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let paging = Paging::of(&mut query);
    query.finish()?;
    let taxonomies = store::taxonomies(&mut *store::connection(&service).await?).await?;
    let terms = taxonomies.terms.iter().map(turning::taxonomy_term).collect();
    Ok(HttpResponse::Ok().json(paging.of_all(terms)))
}

/// Read a term of the feed's taxonomies
#[utoipa::path(operation_id = "get_open_referral_taxonomy_term", tag = "open referral", security(()),
    params(("id" = Uuid, Path, description = "The term's id")),
    responses((status = 200, body = OpenReferralTaxonomyTerm), (status = 400, body = ProblemDocument), (status = 404, body = ProblemDocument)))]
#[get("/open-referral/taxonomy_terms/{id}")]
async fn get_open_referral_taxonomy_term(
    service: Data<Service>,
    request: HttpRequest,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let taxonomies = store::taxonomies(&mut *store::connection(&service).await?).await?;
    let term = taxonomies.by_id(*id).ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(turning::taxonomy_term(term)))
}

/// List published services at their places
///
/// Each service once for each place where it is offered. `postcode` narrows to services of its district;
/// with `proximity` also to places within so many metres of its middle, as nearly as that is known.
#[utoipa::path(operation_id = "list_open_referral_at_locations", tag = "open referral", security(()),
    params(("search" = Option<String>, Query, description = "Every one of these words, in names and descriptions"),
           ("page" = Option<i64>, Query, description = "The number of the page, from 1"),
           ("per_page" = Option<i64>, Query, description = "1 to 100 a page; 50 unless asked otherwise"),
           ("taxonomy_term_id" = Option<Uuid>, Query, description = "That have this term"),
           ("taxonomy_id" = Option<Uuid>, Query, description = "That have any term of this taxonomy"),
           ("minimum_age" = Option<f64>, Query, description = "Whose minimum age is at least this"),
           ("maximum_age" = Option<f64>, Query, description = "Whose maximum age is at most this"),
           ("start_time" = Option<String>, Query, description = "That open there at this time or later"),
           ("end_time" = Option<String>, Query, description = "That close there at this time or earlier"),
           ("day" = Option<String>, Query, description = "That are offered there on this day: `MO`, or `Monday`"),
           ("postcode" = Option<String>, Query, description = "That work where this postcode is: `LE11 3TU`, or `LE11`"),
           ("proximity" = Option<f64>, Query, description = "Within so many metres of the postcode")),
    responses((status = 200, body = OpenReferralPage<OpenReferralServiceAtLocation>), (status = 400, body = ProblemDocument)))]
#[get("/open-referral/service_at_locations")]
async fn list_open_referral_at_locations(
    service: Data<Service>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let paging = Paging::of(&mut query);
    let parameters = Parameters::of(&mut query);
    let postcode = query.optional::<PostcodeText>("postcode", "a postcode such as LE11 3TU");
    let metres = query.optional::<Number>("proximity", "a number of metres").map(|metres| metres.0);
    query.finish()?;
    if metres.is_some() && postcode.is_none() {
        return Err(Problem::parameter("postcode", "required", "is needed with proximity: near what?"));
    }
    let mut connection = store::connection(&service).await?;
    let taxonomies = store::taxonomies(&mut connection).await?;
    let mut asked = parameters.resolved(&taxonomies);
    if let Some(PostcodeText(outward, inward)) = postcode {
        // What is not of the county has no service of ours.
        let place = store::postcode(&mut connection, &outward, inward.as_deref()).await?;
        asked = asked.zip(place).map(|(asked, place)| Asked {
            near: metres.map(|metres| (place.point(), metres.min(FARTHEST_METRES))),
            localities: Some(place.localities),
            ..asked
        });
    }
    let hits = match asked {
        Some(asked) => store::at_locations(&mut connection, &asked, paging.offset(), paging.per_page).await?,
        None => Hits { total: 0, ids: Vec::new() },
    };
    let feed = address(&request);
    let turning = Turning { feed: &feed, now: service.now(), taxonomies: &taxonomies };
    let contents = at_places(&mut connection, &turning, &hits.ids, false).await?;
    Ok(HttpResponse::Ok().json(OpenReferralPage::of(contents, hits.total, paging.page, paging.per_page)))
}

async fn at_places(
    connection: &mut AsyncPgConnection,
    turning: &Turning<'_>,
    places: &[Uuid],
    alone: bool,
) -> Result<Vec<OpenReferralServiceAtLocation>, Problem> {
    let services = store::services_of(connection, places).await?;
    let ids: BTreeSet<Uuid> = services.values().copied().collect();
    let found = whole(connection, &ids.into_iter().collect::<Vec<_>>()).await?;
    let at = |place: &Uuid| {
        let service = services.get(place)?;
        let (view, organisation) = found.iter().find(|(view, _)| view.id.0 == *service)?;
        turning.at(*place, view, organisation, alone)
    };
    Ok(places.iter().filter_map(at).collect())
}

/// Read a published service at one of its places
///
/// With all there is to say of both.
#[utoipa::path(operation_id = "get_open_referral_at_location", tag = "open referral", security(()),
    params(("id" = Uuid, Path, description = "Its id")),
    responses((status = 200, body = OpenReferralServiceAtLocation), (status = 400, body = ProblemDocument), (status = 404, body = ProblemDocument)))]
#[get("/open-referral/service_at_locations/{id}")]
async fn get_open_referral_at_location(
    service: Data<Service>,
    request: HttpRequest,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let mut connection = store::connection(&service).await?;
    let taxonomies = store::taxonomies(&mut connection).await?;
    let feed = address(&request);
    let turning = Turning { feed: &feed, now: service.now(), taxonomies: &taxonomies };
    let found = at_places(&mut connection, &turning, &[*id], true).await?;
    let one = found.into_iter().next().ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(one))
}

//! The address, and asking the services.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use futures::future::join_all;
use shared::actor::Actor;
use shared::problem::{self, Problem};
use shared::telemetry::trace_id;
use shared::work::{Question, Running, Whose, WorkList};
use utoipa_actix_web::service_config::ServiceConfig;

use super::merge::{Part, merge};
use crate::proxy::Proxy;
use crate::route::Upstream;

/// The services that have a work list.
const WITH_WORK: [Upstream; 2] = [Upstream::Referral, Upstream::YouthJustice];

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_work);
}

/// List what is due
///
/// Every clock that runs on a record you work on, the earliest due first: what is overdue, then what
/// is at risk, in the last quarter of its time, then the rest. Yours, your team's or your district's; all of
/// them, unless you say. A service that does not answer is named in `missing`, and the others'
/// work is shown.
#[utoipa::path(operation_id = "list_work", tag = "work",
    params(("for" = inline(Option<Whose>), Query, description = "`me`: what you answer for yourself; `team`: your teams', your agency's, First Response's or information governance's; `district`: that of the hubs you sit on"),
           ("standing" = Option<Running>, Query, description = "Only what stands there"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = WorkList)))]
#[get("/v1/work")]
async fn list_work(actor: Actor, request: HttpRequest, proxy: Data<Proxy>) -> Result<HttpResponse, Problem> {
    let question = Question::of(&request)?;
    let query = request.query_string();
    let path = if query.is_empty() { "/v1/work".to_owned() } else { format!("/v1/work?{query}") };
    let trace = trace_id(&request);
    let asked = WITH_WORK.map(|service| ask(&proxy, service, &path, &actor, trace.as_deref()));
    let list = merge(join_all(asked).await, usize::try_from(question.limit).unwrap_or_default())?;
    Ok(HttpResponse::Ok().json(list))
}

async fn ask(proxy: &Proxy, service: Upstream, path: &str, actor: &Actor, trace: Option<&str>) -> Part {
    let answer = match proxy.ask(service, path, &actor.bearer, trace).await {
        Ok(answer) => answer,
        Err(_told) => return Part::Missing(service.name()),
    };
    match answer.status().as_u16() {
        200 => match answer.json::<WorkList>().await {
            Ok(list) => Part::List(list),
            Err(error) => {
                tracing::warn!(service = service.name(), cause = %error.without_url(), "no usable work list");
                Part::Missing(service.name())
            }
        },
        403 => Part::NotTheirs,
        401 => Part::Refused(Problem::new(problem::UNAUTHENTICATED)),
        400 => Part::Refused(Problem::new(problem::MALFORMED)),
        status => {
            tracing::warn!(service = service.name(), status, "no work list");
            Part::Missing(service.name())
        }
    }
}

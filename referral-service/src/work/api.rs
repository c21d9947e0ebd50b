//! What the gateway asks.

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use shared::actor::Actor;
use shared::problem::Problem;
use shared::service::Service;
use shared::work::{self, Question};

use super::store;
use crate::policy;

/// The address. The gateway documents it, since it is the gateway that answers there.
pub fn part(app: &mut web::ServiceConfig) {
    app.route("/v1/work", web::get().to(list_work));
}

async fn list_work(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let list = service
        .read(&actor, &policy::READ_WORK, async |tx| {
            policy::READ_WORK.require(&actor)?;
            let question = Question::of(&request)?;
            work::page(tx, &actor, &question, &service.rules(), store::describe).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(list))
}

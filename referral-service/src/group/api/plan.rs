//! Planning a group, and opening it to another team.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::Deserialize;
use shared::access::{self, View};
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::mistakes::Mistakes;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;

use super::{grant, locked, read, shown, teams};
use crate::group::domain::{GroupId, GroupStatus};
use crate::group::event;
use crate::group::store;
use crate::group::view::{GroupFacilitator, GroupView};
use crate::policy;

/// A group to be run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "Living with Teenagers, spring (invented)",
    "programme": "living-with-teenagers",
    "service": "childrens-centre",
    "locality": "charnwood",
    "venue": "The children's centre in Invented Street",
    "facilitators": [{ "user_id": "01a20158-d2bb-77a5-a866-0a226963a91e", "name": "Carys Centre (invented)" }],
    "capacity": 10,
    "first_day": "2027-01-12",
    "last_day": "2027-03-16",
    "note": "A crèche for the under-threes; ring before the first evening."
}))]
pub struct GroupPlan {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// Which programme it runs, a code of the set `group_programme`.
    pub programme: Word,
    /// The service that runs it, a code of the set `service`: one whose team you are in.
    pub service: Word,
    /// The district it is for, a code of the set `locality`; leave it out for the whole county.
    pub locality: Option<Word>,
    /// Where it meets; only its team and its facilitators see this.
    #[schema(min_length = 1, max_length = 1000)]
    pub venue: Option<String>,
    /// Who runs its sessions; they see all of it, also if they are in another team.
    #[schema(min_items = 1, max_items = 20)]
    pub facilitators: Vec<GroupFacilitator>,
    /// How many places it has; whoever is enrolled when it is full waits.
    #[schema(minimum = 1, maximum = 1000)]
    pub capacity: i32,
    /// Its first day; one that is past, if you record it afterwards.
    pub first_day: NaiveDate,
    /// Its last day, if it has one.
    pub last_day: Option<NaiveDate>,
    /// What else its team should know.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: Option<String>,
}

impl GroupPlan {
    /// Notes what is wrong with the plan in itself, whether it is new or changes the one before.
    pub(super) fn check(&self, mistakes: &mut Mistakes<'_>) {
        if let Some(last) = self.last_day {
            mistakes.before(last, self.first_day, "/last_day", "is before the first day");
        }
        for (index, one) in self.facilitators.iter().enumerate() {
            if self.facilitators.iter().take(index).any(|earlier| earlier.user_id == one.user_id) {
                mistakes.add(format!("/facilitators/{index}/user_id"), "repeated", "stands there twice");
            }
        }
    }

    /// The same of a new one, with what the group is to be.
    fn check_new(&self, actor: &Actor, rules: &Rules, now: chrono::DateTime<chrono::Utc>) -> Result<(), Problem> {
        let mut mistakes = Mistakes::by(rules, now);
        let today = mistakes.today();
        mistakes.code("group_programme", &self.programme, self.first_day, "/programme");
        mistakes.code("service", &self.service, today, "/service");
        if rules.has_code("service", self.service.as_str(), today)
            && !teams(actor).contains(&format!("team:{}", self.service))
        {
            mistakes.add("/service", "not_yours", "is a service whose team you are not in");
        }
        if let Some(locality) = &self.locality {
            mistakes.code("locality", locality, today, "/locality");
        }
        self.check(&mut mistakes);
        mistakes.refuse()
    }
}

/// What a group's reference begins with.
const REFERENCE_PREFIX: char = 'G';

/// Plan a group
///
/// For a service's own workers. Its team and its facilitators see all of it; First Response and the hub of
/// its district (of all districts, if it is for the whole county) see that it runs and how many places are
/// free. It runs from the first register on.
#[utoipa::path(operation_id = "plan_group", tag = "groups", request_body = GroupPlan,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = GroupView)))]
#[post("/v1/groups")]
pub(super) async fn plan_group(service: Data<Service>, command: Command<GroupPlan>) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::RUN_GROUP, async |tx| {
            tx.proceed(None).await?;
            let plan = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            plan.check_new(actor, &rules, now)?;
            let id = GroupId::new();
            let reference = shared::reference::random(REFERENCE_PREFIX);
            store::insert(tx, (id, &reference), &plan, actor, now).await?;
            let mut scopes = vec![(format!("team:{}", plan.service), View::Full)];
            scopes.extend(plan.facilitators.iter().map(|one| (format!("user:{}", one.user_id), View::Full)));
            scopes.push(("front-door".to_owned(), View::Involvement));
            match &plan.locality {
                Some(locality) => scopes.push((format!("hub:{locality}"), View::Involvement)),
                None => {
                    let every = rules.codes("locality", now.local_day());
                    scopes.extend(every.into_iter().map(|code| (format!("hub:{}", code.code), View::Involvement)));
                }
            }
            let state = GroupStatus::Planned.as_str();
            let grants: Vec<_> = scopes.into_iter().map(|scope| grant(id, "group", scope, state, now)).collect();
            access::grant(tx, &grants).await?;
            let group = store::for_change(tx, id).await?;
            tx.publish(event::planned(&group, now));
            tx.entry.record = Some(id.0);
            Ok(Done::created(format!("/v1/groups/{id}"), 1, shown(tx, id).await?))
        })
        .await?;
    written.respond("group", async |stored| Ok(read::show(&service, actor, GroupId(stored.id()?)).await?.1)).await
}

/// Which team may enrol people in a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "service": "intensive-family-support" }))]
pub struct GroupTeam {
    /// The team, a code of the set `service`.
    pub service: Word,
}

/// Open a group to another team
///
/// The team sees that the group runs and how many places are free, and may enrol people of its own.
#[utoipa::path(operation_id = "open_group_to_team", tag = "groups", request_body = GroupTeam,
    params(("id" = uuid::Uuid, Path, description = "The group's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = GroupView)))]
#[post("/v1/groups/{id}/teams")]
pub(super) async fn open_group_to_team(
    service: Data<Service>,
    command: Command<GroupTeam>,
    id: Path<GroupId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::RUN_GROUP, async |tx| {
            let mut group = locked(tx, id, true).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let mut mistakes = Mistakes::by(&rules, now);
            mistakes.code("service", &form.service, now.local_day(), "/service");
            mistakes.refuse()?;
            let status = group.status()?;
            status.must_be_open()?;
            group.changed(tx).await?;
            let scope = (format!("team:{}", form.service), View::Involvement);
            access::grant(tx, &[grant(id, "group", scope, status.as_str(), now)]).await?;
            tx.publish(event::opened_to(&group, form.service.as_str(), now));
            Ok(Done::changed(group.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("group", async |_| Ok(read::show(&service, &command.actor, id).await?.1)).await
}

//! Asking for a short break.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::actor::Word;
use shared::calendar::LocalDay;
use shared::deadline;
use shared::mistakes::Mistakes;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;

use super::reading::show;
use crate::people::{self, Told, Whom};
use crate::policy;
use crate::short_break::domain::{ShortBreakId, ShortBreakStatus};
use crate::short_break::event;
use crate::short_break::store::{self, Account, ShortBreak};
use crate::short_break::view::{DECISION, ShortBreakView, seen};

/// What a short break's reference begins with.
const REFERENCE_PREFIX: char = 'B';

/// A request for a short break.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "person": { "given_name": "Hazel", "family_name": "Invented", "birth_date": "2016-06-14" },
    "asker": { "name": "Willow Invented", "is": "mother" },
    "needs": ["autism", "carer-rest"],
    "words": "Hazel is up most nights. Her mother would like her to have a place at the Saturday club, and some hours' rest.",
    "locality": "charnwood"
}))]
pub struct ShortBreakForm {
    /// The child, under 18.
    pub person: Whom,
    /// Who asks.
    pub asker: ShortBreakAsker,
    /// What the child needs, codes of the set `short_break_need`.
    #[schema(min_items = 1, max_items = 20)]
    pub needs: Vec<Word>,
    /// What it is like, and what would help.
    #[schema(min_length = 1, max_length = 20000)]
    pub words: String,
    /// The child's district, a code of the set `locality`.
    pub locality: Option<Word>,
}

/// Who asks for a short break.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShortBreakAsker {
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What they are to the child: mother, foster carer, class teacher, the young person.
    #[schema(min_length = 1, max_length = 200)]
    pub is: String,
}

/// Ask for a short break
///
/// Support for a disabled child. For partners and for every worker who hears it asked for; a child with a request that is
/// open, or who has a short break, is refused with 409.
#[utoipa::path(operation_id = "request_short_break", tag = "short breaks", request_body = ShortBreakForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = ShortBreakView)))]
#[post("/v1/short-breaks")]
pub async fn request_short_break(
    service: Data<Service>,
    command: Command<ShortBreakForm>,
) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::ASK_SHORT_BREAK, async |tx| {
            tx.proceed(None).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let today = now.local_day();
            let mut mistakes = Mistakes::by(&rules, now);
            form.person.check("/person", &mut mistakes);
            mistakes.extend(people::child_error(form.person.birth_date, today, "/person/birth_date"));
            mistakes.codes("short_break_need", &form.needs, today, "/needs");
            if let Some(locality) = &form.locality {
                mistakes.code("locality", locality, today, "/locality");
            }
            mistakes.refuse()?;
            let child = people::identify(tx, &form.person, "/person", now).await?;
            if let Some(error) = people::child_error(child.birth_date, today, &form.person.birth_pointer("/person")) {
                return Err(Problem::invalid(vec![error]).into());
            }
            if !people::open_records_about(tx, child.id, "short_break").await?.is_empty() {
                return Err(Problem::conflict("there is a request for this child already, or a short break").into());
            }
            let due = rules.must_due(DECISION, now)?;
            let row = new_row(&form, now);
            let id = row.id;
            let account = Account {
                short_break_id: id,
                person_id: child.id.0,
                given_name: child.given_name,
                family_name: child.family_name,
                birth_date: child.birth_date,
                asker_name: form.asker.name.clone(),
                asker_is: form.asker.is.clone(),
                needs: form.needs.iter().map(ToString::to_string).collect(),
                words: form.words.clone(),
                recorded_by_name: actor.name.clone(),
                agency: actor.agency.to_string(),
            };
            store::insert(tx, &row, &account).await?;
            // The front door has it whole, and the team that asked; whoever else asked follows where it stands.
            let told = Told {
                record: id.0,
                kind: "short_break",
                state: ShortBreakStatus::Requested.as_str(),
                person: child.id,
            };
            told.give(tx, &["front-door".to_owned()], actor, now).await?;
            deadline::start(tx, id.0, DECISION, now, due).await?;
            tx.publish(event::requested(&row, child.id.0, &account.needs, &account.agency, due));
            tx.entry.record = Some(id.0);
            tx.entry.people.push(child.id.0);
            let view = seen(tx, row, now).await?;
            told.is_about_its_person(tx).await?;
            Ok(Done::created(format!("/v1/short-breaks/{id}"), 1, view))
        })
        .await?;
    written.respond("short_break", async |stored| Ok(show(&service, actor, ShortBreakId(stored.id()?)).await?.1)).await
}

fn new_row(form: &ShortBreakForm, now: DateTime<Utc>) -> ShortBreak {
    ShortBreak {
        id: ShortBreakId::new(),
        reference: shared::reference::random(REFERENCE_PREFIX),
        status: ShortBreakStatus::Requested.as_str().to_owned(),
        locality: form.locality.as_ref().map(ToString::to_string),
        asked_at: now,
        level: None,
        hours_per_year: None,
        pounds_per_year: None,
        decided_at: None,
        review_due_at: None,
        ended_at: None,
        version: 1,
    }
}

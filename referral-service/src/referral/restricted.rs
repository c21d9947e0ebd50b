//! Handing a referral to a restricted panel: its members see it by name, and nobody else learns of it,
//! whoever handed it over with them.

use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access;
use shared::actor::Actor;
use shared::problem::Problem;
use shared::service::Write;
use uuid::Uuid;

use super::store::Referral;
use crate::alert::{self, Alert, Urgency};
use crate::schema::panel_case;

/// What is handed over.
#[derive(Clone, Debug)]
pub struct ToPanel<'a> {
    /// The panel, a code of the set `panel`.
    pub panel: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Who saw it otherwise: a list.
    pub dissent: serde_json::Value,
}

#[derive(QueryableByName)]
struct MemberRow {
    #[diesel(sql_type = SqlUuid)]
    member: Uuid,
}

/// Hands a referral to a panel and tells its members, and no one else: not the other services either.
/// False if nobody sits on the panel; then nothing must come of it.
///
/// # Errors
/// As the database says.
pub async fn refer_to_panel<T>(
    tx: &mut Write<'_, T>,
    referral: &Referral,
    to: &ToPanel<'_>,
    actor: &Actor,
) -> Result<bool, Problem> {
    let now = tx.now();
    let id = Uuid::now_v7();
    let people = referral.people(tx).await?;
    insert(tx, id, referral, to, actor, now).await?;
    // What restricts the people restricts the case. Before the members have it: whoever hands it over may not.
    let about: Vec<(Uuid, Uuid)> = people.iter().map(|person| (id, *person)).collect();
    access::subjects(tx, &about).await?;
    let members = give(tx, id).await?;
    if members.is_empty() {
        return Ok(false);
    }
    let scopes: Vec<String> = members.iter().map(|member| format!("user:{member}")).collect();
    let raised = Alert {
        kind: "panel_case",
        urgency: Urgency::Reminder,
        about: "panel-cases",
        record: id,
        people: &people,
        scopes: &scopes,
        locality: None,
    };
    // The event of the alert would tell the other services of the panel; the members have the alert.
    alert::raise(tx, &raised, now).await?;
    Ok(true)
}

async fn insert(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    referral: &Referral,
    to: &ToPanel<'_>,
    actor: &Actor,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Problem> {
    diesel::insert_into(panel_case::table)
        .values((
            panel_case::id.eq(id),
            panel_case::panel.eq(to.panel),
            panel_case::referral_id.eq(referral.id.0),
            panel_case::opened_at.eq(now),
            panel_case::opened_by_name.eq(&actor.name),
            panel_case::reason.eq(to.reason),
            panel_case::dissent.eq(&to.dissent),
            panel_case::status.eq("open"),
            panel_case::version.eq(1),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

async fn give(connection: &mut AsyncPgConnection, id: Uuid) -> Result<Vec<Uuid>, Problem> {
    let rows: Vec<MemberRow> =
        diesel::sql_query("SELECT panel_give($1) AS member").bind::<SqlUuid, _>(id).load(connection).await?;
    Ok(rows.into_iter().map(|row| row.member).collect())
}

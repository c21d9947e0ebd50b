//! The lines of an agenda, and the notes that wait for one.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::calendar::{LocalDay, in_words};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::meeting::{Meeting, MeetingId};
use crate::hub::domain::ItemStatus;
use crate::referral::domain::ReferralId;
use crate::referral::known::KNOWN;
use crate::schema::hub_item;

shared::typed_id!(
    /// A line of a hub's agenda.
    ItemId
);

/// A line's row.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = hub_item)]
pub struct Item {
    pub id: ItemId,
    pub locality: String,
    pub meeting_id: Option<Uuid>,
    pub referral_id: ReferralId,
    pub kind: String,
    status: String,
    pub outcome: Option<String>,
    pub settled_at: Option<DateTime<Utc>>,
    pub settled_by_name: Option<String>,
    pub version: i64,
}

impl Item {
    /// Who settled it, when and how, for whoever comes second; nothing, if nobody has.
    pub fn settled(&self) -> Option<String> {
        let (by, at) = (self.settled_by_name.as_ref()?, self.settled_at?);
        let how = self.outcome.as_deref().unwrap_or(&self.status);
        Some(format!("{by} settled this at {}: {how}", in_words(at)))
    }

    /// Says how it was settled.
    ///
    /// # Errors
    /// As the database says.
    pub async fn settle(
        &mut self,
        connection: &mut AsyncPgConnection,
        status: ItemStatus,
        outcome: Option<&str>,
        because: Option<&str>,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        self.version += 1;
        self.status = status.as_str().to_owned();
        let changed = diesel::update(hub_item::table.find(self.id))
            .set((
                hub_item::status.eq(status.as_str()),
                hub_item::outcome.eq(outcome),
                hub_item::settled_at.eq(now),
                hub_item::settled_by_name.eq(&actor.name),
                hub_item::settled_because.eq(because),
                hub_item::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }
}

/// A line of the district's hub, if the caller sees it.
///
/// # Errors
/// 404 if not.
pub async fn find(connection: &mut AsyncPgConnection, locality: &str, id: ItemId) -> Result<Item, Problem> {
    let found = hub_item::table.find(id).select(Item::as_select()).first(connection).await.optional()?;
    found.filter(|item: &Item| item.locality == locality).ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends; its meeting and its referral are locked before.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: ItemId) -> Result<Item, Problem> {
    let found = hub_item::table.find(id).select(Item::as_select()).for_update().first(connection).await.optional()?;
    found.ok_or_else(Problem::not_found)
}

/// The line on which a referral is listed to be decided, locked, if there is one.
///
/// # Errors
/// As the database says.
pub async fn listed(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<Option<Item>, Problem> {
    Ok(hub_item::table
        .filter(
            hub_item::referral_id.eq(referral).and(hub_item::kind.eq("decision")).and(hub_item::status.eq("listed")),
        )
        .select(Item::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()?)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Puts on the agenda what is due. The answer is how many lines were added.
///
/// # Errors
/// As the database says.
pub async fn build(
    connection: &mut AsyncPgConnection,
    meeting: &Meeting,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<i64, Problem> {
    let on: NaiveDate = meeting.held_on.local_day().max(now.local_day());
    let added: Number = diesel::sql_query("SELECT hub_agenda_build($1, $2, $3, $4) AS number")
        .bind::<SqlUuid, _>(meeting.id)
        .bind::<Date, _>(on)
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(&actor.name)
        .get_result(connection)
        .await?;
    Ok(added.number)
}

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = Nullable<Integer>)]
    last: Option<i32>,
}

/// Adds a referral by hand, at the end. None if it is on an open agenda already.
///
/// # Errors
/// As the database says.
pub async fn add(
    connection: &mut AsyncPgConnection,
    meeting: &Meeting,
    referral: ReferralId,
    because: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Option<ItemId>, Problem> {
    let last: Last = diesel::sql_query("SELECT max(place) AS last FROM hub_item WHERE meeting_id = $1")
        .bind::<SqlUuid, _>(meeting.id)
        .get_result(connection)
        .await?;
    let id = ItemId::new();
    let added = diesel::insert_into(hub_item::table)
        .values((
            hub_item::id.eq(id),
            hub_item::locality.eq(&meeting.locality),
            hub_item::meeting_id.eq(meeting.id.0),
            hub_item::referral_id.eq(referral),
            hub_item::kind.eq("decision"),
            hub_item::place.eq(last.last.unwrap_or(0) + 1),
            hub_item::status.eq("listed"),
            hub_item::added_at.eq(now),
            hub_item::added_by_name.eq(&actor.name),
            hub_item::added_because.eq(because),
            hub_item::version.eq(1),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok((added == 1).then_some(id))
}

/// A line with what is known of its referral.
#[derive(Debug, QueryableByName)]
pub struct Shown {
    #[diesel(sql_type = SqlUuid)]
    pub id: ItemId,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub about: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub allocation_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub place: Option<i32>,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub added_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub added_by_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub added_because: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub outcome: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub settled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub settled_by_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub settled_because: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = SqlUuid)]
    pub referral_id: ReferralId,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub referral_status: String,
    #[diesel(sql_type = Timestamptz)]
    pub received_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Bool)]
    pub urgent: bool,
    #[diesel(sql_type = Jsonb)]
    pub known: serde_json::Value,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub deferrals: Option<serde_json::Value>,
}

const COLUMNS: &str = "\
SELECT i.id, i.kind, i.about, i.allocation_id, i.place, i.status, i.added_at, i.added_by_name, i.added_because, i.outcome,
       i.settled_at, i.settled_by_name, i.settled_because, i.version,
       r.id AS referral_id, r.reference, r.status AS referral_status, r.received_at, r.agency, r.urgent,
       (SELECT jsonb_agg(jsonb_build_object('deferred_at', x.deferred_at, 'by', x.deferred_by_name, 'missing', x.missing,
               'until', x.until_day, 'reason', x.reason) ORDER BY x.deferred_at)
        FROM hub_deferral x WHERE x.referral_id = r.id) AS deferrals,";

/// The statement behind a meeting's agenda, less what is known of each referral: by the meeting's own
/// index, in the order of the agenda.
const AGENDA: &str = "\
FROM (SELECT * FROM hub_item WHERE meeting_id = $1 AND (place, id) > ($2, $3) ORDER BY place, id LIMIT $4) i
JOIN referral r ON r.id = i.referral_id
ORDER BY i.place, i.id";

/// The whole statement behind a meeting's agenda.
pub fn agenda() -> String {
    format!("{COLUMNS} {KNOWN} AS known {AGENDA}")
}

/// A page of a meeting's agenda in its order, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn page(
    connection: &mut AsyncPgConnection,
    meeting: MeetingId,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Shown>, Problem> {
    let (place, id) = after_place(&after);
    Ok(diesel::sql_query(agenda())
        .bind::<SqlUuid, _>(meeting)
        .bind::<Integer, _>(place)
        .bind::<SqlUuid, _>(id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}

/// An agenda goes by its places: a cursor holds the place as so many seconds.
pub fn cursor(row: &Shown) -> Cursor {
    let place = i64::from(row.place.unwrap_or_default());
    Cursor { sort_at: DateTime::from_timestamp(place, 0).unwrap_or_default(), id: row.id.0 }
}

fn after_place(cursor: &Cursor) -> (i32, Uuid) {
    if *cursor == Cursor::start() {
        return (0, Uuid::nil());
    }
    (i32::try_from(cursor.sort_at.timestamp()).unwrap_or(i32::MAX), cursor.id)
}

/// One line with what is known of its referral.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn show(connection: &mut AsyncPgConnection, id: ItemId) -> Result<Shown, Problem> {
    let statement =
        format!("{COLUMNS} {KNOWN} AS known FROM hub_item i JOIN referral r ON r.id = i.referral_id WHERE i.id = $1");
    let rows: Vec<Shown> = diesel::sql_query(statement).bind::<SqlUuid, _>(id).prepared().load(connection).await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

/// The whole statement behind the notes that nobody has acknowledged, by their own index.
pub fn open_notes() -> String {
    format!(
        "{COLUMNS} {KNOWN} AS known
         FROM (SELECT * FROM hub_item
               WHERE locality = $1 AND kind = 'note' AND status = 'listed' AND (added_at, id) < ($2, $3)
               ORDER BY added_at DESC, id DESC LIMIT $4) i
         JOIN referral r ON r.id = i.referral_id
         ORDER BY i.added_at DESC, i.id DESC"
    )
}

/// A page of the notes that nobody has acknowledged, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn notes(
    connection: &mut AsyncPgConnection,
    locality: &str,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Shown>, Problem> {
    Ok(diesel::sql_query(open_notes())
        .bind::<Text, _>(locality)
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}

//! Changing the plan of a group.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use super::{Group, insert_facilitators};
use crate::group::api::GroupPlan;
use crate::group::domain::GroupId;
use crate::schema::{group_facilitator, group_run};

#[derive(QueryableByName)]
struct LastPlace {
    #[diesel(sql_type = Nullable<Date>)]
    from: Option<NaiveDate>,
}

/// From when the last of those who have a place has it, whoever asks.
///
/// # Errors
/// 500 if the caller does not run the group.
pub async fn last_place(connection: &mut AsyncPgConnection, id: GroupId) -> Result<Option<NaiveDate>, Problem> {
    let row: LastPlace = diesel::sql_query("SELECT group_last_place($1) AS \"from\"")
        .bind::<SqlUuid, _>(id)
        .prepared()
        .get_result(connection)
        .await?;
    Ok(row.from)
}

/// Who begins and who ceases to run a group's sessions.
pub struct HandOver {
    came: Vec<Uuid>,
    went: Vec<Uuid>,
}

impl Group {
    /// Keeps what a plan says anew, as the next version.
    ///
    /// # Errors
    /// As the database says.
    pub async fn follow(&mut self, connection: &mut AsyncPgConnection, plan: &GroupPlan) -> Result<HandOver, Problem> {
        plan.title.trim().clone_into(&mut self.title);
        self.capacity = plan.capacity;
        self.first_day = plan.first_day;
        self.last_day = plan.last_day;
        self.changed(connection).await?;
        diesel::update(group_run::table.find(self.id))
            .set((group_run::venue.eq(&plan.venue), group_run::note.eq(&plan.note)))
            .execute(connection)
            .await?;
        diesel::sql_query("SELECT group_retitle($1, $2)")
            .bind::<SqlUuid, _>(self.id)
            .bind::<Text, _>(&self.title)
            .prepared()
            .execute(connection)
            .await?;
        let before: Vec<Uuid> =
            diesel::delete(group_facilitator::table.filter(group_facilitator::group_id.eq(self.id)))
                .returning(group_facilitator::user_id)
                .get_results(connection)
                .await?;
        insert_facilitators(connection, self.id, &plan.facilitators).await?;
        let before = BTreeSet::from_iter(before);
        let after: BTreeSet<Uuid> = plan.facilitators.iter().map(|one| one.user_id.0).collect();
        Ok(HandOver {
            came: after.difference(&before).copied().collect(),
            went: before.difference(&after).copied().collect(),
        })
    }
}

/// Shows the group and who is enrolled in it to those who begin to run it, and no more to those who cease.
///
/// # Errors
/// 500 if the caller does not run the group.
pub async fn hand_over(connection: &mut AsyncPgConnection, id: GroupId, change: &HandOver) -> Result<(), Problem> {
    if change.came.is_empty() && change.went.is_empty() {
        return Ok(());
    }
    diesel::sql_query("SELECT group_hand_over($1, $2, $3)")
        .bind::<SqlUuid, _>(id)
        .bind::<Array<SqlUuid>, _>(&change.came)
        .bind::<Array<SqlUuid>, _>(&change.went)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

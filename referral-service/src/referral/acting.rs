//! In which capacity somebody acts on a referral, where who may depends on more than the kind of scope.

use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::problem::Problem;

use super::domain::ReferralId;

#[derive(diesel::QueryableByName)]
struct Held {
    #[diesel(sql_type = Text)]
    scope: String,
}

/// The scopes in which the caller holds a referral whole.
///
/// # Errors
/// As the database says.
pub async fn held_whole(connection: &mut AsyncPgConnection, id: ReferralId) -> Result<Vec<String>, Problem> {
    let rows: Vec<Held> = diesel::sql_query("SELECT scope FROM record_scope WHERE record_id = $1 AND view = 'full'")
        .bind::<SqlUuid, _>(id)
        .prepared()
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|row| row.scope).collect())
}

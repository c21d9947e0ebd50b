//! What the directory's rows say of services.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::{Asked, Obstacle, Opening, Provision, least};
use crate::schema::{directory_service, organisation};

/// The columns of a service's row that say whom it is for and whether it has room.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = directory_service)]
struct Row {
    status: String,
    districts: Vec<String>,
    needs: Vec<String>,
    levels: Vec<i16>,
    minimum_age: Option<i16>,
    maximum_age: Option<i16>,
    places: Option<i32>,
    taken: Option<i32>,
    waiting_days: Option<i32>,
}

impl Row {
    fn provision(self) -> Result<Provision, Problem> {
        let opening: Opening = self.status.parse().map_err(|()| Problem::internal(&"unknown status of a service"))?;
        Ok(Provision {
            opening,
            districts: self.districts,
            needs: self.needs,
            levels: self.levels,
            minimum_age: self.minimum_age,
            maximum_age: self.maximum_age,
            places: self.places,
            taken: self.taken,
            waiting_days: self.waiting_days,
        })
    }
}

/// What the directory has under a code of the set `service`; nothing, if it has not heard of it.
///
/// # Errors
/// As the database says.
pub async fn of_code(connection: &mut AsyncPgConnection, code: &str) -> Result<Vec<Provision>, Problem> {
    let rows: Vec<Row> = directory_service::table
        .filter(directory_service::code.eq(code))
        .order(directory_service::id)
        .select(Row::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(Row::provision).collect()
}

/// What stands in the way of asking a service by its code of the set `service`: full, closed, or
/// for others. Nothing, if the directory does not know the code.
///
/// # Errors
/// As the database says.
pub async fn standing_in_the_way(
    connection: &mut AsyncPgConnection,
    code: &str,
    asked: &Asked<'_>,
) -> Result<Vec<Obstacle>, Problem> {
    Ok(least(&of_code(connection, code).await?, asked))
}

/// A service of the directory as others name it.
#[derive(Debug)]
pub struct Named {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Who offers it.
    pub organisation: String,
    /// Where it is written to.
    pub email: Option<String>,
    /// The code of the set `service` it stands for, if its workers are users.
    pub code: Option<String>,
    /// Whom it is for, and whether it has room.
    pub provision: Provision,
}

/// A service of the directory.
///
/// # Errors
/// As the database says.
pub async fn named(connection: &mut AsyncPgConnection, id: Uuid) -> Result<Option<Named>, Problem> {
    type Found = (Row, String, String, Option<String>, Option<String>);
    let found: Option<Found> = directory_service::table
        .inner_join(organisation::table)
        .filter(directory_service::id.eq(id))
        .select((
            Row::as_select(),
            directory_service::name,
            organisation::name,
            directory_service::email,
            directory_service::code,
        ))
        .first(connection)
        .await
        .optional()?;
    found
        .map(|(row, name, organisation, email, code)| {
            Ok(Named { id, name, organisation, email, code, provision: row.provision()? })
        })
        .transpose()
}

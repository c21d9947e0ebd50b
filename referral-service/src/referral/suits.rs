//! Whether a service that is to be asked is for such a family and has room, by what the directory says.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Integer, Nullable, SmallInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::problem::{FieldError, Problem};

use super::store::Referral;
use super::view::Warning;
use crate::provision::{Asked, Obstacle, standing_in_the_way};

#[derive(QueryableByName)]
struct About {
    #[diesel(sql_type = Array<Integer>)]
    ages: Vec<i32>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    level: Option<i16>,
}

/// What stands in the way of asking a service for the children of a referral.
///
/// # Errors
/// As the database says.
pub async fn obstacles(
    connection: &mut AsyncPgConnection,
    referral: &Referral,
    service: &str,
    today: NaiveDate,
) -> Result<Vec<Obstacle>, Problem> {
    let about: About = diesel::sql_query(
        "SELECT ARRAY(SELECT date_part('year', age($2::timestamp, n.birth_date::timestamp))::int FROM named_person n
                      WHERE n.referral_id = $1 AND n.relation = 'child' AND n.birth_date IS NOT NULL) AS ages,
                (SELECT w.level_of_need FROM decision d JOIN decision_reason w ON w.decision_id = d.id
                 WHERE d.referral_id = $1 AND w.level_of_need IS NOT NULL ORDER BY d.decided_at DESC LIMIT 1) AS level",
    )
    .bind::<SqlUuid, _>(referral.id)
    .bind::<Date, _>(today)
    .prepared()
    .get_result(connection)
    .await?;
    let asked = Asked { locality: referral.locality.as_deref(), ages: &about.ages, level: about.level };
    standing_in_the_way(connection, service, &asked).await
}

/// What obstacles mean for whoever asks a service: what is closed can't be asked; one that is full may be,
/// and the family waits; one that is for others may be, with a reason. `at` is where the service stands
/// in the request, `/allocations/0`.
pub fn weigh(
    obstacles: &[Obstacle],
    service: &str,
    has_reason: bool,
    at: &str,
    errors: &mut Vec<FieldError>,
    warnings: &mut Vec<Warning>,
) {
    for obstacle in obstacles {
        let detail = format!("{service} {}", obstacle.in_words());
        if obstacle.refuses() {
            errors.push(FieldError::at(format!("{at}/service"), obstacle.as_str(), detail));
        } else if *obstacle != Obstacle::Full && !has_reason {
            let detail = format!("is needed: {detail}");
            errors.push(FieldError::at(format!("{at}/regardless_reason"), "required", detail));
        } else {
            warnings.push(Warning { code: obstacle.as_str().to_owned(), detail });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighed(obstacles: &[Obstacle], has_reason: bool) -> (Vec<String>, Vec<String>) {
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        weigh(obstacles, "youth-work", has_reason, "/allocations/0", &mut errors, &mut warnings);
        let at = errors.into_iter().filter_map(|error| error.pointer).collect();
        (at, warnings.into_iter().map(|warning| warning.code).collect())
    }

    #[test]
    fn closed_is_refused_full_is_warned_of_and_others_need_a_reason() {
        let none: (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        assert_eq!(weighed(&[], false), none);
        for reason in [true, false] {
            assert_eq!(weighed(&[Obstacle::Closed], reason).0, ["/allocations/0/service"]);
            assert_eq!(weighed(&[Obstacle::Full], reason), (Vec::new(), vec!["full".to_owned()]));
        }
        assert_eq!(weighed(&[Obstacle::OtherAge], false).0, ["/allocations/0/regardless_reason"]);
        assert_eq!(weighed(&[Obstacle::OtherAge], true), (Vec::new(), vec!["other_age".to_owned()]));
    }
}

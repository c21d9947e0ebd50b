//! The needs a family's referral tells, as rows of evidence in the making.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use crate::family::domain::FamilyId;
use crate::referral::domain::ReferralId;

/// A need, once for each person who has it.
#[derive(Debug, QueryableByName)]
pub struct ToldNeed {
    /// A code of the set `concern` of that day.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Who has it; nobody in particular, if the whole family.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub person_id: Option<Uuid>,
    /// In the referrer's words.
    #[diesel(sql_type = Nullable<Text>)]
    pub words: Option<String>,
    /// When it was told.
    #[diesel(sql_type = Timestamptz)]
    pub told_at: DateTime<Utc>,
    /// The referral's reference.
    #[diesel(sql_type = Text)]
    pub reference: String,
}

/// What a referral of the family tells; nothing, if it is none of theirs or the caller does not see its words.
///
/// # Errors
/// As the database says.
pub async fn of_referral(
    connection: &mut AsyncPgConnection,
    family: FamilyId,
    referral: ReferralId,
) -> Result<Vec<ToldNeed>, Problem> {
    Ok(diesel::sql_query(
        "SELECT DISTINCT t.code, t.person_id, nullif(btrim(t.words), '') AS words, c.made_at AS told_at, r.reference
         FROM family_referral f
         JOIN referral r ON r.id = f.referral_id
         JOIN contact c ON c.referral_id = f.referral_id
         CROSS JOIN LATERAL (
             SELECT n.code, l.person_id, n.words
             FROM contact_need n
             LEFT JOIN LATERAL unnest(n.who) AS who (place) ON true
             LEFT JOIN named_person p ON p.referral_id = n.referral_id AND p.place = who.place
             LEFT JOIN person_link l ON l.named_person_id = p.id
             WHERE n.referral_id = f.referral_id AND (who.place IS NULL OR l.person_id IS NOT NULL)
             UNION ALL
             SELECT concern, NULL, NULL FROM unnest(c.concerns) AS concern
             WHERE NOT EXISTS (SELECT 1 FROM contact_need n WHERE n.referral_id = f.referral_id AND n.code = concern)
         ) t
         WHERE f.family_id = $1 AND f.referral_id = $2
         ORDER BY t.code, t.person_id, words",
    )
    .bind::<SqlUuid, _>(family)
    .bind::<SqlUuid, _>(referral)
    .prepared()
    .load(connection)
    .await?)
}

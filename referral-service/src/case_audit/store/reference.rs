//! Standards and scale, as of a day.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, SmallInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use shared::db::KeepPrepared;
use shared::problem::Problem;
use utoipa::ToSchema;

/// A standard that files are held against.
#[derive(Clone, Debug, Serialize, ToSchema, QueryableByName)]
pub struct AuditStandard {
    /// Its code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// What people call it.
    #[diesel(sql_type = Text)]
    pub label: String,
    /// What is looked for.
    #[diesel(sql_type = Text)]
    pub about: String,
    /// Since when it stands so.
    #[diesel(sql_type = Date)]
    pub valid_from: NaiveDate,
    /// Where it comes from.
    #[diesel(sql_type = Text)]
    pub source: String,
    /// Whether that source was seen to say so.
    #[diesel(sql_type = Bool)]
    pub verified: bool,
}

/// A step of the scale.
#[derive(Clone, Debug, Serialize, ToSchema, QueryableByName)]
pub struct AuditScaleStep {
    /// Its code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// What people call it.
    #[diesel(sql_type = Text)]
    pub label: String,
    /// Its place, the best first.
    #[diesel(sql_type = SmallInt)]
    pub place: i16,
    /// Whether it counts as good or better.
    #[diesel(sql_type = Bool)]
    pub good: bool,
    /// Where it comes from.
    #[diesel(sql_type = Text)]
    pub source: String,
    /// Whether that source was seen to say so.
    #[diesel(sql_type = Bool)]
    pub verified: bool,
}

/// What files of a day are held against.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditReference {
    /// The standards, in their order.
    pub standards: Vec<AuditStandard>,
    /// The scale, the best first.
    pub scale: Vec<AuditScaleStep>,
}

impl AuditReference {
    /// The codes of the standards.
    pub fn standard_codes(&self) -> Vec<&str> {
        self.standards.iter().map(|standard| standard.code.as_str()).collect()
    }

    /// The codes of the scale.
    pub fn scale_codes(&self) -> Vec<&str> {
        self.scale.iter().map(|step| step.code.as_str()).collect()
    }

    /// Whether a grade counts as good or better.
    pub fn is_good(&self, grade: &str) -> bool {
        self.scale.iter().any(|step| step.code == grade && step.good)
    }
}

/// The standards and the scale in force on a day.
///
/// # Errors
/// As the database says.
pub async fn reference(connection: &mut AsyncPgConnection, day: NaiveDate) -> Result<AuditReference, Problem> {
    let on = |table: &str| {
        format!(
            "SELECT * FROM {table} WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to > $1) ORDER BY place, code"
        )
    };
    let standards = diesel::sql_query(on("audit_standard")).bind::<Date, _>(day).prepared().load(connection).await?;
    let scale = diesel::sql_query(on("audit_scale")).bind::<Date, _>(day).prepared().load(connection).await?;
    Ok(AuditReference { standards, scale })
}

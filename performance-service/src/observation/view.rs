//! Observations as they are shown.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::{Point, Version};
use crate::measure::figure::{ObservationRef, Remark};
use crate::measure::{Decimal, Period, Reported, Unit};

/// A published figure in its current version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Observation)]
pub struct ObservationView {
    /// Its id.
    pub id: Uuid,
    /// Of which indicator.
    pub indicator: String,
    /// Of which days.
    pub period: Period,
    /// Of where.
    pub geography: String,
    /// In which unit.
    pub unit: Unit,
    /// The figure.
    #[serde(flatten)]
    pub figure: ObservedFigure,
    /// What does not hold within it, computed.
    pub remarks: Vec<Remark>,
}

/// What one version of an observation says.
#[derive(Debug, Serialize, ToSchema)]
pub struct ObservedFigure {
    /// Which version.
    pub version: i64,
    /// The number.
    pub value: Decimal,
    /// To how many decimals it was printed.
    pub decimals: i16,
    /// The number as people read it.
    #[schema(example = "89.9%")]
    pub display: String,
    /// What was counted, if the source says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numerator: Option<i64>,
    /// Out of how many, if the source says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denominator: Option<i64>,
    /// Where it was published.
    pub source: String,
    /// What the source adds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The figure with its marks, as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printed: Option<String>,
    /// Whether it may still change.
    pub provisional: bool,
    /// Why the version before was revised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
}

/// A published figure with all its versions.
#[derive(Debug, Serialize, ToSchema)]
pub struct ObservationHistory {
    /// The current version.
    #[serde(flatten)]
    pub current: ObservationView,
    /// Every version, the newest first.
    pub revisions: Vec<ObservedFigure>,
}

impl ObservedFigure {
    /// As a version says it.
    pub fn of(row: Version, unit: Unit) -> Self {
        Self {
            display: unit.display(row.value, u8::try_from(row.decimals).unwrap_or_default()),
            version: row.version,
            value: row.value,
            decimals: row.decimals,
            numerator: row.numerator,
            denominator: row.denominator,
            source: row.source,
            note: row.note,
            printed: row.printed,
            provisional: row.provisional,
            reason: row.reason,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by,
        }
    }
}

impl ObservationView {
    /// An observation in one of its versions.
    pub fn of(point: Point, row: Version, unit: Unit) -> Self {
        let period = Period { from: point.period_from, to: point.period_to, label: point.period_label };
        let reported = Reported {
            observation: ObservationRef { id: point.id, version: row.version },
            period: period.clone(),
            geography: point.geography.clone(),
            value: row.value,
            decimals: u8::try_from(row.decimals).unwrap_or_default(),
            numerator: row.numerator,
            denominator: row.denominator,
            source: row.source.clone(),
            note: row.note.clone(),
            printed: row.printed.clone(),
            provisional: row.provisional,
        };
        Self {
            id: point.id,
            indicator: point.indicator,
            period,
            geography: point.geography,
            unit,
            remarks: reported.remarks(unit),
            figure: ObservedFigure::of(row, unit),
        }
    }
}

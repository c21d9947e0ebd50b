//! A figure with all that must be said of it: period, geography, base, source, completeness, and
//! whether it is provisional.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::change::whole_numerator;
use super::decimal::{Decimal, ratio};
use super::definition::{Definition, Unit};
use super::period::Period;

/// The source of what is counted here.
const COUNTED_HERE: &str = "Events of this system";

/// A figure, counted here or observed elsewhere.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Figure {
    /// The number, in the indicator's unit; null where there is no base to be a share of.
    pub value: Option<Decimal>,
    /// The number as people read it; `no base` where there is none.
    #[schema(example = "90.0%")]
    pub display: String,
    /// What was counted. For published figures only if the source says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numerator: Option<i64>,
    /// Out of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denominator: Option<i64>,
    /// Of which days.
    pub period: Period,
    /// Of where: a locality's code, or `partnership` for all of them.
    pub geography: String,
    /// What it is a count or a share of, in words.
    pub base: String,
    /// Where the number comes from: events of this system, or who published it.
    pub source: String,
    /// Where the definition of a figure that is counted here comes from: a document may have defined it years
    /// before these days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition_source: Option<String>,
    /// What it may lack.
    pub completeness: Completeness,
    /// Whether it may still change.
    pub provisional: bool,
    /// What the source adds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The figure with its marks, as the source prints it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printed: Option<String>,
    /// The observation it is, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observation: Option<ObservationRef>,
}

/// Which version of which observation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FigureObservation)]
pub struct ObservationRef {
    /// The observation.
    pub id: Uuid,
    /// Its version; above 1 it was revised.
    pub version: i64,
}

/// What a figure may lack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FigureCompleteness)]
pub struct Completeness {
    /// `whole`: everything told is counted. `partial`: something told is not. `nothing_read`: the
    /// event log was not read yet. `as_published`: see the source.
    #[schema(example = "whole")]
    pub state: CompletenessState,
    /// What is missing, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Whether all that was told is in a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FigureCompletenessState)]
pub enum CompletenessState {
    /// Everything told is counted.
    Whole,
    /// Something told is not counted.
    Partial,
    /// The event log was not read yet.
    NothingRead,
    /// As far as the publisher says.
    AsPublished,
}

impl Completeness {
    /// Of figures over the facts: `read_to` is the position in the event log, if it was ever
    /// read, and `held_back` the events that could not be applied.
    pub fn of_facts(read_to: Option<i64>, held_back: i64) -> Self {
        match (read_to, held_back) {
            (None, _) => Self {
                state: CompletenessState::NothingRead,
                detail: Some("the event log has not been read yet".to_owned()),
            },
            (Some(_), 0) => Self { state: CompletenessState::Whole, detail: None },
            (Some(_), held) => Self {
                state: CompletenessState::Partial,
                detail: Some(format!("{held} events could not be applied and are not counted")),
            },
        }
    }

    /// Of a published figure.
    pub fn as_published() -> Self {
        Self { state: CompletenessState::AsPublished, detail: None }
    }
}

/// What was counted over the facts, in one cell or rolled up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// What was counted.
    pub numerator: i64,
    /// Out of how many, if the indicator is a share.
    pub denominator: Option<i64>,
    /// Cases that may still change it.
    pub pending: i64,
}

/// One cell as the database counts it.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The district; none if no event named one.
    pub locality: Option<String>,
    /// The service, for figures by service.
    pub service: Option<String>,
    /// The part, for figures that have parts.
    pub part: Option<String>,
    /// What was counted there.
    pub counted: Counted,
}

shared::words! {
    /// By what a figure is broken down.
    #[schema(as = DashboardBreakdownBy)]
    By {
        /// By district of the family.
        Locality = "locality",
        /// By service.
        Service = "service",
        /// By what the indicator itself is made of: an area of the outcome ladder, a question, an agency.
        Part = "part",
    }
}

/// The geography of a figure that counts every district.
pub const EVERYWHERE: &str = "partnership";

/// What stands for a district or service that no event named.
pub const NOT_KNOWN: &str = "not-known";

impl Counted {
    /// All cells together.
    pub fn total<'a>(cells: impl IntoIterator<Item = &'a Cell>, share: bool) -> Self {
        let nothing = Self { denominator: share.then_some(0), ..Self::default() };
        cells.into_iter().fold(nothing, |sum, cell| sum.plus(&cell.counted))
    }

    /// The cells by one of their names, in its order.
    pub fn by(cells: &[Cell], by: By, share: bool) -> BTreeMap<String, Self> {
        let mut parts: BTreeMap<String, Vec<&Cell>> = BTreeMap::new();
        for cell in cells {
            let name = match by {
                By::Locality => &cell.locality,
                By::Service => &cell.service,
                By::Part => &cell.part,
            };
            parts.entry(name.clone().unwrap_or_else(|| NOT_KNOWN.to_owned())).or_default().push(cell);
        }
        parts.into_iter().map(|(name, cells)| (name, Self::total(cells, share))).collect()
    }

    fn plus(self, other: &Self) -> Self {
        Self {
            numerator: self.numerator + other.numerator,
            denominator: self.denominator.map(|sum| sum + other.denominator.unwrap_or_default()),
            pending: self.pending + other.pending,
        }
    }

    /// The figure these counts make.
    pub fn figure(
        self,
        definition: &Definition,
        period: Period,
        geography: &str,
        completeness: Completeness,
        today: NaiveDate,
    ) -> Figure {
        let value = match (definition.unit.scale(), self.denominator) {
            (Some(scale), Some(base)) => ratio(self.numerator.into(), base.into(), scale, definition.decimals),
            _ => Decimal::whole(self.numerator),
        };
        Figure {
            display: value
                .map_or_else(|| "no base".to_owned(), |value| definition.unit.display(value, definition.decimals)),
            value,
            numerator: self.denominator.is_some().then_some(self.numerator),
            denominator: self.denominator,
            provisional: self.pending > 0 || !period.is_over(today) || completeness.state != CompletenessState::Whole,
            period,
            geography: geography.to_owned(),
            base: definition.denominator.clone().unwrap_or_else(|| definition.numerator.clone()),
            source: COUNTED_HERE.to_owned(),
            definition_source: Some(definition.source.clone()),
            completeness,
            note: match self.pending {
                0 => None,
                1 => Some("1 case may still change this figure".to_owned()),
                several => Some(format!("{several} cases may still change this figure")),
            },
            printed: None,
            observation: None,
        }
    }
}

/// A figure that others published, as it stands in one version of an observation.
#[derive(Clone, Debug)]
pub struct Reported {
    /// Which version of which observation.
    pub observation: ObservationRef,
    /// Of which days.
    pub period: Period,
    /// Of where.
    pub geography: String,
    /// The number.
    pub value: Decimal,
    /// To how many decimals it was printed.
    pub decimals: u8,
    /// What was counted, if the source says.
    pub numerator: Option<i64>,
    /// Out of how many, if the source says.
    pub denominator: Option<i64>,
    /// Where it was published.
    pub source: String,
    /// What the source adds.
    pub note: Option<String>,
    /// The figure with its marks.
    pub printed: Option<String>,
    /// Whether the source calls it provisional.
    pub provisional: bool,
}

/// Something that does not hold, found by computing it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FigureRemark)]
pub struct Remark {
    /// A stable word for programs.
    #[schema(example = "percentage_impossible")]
    pub code: String,
    /// The finding, with its numbers.
    pub detail: String,
}

impl Remark {
    /// A finding.
    pub fn new(code: &str, detail: String) -> Self {
        Self { code: code.to_owned(), detail }
    }
}

impl Reported {
    /// The figure it is.
    pub fn figure(&self, definition: &Definition) -> Figure {
        Figure {
            value: Some(self.value),
            display: definition.unit.display(self.value, self.decimals),
            numerator: self.numerator,
            denominator: self.denominator,
            period: self.period.clone(),
            geography: self.geography.clone(),
            base: definition.denominator.clone().unwrap_or_else(|| definition.numerator.clone()),
            source: self.source.clone(),
            definition_source: None,
            completeness: Completeness::as_published(),
            provisional: self.provisional,
            note: self.note.clone(),
            printed: self.printed.clone(),
            observation: Some(self.observation.clone()),
        }
    }

    /// What does not hold within the figure itself.
    pub fn remarks(&self, unit: Unit) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let printed = unit.display(self.value, self.decimals);
        match (unit.scale(), self.numerator, self.denominator) {
            (Some(scale), Some(numerator), Some(base)) => {
                let exact = ratio(numerator.into(), base.into(), scale, self.decimals);
                if let Some(exact) = exact.filter(|exact| *exact != self.value) {
                    let exact = unit.display(exact, self.decimals);
                    let detail = format!("{numerator} of {base} is {exact}; {printed} is printed");
                    remarks.push(Remark::new("value_is_not_the_share", detail));
                }
            }
            (Some(100), None, Some(base)) if whole_numerator(base, self.value, self.decimals).is_none() => {
                let detail = format!("no whole number of {base} is {printed}");
                remarks.push(Remark::new("percentage_impossible", detail));
            }
            _ => {}
        }
        remarks
    }
}

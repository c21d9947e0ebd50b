//! A dashboard with its figures in place.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use shared::calendar::LocalDay;
use shared::db::Tx;
use shared::problem::Problem;
use utoipa::ToSchema;

use super::domain::{DashboardRowDefinition, Footnote, Published, Rag};
use super::remark::{self, ArrowSense};
use super::store::Stored;
use crate::measure::figure::{By, Cell, EVERYWHERE, Remark};
use crate::measure::store::{self as measure, PointKey};
use crate::measure::{
    Change, Completeness, Counted, Decimal, Definition, Figure, Period, Polarity, Reported, Unit, Window,
};

/// A dashboard as it stands now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dashboard)]
pub struct DashboardView {
    /// Its id.
    #[schema(example = "partnership")]
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The version of its definition.
    pub version: i64,
    /// Where it was published, or where its figures come from.
    pub source: String,
    /// The business time its figures are of.
    pub as_at: DateTime<Utc>,
    /// Its groups, from the top.
    pub groups: Vec<GroupView>,
    /// The notes under it.
    pub footnotes: Vec<Footnote>,
    /// What does not hold over its rows, computed.
    pub remarks: Vec<Remark>,
    /// When this version was defined.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
}

/// An outcome with its rows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardGroup)]
pub struct GroupView {
    /// The outcome aimed at.
    pub outcome: String,
    /// The colour printed for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<Rag>,
    /// Its rows.
    pub rows: Vec<RowView>,
}

/// An indicator with its figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardRow)]
pub struct RowView {
    /// Which indicator.
    pub indicator: IndicatorLine,
    /// The earlier figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<Figure>,
    /// The later figure.
    pub latest: Figure,
    /// The change computed from the two; absent while it would mislead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// The same, by district or by service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    /// What was printed beside the figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<PublishedView>,
    /// The marks of its footnotes.
    pub footnotes: Vec<String>,
    /// What does not hold in it, computed.
    pub remarks: Vec<Remark>,
}

/// What one must know of an indicator to read its figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardIndicator)]
pub struct IndicatorLine {
    /// Its code.
    pub code: String,
    /// What people call it.
    pub title: String,
    /// In which unit.
    pub unit: Unit,
    /// Which way is better.
    pub polarity: Polarity,
    /// By how much it may move and still count as level.
    pub tolerance: Decimal,
    /// Whether its definition's source was seen.
    pub verified: bool,
    /// Whether it is counted here.
    pub computed: bool,
}

/// A figure by district or by service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardBreakdown)]
pub struct Breakdown {
    /// By what.
    pub by: By,
    /// The parts, in the order of their codes.
    pub parts: Vec<Part>,
}

/// One district or service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardPart)]
pub struct Part {
    /// Its code; `not-known` for what no event named.
    pub code: String,
    /// The earlier figure.
    pub previous: Figure,
    /// The later figure.
    pub latest: Figure,
}

/// What was printed, and what it can be taken to say.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardPublishedRow)]
pub struct PublishedView {
    /// As printed.
    #[serde(flatten)]
    pub printed: Published,
    /// What the printed arrow follows, given the printed figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction_follows: Option<ArrowSense>,
    /// The place among the nearest neighbours, where a number was printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest_neighbour_rank: Option<Rank>,
}

/// A place among so many.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardRank)]
pub struct Rank {
    /// The place.
    pub place: u32,
    /// Among how many.
    pub of: u32,
}

/// What was read for a dashboard.
struct Material {
    definitions: Vec<Definition>,
    reported: Vec<(PointKey, Reported)>,
    counted: Vec<Count>,
    completeness: Completeness,
    today: NaiveDate,
}

/// A computed indicator over a window: its cells in the latest period and in the one before.
struct Count {
    code: String,
    window: Window,
    latest: (Period, Vec<Cell>),
    previous: (Period, Vec<Cell>),
}

/// Fills a dashboard with the figures of now.
///
/// # Errors
/// As the database says.
pub async fn fill(connection: &mut Tx, stored: Stored, now: DateTime<Utc>) -> Result<DashboardView, Problem> {
    let material = gather(connection, &stored, now.local_day()).await?;
    let mut groups = Vec::new();
    for group in &stored.content.groups {
        let rows = group.rows.iter().map(|row| material.row(row)).collect::<Result<Vec<_>, _>>()?;
        groups.push(GroupView { outcome: group.outcome.clone(), progress: group.progress, rows });
    }
    let senses = groups
        .iter()
        .flat_map(|group| &group.rows)
        .filter_map(|row| row.published.as_ref()?.direction_follows.map(|sense| (row.indicator.code.as_str(), sense)));
    Ok(DashboardView {
        remarks: remark::of_all(senses),
        id: stored.code,
        title: stored.title,
        version: stored.version,
        source: stored.content.source,
        as_at: now,
        groups,
        footnotes: stored.content.footnotes,
        recorded_at: stored.recorded_at,
        recorded_by: stored.recorded_by,
    })
}

async fn gather(connection: &mut Tx, stored: &Stored, today: NaiveDate) -> Result<Material, Problem> {
    let definitions = measure::definitions(connection, &stored.content.indicators()).await?;
    let reported = measure::reported(connection, &stored.content.points()).await?;
    let mut counted: Vec<Count> = Vec::new();
    let mut done = BTreeSet::new();
    for row in stored.content.groups.iter().flat_map(|group| &group.rows) {
        let Some(window) = row.window else { continue };
        let (latest, previous) = window.periods(today);
        if !done.insert((row.indicator.clone(), latest.from)) {
            continue;
        }
        let Some(definition) = definitions.iter().find(|definition| definition.code == row.indicator) else { continue };
        counted.push(Count {
            code: row.indicator.clone(),
            window,
            latest: (latest.clone(), measure::count(connection, definition, &latest).await?),
            previous: (previous.clone(), measure::count(connection, definition, &previous).await?),
        });
    }
    let completeness = measure::completeness(connection).await?;
    Ok(Material { definitions, reported, counted, completeness, today })
}

impl Material {
    fn row(&self, row: &DashboardRowDefinition) -> Result<RowView, Problem> {
        let lost = |what: &str| Problem::internal(&format!("a dashboard without its {what}"));
        let definition = self.definitions.iter().find(|d| d.code == row.indicator).ok_or_else(|| lost("indicator"))?;
        match row.window {
            Some(window) => {
                let count = self.counted.iter().find(|count| count.code == row.indicator && count.window == window);
                Ok(self.counted_row(row, definition, count.ok_or_else(|| lost("count"))?))
            }
            None => self.published_row(row, definition).ok_or_else(|| lost("observation")),
        }
    }

    fn counted_row(&self, row: &DashboardRowDefinition, definition: &Definition, count: &Count) -> RowView {
        let share = definition.unit.scale().is_some();
        let figure = |counted: Counted, period: &Period, geography: &str| {
            counted.figure(definition, period.clone(), geography, self.completeness.clone(), self.today)
        };
        let latest = figure(Counted::total(&count.latest.1, share), &count.latest.0, EVERYWHERE);
        let previous = figure(Counted::total(&count.previous.1, share), &count.previous.0, EVERYWHERE);
        let breakdown = row.by.map(|by| {
            let (now, before) = (Counted::by(&count.latest.1, by, share), Counted::by(&count.previous.1, by, share));
            let nothing = Counted::total([], share);
            let codes: BTreeSet<&String> = now.keys().chain(before.keys()).collect();
            let part = |code: &String| {
                let geography = if by == By::Locality { code.as_str() } else { EVERYWHERE };
                let at = |counts: &std::collections::BTreeMap<String, Counted>, period: &Period| {
                    figure(counts.get(code).copied().unwrap_or(nothing), period, geography)
                };
                Part { code: code.clone(), previous: at(&before, &count.previous.0), latest: at(&now, &count.latest.0) }
            };
            Breakdown { by, parts: codes.into_iter().map(part).collect() }
        });
        let mut view = assemble(row, definition, Some(previous), latest);
        // A count of a month that is not over is always behind a whole one.
        if definition.unit == Unit::Count && !count.latest.0.is_over(self.today) {
            view.change = None;
            let detail =
                format!("the latest period ends on {}; a count of it can't be compared yet", count.latest.0.to);
            view.remarks.push(Remark::new("period_not_over", detail));
        }
        view.breakdown = breakdown;
        view
    }

    fn published_row(&self, row: &DashboardRowDefinition, definition: &Definition) -> Option<RowView> {
        let find = |point| {
            let key = row.key(point);
            self.reported.iter().find(|(at, _)| *at == key).map(|(_, reported)| reported)
        };
        let latest = find(row.latest.as_ref()?)?;
        let previous = row.previous.as_ref().and_then(find);
        let figure = |reported: &Reported| reported.figure(definition);
        let mut view = assemble(row, definition, previous.map(figure), figure(latest));
        for reported in previous.into_iter().chain([latest]) {
            view.remarks.extend(reported.remarks(definition.unit));
        }
        Some(view)
    }
}

/// A row of two figures, with what can be computed from them.
fn assemble(
    row: &DashboardRowDefinition,
    definition: &Definition,
    previous: Option<Figure>,
    latest: Figure,
) -> RowView {
    let change = previous.as_ref().and_then(|previous| {
        Change::between(previous.value?, latest.value?, definition.unit, definition.polarity, definition.tolerance)
    });
    let remarks = remark::of_row(definition, previous.as_ref(), &latest, change.as_ref(), row.published.as_ref());
    let published = row.published.clone().map(|printed| PublishedView {
        direction_follows: printed
            .direction
            .zip(change.as_ref())
            .map(|(arrow, change)| remark::arrow_sense(arrow, change)),
        nearest_neighbour_rank: printed
            .nearest_neighbours
            .as_deref()
            .and_then(remark::rank)
            .map(|(place, of)| Rank { place, of }),
        printed,
    });
    RowView {
        indicator: IndicatorLine {
            code: definition.code.clone(),
            title: definition.title.clone(),
            unit: definition.unit,
            polarity: definition.polarity,
            tolerance: definition.tolerance,
            verified: definition.verified,
            computed: definition.computed,
        },
        previous,
        latest,
        change,
        breakdown: None,
        published,
        footnotes: row.footnotes.clone(),
        remarks,
    }
}

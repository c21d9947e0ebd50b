//! What a dashboard's definition says, and when it makes sense.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::actor::Word;
use shared::problem::FieldError;
use utoipa::ToSchema;

use crate::measure::figure::By;
use crate::measure::store::PointKey;
use crate::measure::{Definition, Movement, Window};

/// What a dashboard shows.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DashboardContent {
    /// Where it was published, or where its figures come from.
    #[schema(min_length = 1, max_length = 1000)]
    pub source: String,
    /// The notes under it, each with its mark.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub footnotes: Vec<Footnote>,
    /// Its groups, from the top.
    #[schema(min_items = 1, max_items = 50)]
    pub groups: Vec<DashboardGroupDefinition>,
}

/// A note under a dashboard.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DashboardFootnote)]
pub struct Footnote {
    /// Its mark.
    #[schema(min_length = 1, max_length = 10, example = "*")]
    pub mark: String,
    /// Its words.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

/// An outcome and what supports it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DashboardGroupDefinition {
    /// The outcome aimed at.
    #[schema(min_length = 1, max_length = 500)]
    pub outcome: String,
    /// The colour printed for the outcome as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Rag>,
    /// Its rows, from the top.
    #[schema(min_items = 1, max_items = 100)]
    pub rows: Vec<DashboardRowDefinition>,
}

/// One indicator on a dashboard. A published one names the observations it shows; one that is
/// counted here names a window that moves with the clock.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DashboardRowDefinition {
    /// The indicator's code.
    #[schema(min_length = 1, max_length = 64)]
    pub indicator: String,
    /// The earlier observation, if one is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<ObservationPoint>,
    /// The later observation; required for a published indicator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<ObservationPoint>,
    /// The window; required for an indicator that is counted here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Also broken down by this, for an indicator that is counted here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// What was printed beside the figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// The marks of the footnotes that belong to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub footnotes: Vec<String>,
}

/// Which observation of the row's indicator.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObservationPoint {
    /// The first day of its period.
    pub from: NaiveDate,
    /// The last day of its period.
    pub to: NaiveDate,
    /// Of where.
    pub geography: Word,
}

/// Red, amber or green.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DashboardRag)]
pub enum Rag {
    /// Off course.
    Red,
    /// To be watched.
    Amber,
    /// On course.
    Green,
}

/// What a published dashboard printed beside a row's figures. Kept as it stands.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DashboardPublished)]
pub struct Published {
    /// The row's colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Rag>,
    /// Where the printed arrow points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Movement>,
    /// The place among the nearest neighbours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100, example = "3/9")]
    pub nearest_neighbours: Option<String>,
    /// The comparison within the county.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100, example = "Average")]
    pub county: Option<String>,
    /// The comparison of districts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub district: Option<String>,
}

impl DashboardContent {
    /// The codes of all its indicators.
    pub fn indicators(&self) -> Vec<String> {
        self.rows().map(|row| row.indicator.clone()).collect()
    }

    /// The observations it shows.
    pub fn points(&self) -> Vec<PointKey> {
        let of_row = |row: &DashboardRowDefinition| {
            [&row.previous, &row.latest].into_iter().flatten().map(|point| row.key(point)).collect::<Vec<_>>()
        };
        self.rows().flat_map(of_row).collect()
    }

    fn rows(&self) -> impl Iterator<Item = &DashboardRowDefinition> {
        self.groups.iter().flat_map(|group| &group.rows)
    }

    /// Everything that makes no sense in it, each at its place under `/content`.
    pub fn errors(&self, definitions: &[Definition], known: &[PointKey]) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (place, footnote) in self.footnotes.iter().enumerate() {
            if self.footnotes.iter().take(place).any(|before| before.mark == footnote.mark) {
                let at = format!("/content/footnotes/{place}/mark");
                errors.push(FieldError::at(at, "repeated", "another footnote has this mark"));
            }
        }
        for (g, group) in self.groups.iter().enumerate() {
            for (r, row) in group.rows.iter().enumerate() {
                let at = format!("/content/groups/{g}/rows/{r}");
                match definitions.iter().find(|definition| definition.code == row.indicator) {
                    None => {
                        errors.push(FieldError::at(format!("{at}/indicator"), "unknown", "there is no such indicator"));
                    }
                    Some(definition) if definition.computed => row.computed_errors(definition, &at, &mut errors),
                    Some(_) => row.published_errors(known, &at, &mut errors),
                }
                for (f, mark) in row.footnotes.iter().enumerate() {
                    if !self.footnotes.iter().any(|footnote| footnote.mark == *mark) {
                        let at = format!("{at}/footnotes/{f}");
                        errors.push(FieldError::at(at, "unknown", "no footnote has this mark"));
                    }
                }
            }
        }
        errors
    }
}

impl DashboardRowDefinition {
    /// Where one of the row's observations stands.
    pub fn key(&self, point: &ObservationPoint) -> PointKey {
        PointKey {
            indicator: self.indicator.clone(),
            from: point.from,
            to: point.to,
            geography: point.geography.as_str().to_owned(),
        }
    }

    fn computed_errors(&self, definition: &Definition, at: &str, errors: &mut Vec<FieldError>) {
        for (name, given) in [("previous", self.previous.is_some()), ("latest", self.latest.is_some())] {
            if given {
                let detail = "this indicator is counted here: give a window instead";
                errors.push(FieldError::at(format!("{at}/{name}"), "not_expected", detail));
            }
        }
        if self.window.is_none() {
            let detail = "this indicator is counted here: say over which window";
            errors.push(FieldError::at(format!("{at}/window"), "required", detail));
        }
        if let Some(by) = self.by.filter(|by| !definition.breakdowns.contains(by)) {
            let detail = format!("this indicator is not counted by {}", by.as_str());
            errors.push(FieldError::at(format!("{at}/by"), "not_available", detail));
        }
    }

    fn published_errors(&self, known: &[PointKey], at: &str, errors: &mut Vec<FieldError>) {
        for (name, given) in [("window", self.window.is_some()), ("by", self.by.is_some())] {
            if given {
                let detail = "this indicator is published by others: name its observations instead";
                errors.push(FieldError::at(format!("{at}/{name}"), "not_expected", detail));
            }
        }
        if self.latest.is_none() {
            let detail = "this indicator is published by others: name the observation to show";
            errors.push(FieldError::at(format!("{at}/latest"), "required", detail));
        }
        for (name, point) in [("previous", &self.previous), ("latest", &self.latest)] {
            if point.as_ref().is_some_and(|point| !known.contains(&self.key(point))) {
                let detail = "there is no observation of this indicator, period and geography";
                errors.push(FieldError::at(format!("{at}/{name}"), "unknown", detail));
            }
        }
    }
}

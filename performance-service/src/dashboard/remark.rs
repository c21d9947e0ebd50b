//! Where what was printed does not hold: found by computing, never written down beforehand.

use serde::Serialize;
use utoipa::ToSchema;

use super::domain::{Published, Rag};
use crate::measure::figure::Remark;
use crate::measure::{Change, Definition, Figure, Meaning, Movement};

/// What a printed arrow can be taken to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DashboardArrowSense)]
pub enum ArrowSense {
    /// The number: up means that it rose.
    Number,
    /// The meaning: up means that things got better.
    Improvement,
    /// Both: they go the same way.
    Both,
    /// Neither.
    Neither,
}

/// What the printed arrow follows, given the change that the printed figures make.
pub fn arrow_sense(printed: Movement, change: &Change) -> ArrowSense {
    let as_number = printed == change.movement;
    let improvement = match change.meaning {
        Meaning::Better => Some(Movement::Up),
        Meaning::Steady => Some(Movement::Level),
        Meaning::Worse => Some(Movement::Down),
        // Where neither way is better, an arrow can only follow the number.
        Meaning::Neutral => None,
    };
    match (as_number, improvement == Some(printed)) {
        (true, true) => ArrowSense::Both,
        (true, false) => ArrowSense::Number,
        (false, true) => ArrowSense::Improvement,
        (false, false) => ArrowSense::Neither,
    }
}

/// The place among so many, where it was printed as `3/9`.
pub fn rank(printed: &str) -> Option<(u32, u32)> {
    let (place, of) = printed.trim().split_once('/')?;
    Some((place.trim().parse().ok()?, of.trim().parse().ok()?))
}

/// What does not hold in a row.
pub fn of_row(
    definition: &Definition,
    previous: Option<&Figure>,
    latest: &Figure,
    change: Option<&Change>,
    published: Option<&Published>,
) -> Vec<Remark> {
    let mut remarks = Vec::new();
    if let Some(previous) = previous.filter(|_| !definition.computed) {
        let (before, after) = (previous.period.months(), latest.period.months());
        if before != after {
            let detail = format!("the earlier figure is of {before} months, the later of {after}");
            remarks.push(Remark::new("periods_of_different_length", detail));
        }
        if previous.period.overlaps(&latest.period) {
            let (from, to) = (latest.period.from, previous.period.to);
            let detail = format!("the days from {from} to {to} are in both figures");
            remarks.push(Remark::new("periods_overlap", detail));
        }
    }
    let Some(published) = published else { return remarks };
    if let Some(change) = change {
        if let Some(printed) = published.direction.filter(|arrow| arrow_sense(*arrow, change) == ArrowSense::Neither) {
            let detail = format!(
                "the printed arrow points {}, but the figures changed by {} ({})",
                word(printed),
                change.display,
                match change.movement {
                    Movement::Level => format!("within the tolerance of {}", definition.tolerance),
                    _ => format!("beyond the tolerance of {}", definition.tolerance),
                }
            );
            remarks.push(Remark::new("arrow_follows_neither", detail));
        }
        let contradicted = match (published.progress, change.meaning) {
            (Some(Rag::Green), Meaning::Worse) => Some("green"),
            (Some(Rag::Red), Meaning::Better) => Some("red"),
            _ => None,
        };
        if let Some(colour) = contradicted {
            let detail = format!("{colour} is printed, but the figures changed by {}", change.display);
            remarks.push(Remark::new("colour_against_change", detail));
        }
    }
    if let Some((place, of)) =
        published.nearest_neighbours.as_deref().and_then(rank).filter(|(place, of)| place > of || *place == 0)
    {
        remarks.push(Remark::new("rank_impossible", format!("there is no place {place} among {of}")));
    }
    remarks
}

/// What does not hold over all rows: arrows that mean now one thing, now another.
pub fn of_all<'a>(rows: impl Iterator<Item = (&'a str, ArrowSense)>) -> Vec<Remark> {
    let (mut number, mut improvement) = (Vec::new(), Vec::new());
    for (code, sense) in rows {
        match sense {
            ArrowSense::Number => number.push(code),
            ArrowSense::Improvement => improvement.push(code),
            ArrowSense::Both | ArrowSense::Neither => {}
        }
    }
    if number.is_empty() || improvement.is_empty() {
        return Vec::new();
    }
    let detail =
        format!("the arrows follow the number in {} and improvement in {}", number.join(", "), improvement.join(", "));
    vec![Remark::new("arrows_of_two_meanings", detail)]
}

fn word(arrow: Movement) -> &'static str {
    match arrow {
        Movement::Up => "up",
        Movement::Level => "level",
        Movement::Down => "down",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::measure::{Decimal, Polarity, Unit};

    fn sense(earlier: f64, later: f64, polarity: Polarity, printed: Movement) -> ArrowSense {
        let (earlier, later) = (Decimal::of_json(earlier).unwrap(), Decimal::of_json(later).unwrap());
        let tolerance = Decimal::of_json(5.0).unwrap();
        arrow_sense(printed, &Change::between(earlier, later, Unit::RatePerThousand, polarity, tolerance).unwrap())
    }

    #[test]
    fn the_published_arrows_are_read() {
        use Polarity::*;
        assert_eq!(sense(47.21, 47.11, LowerIsBetter, Movement::Level), ArrowSense::Both);
        assert_eq!(sense(7.07, 6.52, LowerIsBetter, Movement::Up), ArrowSense::Improvement);
        assert_eq!(sense(2.95, 3.26, LowerIsBetter, Movement::Level), ArrowSense::Neither);
        assert_eq!(sense(0.58, 0.66, HigherIsBetter, Movement::Up), ArrowSense::Both);
        assert_eq!(sense(1264.0, 2003.0, Neutral, Movement::Up), ArrowSense::Number);
    }

    #[test]
    fn ranks_are_read_where_there_are_any() {
        assert_eq!(rank("3/9"), Some((3, 9)));
        assert_eq!(rank("-"), None);
        assert_eq!(rank("Top"), None);
    }
}

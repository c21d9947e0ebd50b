//! From one figure to a later one: by how much, which way, and whether for better.
//!
//! The golden cases of the domain notes (section 12: G1, G3, G4, G18, G21) are the tests.

use serde::Serialize;
use utoipa::ToSchema;

use super::decimal::{Decimal, ratio};
use super::definition::{Polarity, Unit};

/// Which way the number went, beyond the indicator's tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FigureMovement)]
pub enum Movement {
    /// It rose.
    Up,
    /// It moved no more than the tolerance.
    Level,
    /// It fell.
    Down,
}

/// What the movement means, by the indicator's polarity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FigureMeaning)]
pub enum Meaning {
    /// For the better.
    Better,
    /// No movement beyond the tolerance.
    Steady,
    /// For the worse.
    Worse,
    /// It moved, and neither way is better in itself.
    Neutral,
}

/// The change from an earlier figure to a later one, computed from the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FigureChange)]
pub struct Change {
    /// The later figure less the earlier, in the figure's own unit: percentage points for percentages.
    pub difference: Decimal,
    /// The change relative to the earlier figure, in per cent to one decimal; absent where that was nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<Decimal>,
    /// The change in words: `-34.7%`, `+2 percentage points`.
    pub display: String,
    /// Which way the number went.
    pub movement: Movement,
    /// What that means.
    pub meaning: Meaning,
}

/// By how many per cent `later` is above (or, negative, below) `earlier`, to one decimal; none if
/// the earlier was nothing.
pub fn percent_change(earlier: Decimal, later: Decimal) -> Option<Decimal> {
    let difference = later.ten_thousandths() - earlier.ten_thousandths();
    ratio(difference, earlier.ten_thousandths().abs(), 100, 1)
}

/// By how many per cent `figure` is lower than `other`: the domain notes' `lower_than`, to two decimals.
pub fn percent_lower(figure: Decimal, other: Decimal) -> Option<Decimal> {
    let difference = other.ten_thousandths() - figure.ten_thousandths();
    ratio(difference, other.ten_thousandths().abs(), 100, 2)
}

/// Whether some whole numerator over this base rounds to the percentage as printed, and which is
/// the first that does. None means that the percentage can't be of this base.
pub fn whole_numerator(base: i64, percentage: Decimal, decimals: u8) -> Option<i64> {
    let about = i64::try_from(percentage.ten_thousandths() * i128::from(base) / 1_000_000).ok()?;
    (about - 1..=about + 1)
        .find(|numerator| *numerator >= 0 && ratio((*numerator).into(), base.into(), 100, decimals) == Some(percentage))
}

impl Change {
    /// The change between two figures of an indicator.
    pub fn between(
        earlier: Decimal,
        later: Decimal,
        unit: Unit,
        polarity: Polarity,
        tolerance: Decimal,
    ) -> Option<Self> {
        let difference = Decimal::of_ten_thousandths(later.ten_thousandths() - earlier.ten_thousandths())?;
        let percent = percent_change(earlier, later);
        let beyond = match unit {
            Unit::Percentage => difference.ten_thousandths().abs() > tolerance.ten_thousandths(),
            // |difference| / |earlier| * 100 > tolerance, without dividing.
            _ => {
                difference.ten_thousandths().abs() * 1_000_000
                    > tolerance.ten_thousandths() * earlier.ten_thousandths().abs()
            }
        };
        let movement = match (beyond, difference.is_negative()) {
            (false, _) => Movement::Level,
            (true, false) => Movement::Up,
            (true, true) => Movement::Down,
        };
        let meaning = match (movement, polarity) {
            (Movement::Level, _) => Meaning::Steady,
            (_, Polarity::Neutral) => Meaning::Neutral,
            (Movement::Up, Polarity::HigherIsBetter) | (Movement::Down, Polarity::LowerIsBetter) => Meaning::Better,
            _ => Meaning::Worse,
        };
        let display = match (unit, percent) {
            (Unit::Percentage, _) => format!("{} percentage points", signed(difference, difference.decimals())),
            (_, Some(percent)) => format!("{}%", signed(percent, 1)),
            (_, None) => signed(difference, difference.decimals()),
        };
        Some(Self { difference, percent, display, movement, meaning })
    }
}

fn signed(number: Decimal, decimals: u8) -> String {
    let text = number.display(decimals);
    if number > Decimal::default() { format!("+{text}") } else { text }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn dec(number: f64) -> Decimal {
        Decimal::of_json(number).unwrap()
    }

    fn percent(earlier: f64, later: f64) -> String {
        signed(percent_change(dec(earlier), dec(later)).unwrap(), 1)
    }

    fn change(earlier: f64, later: f64, unit: Unit, polarity: Polarity) -> Change {
        let tolerance = if unit == Unit::Percentage { 1.0 } else { 5.0 };
        Change::between(dec(earlier), dec(later), unit, polarity, dec(tolerance)).unwrap()
    }

    #[test]
    fn first_time_entrants_g1() {
        assert_eq!(percent(190.0, 124.0), "-34.7");
        assert_eq!(percent(221.0, 190.0), "-14.0");
        assert_eq!(percent(407.0, 221.0), "-45.7");
        assert_eq!(percent(124.0, 126.0), "+1.6");
        let small = change(124.0, 126.0, Unit::Count, Polarity::LowerIsBetter);
        assert_eq!((small.difference, small.movement), (dec(2.0), Movement::Level));
    }

    #[test]
    fn lower_than_g3_g4() {
        assert_eq!(percent_lower(dec(156.0), dec(206.0)).unwrap(), dec(24.27));
        assert_eq!(percent_lower(dec(156.0), dec(206.0)).unwrap().display(0), "24");
        assert_eq!(percent_lower(dec(156.0), dec(260.0)).unwrap().display(1), "40.0");
        assert_eq!(percent_lower(dec(34.9), dec(37.5)).unwrap().display(1), "6.9");
        let points = change(37.5, 34.9, Unit::Percentage, Polarity::LowerIsBetter);
        assert_eq!((points.display.as_str(), points.meaning), ("-2.6 percentage points", Meaning::Better));
        let points = change(31.0, 46.0, Unit::Percentage, Polarity::LowerIsBetter);
        assert_eq!((points.difference, points.percent), (dec(15.0), Some(dec(48.4))));
        assert_eq!(ratio(46, 31, 1, 2).unwrap().display(2), "1.48");
    }

    #[test]
    fn the_published_trends_g18() {
        for (earlier, later, expected) in [
            (47.21, 47.11, "-0.2"),
            (3.53, 3.51, "-0.6"),
            (7.07, 6.52, "-7.8"),
            (2.95, 3.26, "+10.5"),
            (0.58, 0.66, "+13.8"),
            (1264.0, 2003.0, "+58.5"),
            (142.0, 117.0, "-17.6"),
            (117.0, 123.0, "+5.1"),
            (59.0, 55.0, "-6.8"),
        ] {
            assert_eq!(percent(earlier, later), expected, "{earlier} to {later}");
        }
        for (earlier, later, expected) in [
            (5.4, 5.5, "+0.1 percentage points"),
            (92.7, 89.9, "-2.8 percentage points"),
            (28.0, 30.0, "+2 percentage points"),
        ] {
            assert_eq!(change(earlier, later, Unit::Percentage, Polarity::Neutral).display, expected);
        }
    }

    #[test]
    fn impossible_percentages_g21() {
        assert_eq!(whole_numerator(25, dec(91.0), 0), None);
        assert_eq!(whole_numerator(25, dec(86.0), 0), None);
        assert_eq!(whole_numerator(224, dec(88.6), 1), None);
        assert_eq!(whole_numerator(22, dec(91.0), 0), Some(20));
        assert_eq!(whole_numerator(22, dec(86.0), 0), Some(19));
    }

    #[test]
    fn a_change_from_nothing_has_no_percentage() {
        let change = change(0.0, 3.0, Unit::Count, Polarity::Neutral);
        assert_eq!((change.percent, change.movement), (None, Movement::Up));
        assert_eq!(change.display, "+3");
    }

    proptest! {
        #[test]
        fn every_true_percentage_is_possible(base in 1i64..100_000, part in 0i64..=1_000, decimals in 0u8..=2) {
            let numerator = base * part / 1_000;
            let printed = ratio(numerator.into(), base.into(), 100, decimals).unwrap();
            prop_assert!(whole_numerator(base, printed, decimals).is_some(), "{numerator}/{base} = {printed}");
        }

        #[test]
        fn a_change_and_its_reverse_go_opposite_ways(earlier in 1i64..1_000_000, later in 1i64..1_000_000) {
            let (a, b) = (Decimal::whole(earlier).unwrap(), Decimal::whole(later).unwrap());
            let there = Change::between(a, b, Unit::Count, Polarity::HigherIsBetter, dec(0.0)).unwrap();
            let back = Change::between(b, a, Unit::Count, Polarity::HigherIsBetter, dec(0.0)).unwrap();
            prop_assert_eq!(there.difference.ten_thousandths(), -back.difference.ten_thousandths());
            prop_assert_eq!(there.meaning == Meaning::Better, back.meaning == Meaning::Worse);
        }
    }
}

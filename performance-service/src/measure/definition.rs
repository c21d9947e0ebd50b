//! What is measured, and how a figure of it is to be read.

use super::decimal::Decimal;
use super::figure::By;

shared::words! {
    /// What a figure counts in.
    #[schema(as = IndicatorUnit)]
    Unit {
        /// How many.
        Count = "count",
        /// So many of a hundred; changes are in percentage points.
        Percentage = "percentage",
        /// So many for each thousand of the base.
        RatePerThousand = "rate_per_1000",
        /// So many for each hundred thousand of the base.
        RatePerHundredThousand = "rate_per_100000",
        /// So many for each one of the base.
        Average = "average",
        /// Pounds sterling.
        Pounds = "pounds",
    }
}

shared::words! {
    /// Which way is better.
    #[schema(as = IndicatorPolarity)]
    Polarity {
        /// More is better.
        HigherIsBetter = "higher_is_better",
        /// Less is better.
        LowerIsBetter = "lower_is_better",
        /// Neither is better in itself.
        Neutral = "neutral",
    }
}

impl Unit {
    /// What a numerator over a denominator is multiplied by; none if the unit has no base.
    pub const fn scale(self) -> Option<i128> {
        match self {
            Unit::Count | Unit::Pounds => None,
            Unit::Average => Some(1),
            Unit::Percentage => Some(100),
            Unit::RatePerThousand => Some(1_000),
            Unit::RatePerHundredThousand => Some(100_000),
        }
    }

    /// The figure as people read it.
    pub fn display(self, value: Decimal, decimals: u8) -> String {
        let number = value.display(decimals);
        match self {
            Unit::Percentage => format!("{number}%"),
            Unit::Pounds => match number.strip_prefix('-') {
                Some(number) => format!("-£{number}"),
                None => format!("£{number}"),
            },
            _ => number,
        }
    }
}

/// The definition of an indicator.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its id in the audit.
    pub id: uuid::Uuid,
    /// Its code.
    pub code: String,
    /// What people call it.
    pub title: String,
    /// What counts.
    pub numerator: String,
    /// Out of what.
    pub denominator: Option<String>,
    /// In which unit.
    pub unit: Unit,
    /// To how many decimals it is shown.
    pub decimals: u8,
    /// Which way is better.
    pub polarity: Polarity,
    /// By how much it may move and still count as level: per cent of the earlier figure, or
    /// percentage points where the unit is a percentage.
    pub tolerance: Decimal,
    /// Who defines it so.
    pub source: String,
    /// Whether that source was seen to say so.
    pub verified: bool,
    /// Whether it is counted here.
    pub computed: bool,
    /// By what it can be broken down, if it is counted here.
    pub breakdowns: Vec<By>,
    /// What a part is, if it can be broken down by parts.
    pub part_is: Option<String>,
    /// Since when.
    pub created_at: chrono::DateTime<chrono::Utc>,
    /// By whom.
    pub created_by: String,
}

/// Whether the text has the form of an indicator's code: `decided_in_time`.
pub fn is_code(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('_')
        && !text.contains("__")
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

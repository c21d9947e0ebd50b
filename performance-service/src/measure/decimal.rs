//! Numbers as people print them: exact, to four decimals.
//!
//! Binary fractions would make 47.11 something else and its rounding a matter of luck.

use std::fmt;

use diesel::data_types::PgNumeric;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Numeric;
use serde::{Serialize, Serializer};

/// Ten-thousandths in one.
const ONE: i64 = 10_000;
/// The most decimals a number has here.
pub const MAX_DECIMALS: u8 = 4;
/// Numbers end below this: fifteen digits in all, which is what JSON numbers hold exactly.
const LIMIT: i64 = 100_000_000_000 * ONE;

/// A decimal number of at most four decimals, less than 100,000,000,000 either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Numeric)]
pub struct Decimal(i64);

/// Why a number is no [`Decimal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotADecimal {
    /// It is beyond the limit.
    TooLarge,
    /// It has more than four decimals.
    TooPrecise,
}

impl Decimal {
    /// A number of ten-thousandths, if it is within the limit.
    pub fn of_ten_thousandths(count: i128) -> Option<Self> {
        i64::try_from(count).ok().filter(|count| count.abs() < LIMIT).map(Self)
    }

    /// A whole number, if it is within the limit.
    pub fn whole(number: i64) -> Option<Self> {
        Self::of_ten_thousandths(i128::from(number) * i128::from(ONE))
    }

    /// The number a JSON number stands for: its shortest decimal form.
    ///
    /// # Errors
    /// If that is too large or has more than four decimals.
    pub fn of_json(number: f64) -> Result<Self, NotADecimal> {
        let text = format!("{number}");
        let (negative, digits) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if fraction.len() > usize::from(MAX_DECIMALS) {
            return Err(NotADecimal::TooPrecise);
        }
        let whole: i64 = whole.parse().map_err(|_| NotADecimal::TooLarge)?;
        let fraction: i64 = format!("{fraction:0<4}").parse().map_err(|_| NotADecimal::TooPrecise)?;
        let count = i128::from(whole) * i128::from(ONE) + i128::from(fraction);
        Self::of_ten_thousandths(if negative { -count } else { count }).ok_or(NotADecimal::TooLarge)
    }

    /// How many ten-thousandths it is.
    pub fn ten_thousandths(self) -> i128 {
        i128::from(self.0)
    }

    /// Whether it has no fraction.
    pub fn is_whole(self) -> bool {
        self.0 % ONE == 0
    }

    /// Whether it is below nothing.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// How many decimals it needs, 0 to 4.
    pub fn decimals(self) -> u8 {
        let fits = |decimals: &u8| self.0 % 10_i64.pow(u32::from(MAX_DECIMALS - decimals)) == 0;
        (0..=MAX_DECIMALS).find(fits).unwrap_or(MAX_DECIMALS)
    }

    /// The number to so many decimals, halves away from zero: a fall of 2.5 rounds as a rise of 2.5 does.
    pub fn rounded(self, decimals: u8) -> Self {
        let step = 10_i64.pow(u32::from(MAX_DECIMALS.saturating_sub(decimals)));
        let nearest = (self.0.abs() + step / 2) / step * step;
        Self(nearest * self.0.signum())
    }

    /// The number as people read it, rounded to so many decimals.
    pub fn display(self, decimals: u8) -> String {
        let decimals = decimals.min(MAX_DECIMALS);
        let rounded = self.rounded(decimals);
        let (count, sign) = (rounded.0.unsigned_abs(), if rounded.0 < 0 { "-" } else { "" });
        let (whole, fraction) = (count / ONE.unsigned_abs(), count % ONE.unsigned_abs());
        let fraction: String = format!("{fraction:04}").chars().take(usize::from(decimals)).collect();
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

/// `numerator / denominator * scale` to so many decimals, rounded once, halves away from zero. None
/// for a denominator of nothing, or a result beyond the limit.
pub fn ratio(numerator: i128, denominator: i128, scale: i128, decimals: u8) -> Option<Decimal> {
    let decimals = u32::from(decimals.min(MAX_DECIMALS));
    let scaled = numerator.checked_mul(scale)?.checked_mul(10_i128.pow(decimals))?;
    if denominator == 0 {
        return None;
    }
    let negative = (scaled < 0) != (denominator < 0);
    let (scaled, denominator) = (scaled.abs(), denominator.abs());
    let nearest = scaled.checked_mul(2)?.checked_add(denominator)? / denominator.checked_mul(2)?;
    let nearest = nearest.checked_mul(10_i128.pow(u32::from(MAX_DECIMALS) - decimals))?;
    Decimal::of_ten_thousandths(if negative { -nearest } else { nearest })
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display(self.decimals()))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_whole() {
            return serializer.serialize_i64(self.0 / ONE);
        }
        // Fifteen digits: the nearest double prints as the same decimal again.
        self.to_string().parse::<f64>().map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl utoipa::PartialSchema for Decimal {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::Number).into()
    }
}

impl utoipa::ToSchema for Decimal {}

/// PostgreSQL's numeric counts in digits to the base of ten thousand, so the last of ours is its fraction.
const BASE: i64 = 10_000;

impl ToSql<Numeric, Pg> for Decimal {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let mut digits = Vec::new();
        let mut rest = self.0.abs();
        while rest > 0 {
            digits.push(i16::try_from(rest % BASE)?);
            rest /= BASE;
        }
        digits.reverse();
        let weight = i16::try_from(digits.len())? - 2;
        let scale = u16::from(MAX_DECIMALS);
        let numeric = if self.0 < 0 {
            PgNumeric::Negative { weight, scale, digits }
        } else {
            PgNumeric::Positive { weight, scale, digits }
        };
        <PgNumeric as ToSql<Numeric, Pg>>::to_sql(&numeric, &mut out.reborrow())
    }
}

impl FromSql<Numeric, Pg> for Decimal {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let (negative, weight, digits) = match <PgNumeric as FromSql<Numeric, Pg>>::from_sql(bytes)? {
            PgNumeric::Positive { weight, digits, .. } => (false, weight, digits),
            PgNumeric::Negative { weight, digits, .. } => (true, weight, digits),
            PgNumeric::NaN => return Err("not a number".into()),
        };
        let mut count: i128 = 0;
        for (place, digit) in digits.iter().enumerate() {
            let power = i32::from(weight) + 1 - i32::try_from(place)?;
            let power = u32::try_from(power).map_err(|_| "more than four decimals")?;
            count += i128::from(*digit) * i128::from(BASE).checked_pow(power).ok_or("too large")?;
        }
        Decimal::of_ten_thousandths(if negative { -count } else { count }).ok_or_else(|| "too large".into())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn dec(number: f64) -> Decimal {
        Decimal::of_json(number).unwrap()
    }

    #[test]
    fn numbers_are_read_as_printed() {
        assert_eq!(dec(47.11).to_string(), "47.11");
        assert_eq!(dec(-0.5).to_string(), "-0.5");
        assert_eq!(dec(190.0).to_string(), "190");
        assert_eq!(Decimal::of_json(1.797e308), Err(NotADecimal::TooLarge));
        assert_eq!(Decimal::of_json(1e11), Err(NotADecimal::TooLarge));
        assert_eq!(Decimal::of_json(0.00001), Err(NotADecimal::TooPrecise));
        assert_eq!(Decimal::of_json(5e-324), Err(NotADecimal::TooPrecise));
    }

    #[test]
    fn halves_round_up_for_display() {
        assert_eq!(dec(25.45).display(1), "25.5");
        assert_eq!(dec(0.5).display(0), "1");
        assert_eq!(dec(-2.5).display(0), "-3");
        assert_eq!(dec(-0.04).display(1), "0.0");
        assert_eq!(dec(47.1).display(2), "47.10");
    }

    #[test]
    fn json_shows_whole_numbers_whole() {
        assert_eq!(serde_json::to_string(&[dec(190.0), dec(0.62), dec(-3.0)]).unwrap(), "[190,0.62,-3]");
    }

    proptest! {
        #[test]
        fn a_decimal_survives_json(count in -999_999_999_999_999i64..=999_999_999_999_999) {
            let decimal = Decimal(count);
            let text = serde_json::to_string(&decimal).unwrap();
            prop_assert_eq!(Decimal::of_json(text.parse().unwrap()), Ok(decimal));
        }

        #[test]
        fn rounding_moves_by_half_a_step_at_most(count in -1_000_000_000i64..1_000_000_000, decimals in 0u8..=4) {
            let (decimal, step) = (Decimal(count), 10_i64.pow(u32::from(4 - decimals)));
            let moved = (decimal.rounded(decimals).0 - count).abs();
            prop_assert!(moved * 2 <= step);
            prop_assert_eq!(decimal.rounded(decimals).rounded(decimals), decimal.rounded(decimals));
            prop_assert!(decimal.rounded(decimals).decimals() <= decimals);
        }

        #[test]
        fn a_ratio_is_the_nearest(numerator in -1_000_000i64..1_000_000, denominator in 1i64..100_000) {
            let found = ratio(numerator.into(), denominator.into(), 100, 4).unwrap().ten_thousandths();
            let exact = i128::from(numerator) * 1_000_000;
            prop_assert!((found * i128::from(denominator) - exact).abs() * 2 <= i128::from(denominator));
        }
    }
}

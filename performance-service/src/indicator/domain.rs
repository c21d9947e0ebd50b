//! When a definition makes sense.

use shared::problem::FieldError;

use crate::measure::decimal::NotADecimal;
use crate::measure::{Decimal, Unit};

/// Whether the unit and the base agree: shares, rates and averages are of something, counts and
/// pounds of nothing.
pub fn check_base(unit: Unit, denominator: Option<&str>) -> Option<FieldError> {
    match (unit.scale(), denominator) {
        (Some(_), None) => {
            Some(FieldError::at("/denominator", "required", format!("a {unit} is of something: say what")))
        }
        (None, Some(_)) => Some(FieldError::at("/denominator", "not_expected", format!("a {unit} has no denominator"))),
        _ => None,
    }
}

/// The tolerance as a number.
///
/// # Errors
/// If it is negative, too large or too precise.
pub fn tolerance(number: f64) -> Result<Decimal, FieldError> {
    match Decimal::of_json(number) {
        Ok(tolerance) => Ok(tolerance),
        Err(NotADecimal::TooLarge) => Err(FieldError::at("/tolerance", "too_large", "is too large")),
        Err(NotADecimal::TooPrecise) => {
            Err(FieldError::at("/tolerance", "too_precise", "may have at most four decimals"))
        }
    }
}

//! When a figure can be taken: whether it is of something, and of days that have been.

use chrono::NaiveDate;
use shared::problem::FieldError;

use crate::measure::decimal::NotADecimal;
use crate::measure::{Decimal, Definition, Unit};

/// Nothing that is shown here was counted before.
const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a day");

/// What is said of a figure, read but not yet judged.
#[derive(Clone, Debug)]
pub struct Said {
    /// The number.
    pub value: f64,
    /// In which unit the caller takes it to be.
    pub unit: Unit,
    /// To how many decimals it was printed, if not as the indicator says.
    pub decimals: Option<u8>,
    /// What was counted.
    pub numerator: Option<i64>,
    /// Out of how many.
    pub denominator: Option<i64>,
}

/// A figure that can be taken.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// The number.
    pub value: Decimal,
    /// To how many decimals it was printed.
    pub decimals: u8,
}

impl Said {
    /// Holds the figure against its indicator; what is wrong is added to `errors`.
    pub fn judge(&self, definition: &Definition, errors: &mut Vec<FieldError>) -> Option<Judged> {
        if definition.computed {
            let detail = "this indicator is counted here and takes no figures from outside";
            errors.push(FieldError::at("/indicator", "computed", detail));
        }
        if self.unit != definition.unit {
            let detail = format!("the indicator is measured in {}", definition.unit);
            errors.push(FieldError::at("/unit", "differs", detail));
        }
        self.judge_base(definition.unit, errors);
        let value = match Decimal::of_json(self.value) {
            Ok(value) => value,
            Err(NotADecimal::TooLarge) => {
                errors.push(FieldError::at("/value", "too_large", "must be less than 100,000,000,000 either way"));
                return None;
            }
            Err(NotADecimal::TooPrecise) => {
                errors.push(FieldError::at("/value", "too_precise", "may have at most four decimals"));
                return None;
            }
        };
        if definition.unit == Unit::Count && !value.is_whole() {
            errors.push(FieldError::at("/value", "not_whole", "a count is a whole number"));
        }
        if definition.unit != Unit::Percentage && definition.unit != Unit::Pounds && value.is_negative() {
            errors.push(FieldError::at("/value", "too_small", format!("a {} is not below nothing", definition.unit)));
        }
        let decimals = self.decimals.unwrap_or(definition.decimals);
        if value.decimals() > decimals {
            let detail = format!("has more decimals than the {decimals} it is said to be printed with");
            errors.push(FieldError::at("/value", "too_precise", detail));
        }
        Some(Judged { value, decimals })
    }

    fn judge_base(&self, unit: Unit, errors: &mut Vec<FieldError>) {
        if unit.scale().is_none() {
            for (name, given) in [("numerator", self.numerator), ("denominator", self.denominator)] {
                if given.is_some() {
                    let detail = format!("a {unit} is of nothing else");
                    errors.push(FieldError::at(format!("/{name}"), "not_expected", detail));
                }
            }
        } else if self.numerator.is_some() && self.denominator.is_none() {
            errors.push(FieldError::at("/denominator", "required", "a numerator is of something: say how many"));
        }
    }
}

/// Holds the days of a figure against each other and against today.
pub fn judge_period(from: NaiveDate, to: NaiveDate, today: NaiveDate, provisional: bool, errors: &mut Vec<FieldError>) {
    if from < EARLIEST {
        errors.push(FieldError::at("/period/from", "too_early", format!("must not be before {EARLIEST}")));
    }
    if to < from {
        errors.push(FieldError::at("/period/to", "before_the_beginning", "must not be before the first day"));
    }
    if from > today {
        errors.push(FieldError::at("/period/from", "in_the_future", "must not be after today"));
    } else if to > today && !provisional {
        let detail = "the period is not over: say that the figure is provisional";
        errors.push(FieldError::at("/period/to", "in_the_future", detail));
    }
}

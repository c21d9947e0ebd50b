//! What a rule about a form means for the rows it was made of.

use shared::problem::FieldError;

use crate::sheet::{Group, RowProblem};

/// What a rule says of a form, as it is said of the rows the form was made of.
pub fn placed(error: &FieldError, group: &Group, refused: bool) -> (i32, RowProblem) {
    let (place, column) = place(error.pointer.as_deref().unwrap_or_default());
    let row = group.rows.get(place).or_else(|| group.rows.first()).map_or(0, |row| row.number);
    (row, RowProblem { refused, column, code: error.code.clone(), detail: error.detail.clone() })
}

/// Which of the rows, and which column, a pointer into the form means.
fn place(pointer: &str) -> (usize, Option<String>) {
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    let column = |name: &str| (0, Some(name.to_owned()));
    match parts.as_slice() {
        ["people", place, field, ..] => (place.parse().unwrap_or(0), Some((*field).to_owned())),
        ["people"] => column("relation"),
        ["referrer", field] => column(&format!("referrer_{field}")),
        ["urgency", ..] => column("urgent_because"),
        ["consent"] | ["consent", "given"] => column("consent"),
        ["consent", field] => column(&format!("consent_{field}")),
        ["lawful_basis"] | ["lawful_basis", "basis"] => column("lawful_basis"),
        ["step_down", "reason"] => column("step_down_reason"),
        ["step_down", ..] => column("social_care_reference"),
        [first, ..] if !first.is_empty() => column(first),
        _ => (0, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_into_the_form_is_a_row_and_a_column() {
        let named = |pointer| {
            let (row, column) = place(pointer);
            (row, column.unwrap_or_default())
        };
        assert_eq!(named("/people/3/birth_date"), (3, "birth_date".to_owned()));
        assert_eq!(named("/people"), (0, "relation".to_owned()));
        assert_eq!(named("/concerns/1"), (0, "concerns".to_owned()));
        assert_eq!(named("/consent/by"), (0, "consent_by".to_owned()));
        assert_eq!(named("/referrer/name"), (0, "referrer_name".to_owned()));
        assert_eq!(named(""), (0, String::new()));
    }
}

//! The columns a file may have.

use crate::sheet::Expected;

/// What a column is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Which rows make one referral.
    Key,
    /// The referral: said once, in whichever of its rows.
    Referral,
    /// The person the row names.
    Person,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name, as it stands in the header.
    pub name: &'static str,
    /// What it is about.
    pub of: Of,
    /// Whether a file must have it.
    pub needed: bool,
    /// The most characters it may hold.
    pub most: usize,
    /// What the template shows in it.
    pub example: &'static str,
}

const fn column(name: &'static str, of: Of, needed: bool, most: usize, example: &'static str) -> Column {
    Column { name, of, needed, most, example }
}

/// The `referral_key` of the template's example, which is nobody: its rows are not taken.
pub const EXAMPLE: &str = "example";

/// Every column, in the order of the template.
pub const COLUMNS: [Column; 43] = [
    column("referral_key", Of::Key, false, 100, EXAMPLE),
    column("relation", Of::Person, true, 20, "child"),
    column("given_name", Of::Person, true, 200, "Juniper"),
    column("family_name", Of::Person, true, 200, "Testcase"),
    column("birth_date", Of::Person, false, 10, "2019-02-03"),
    column("expected_on", Of::Person, false, 10, ""),
    column("household", Of::Person, false, 1, "0"),
    column("address", Of::Person, false, 1000, "1 Example Street, Testford"),
    column("postcode", Of::Person, false, 10, "ZZ99 1AA"),
    column("school", Of::Person, false, 200, "Greenfield Academy"),
    column("gender", Of::Person, false, 20, "female"),
    column("ethnicity", Of::Person, false, 64, "mixed-white-and-asian"),
    column("language", Of::Person, false, 60, ""),
    column("interpreter", Of::Person, false, 5, "no"),
    column("disability", Of::Person, false, 5, "no"),
    column("send", Of::Person, false, 20, "sen_support"),
    column("kind", Of::Referral, false, 20, "professional"),
    column("referrer_name", Of::Referral, true, 200, "Ms A Teacher (invented)"),
    column("referrer_role", Of::Referral, true, 200, "designated safeguarding lead"),
    column("referrer_telephone", Of::Referral, false, 40, "01632 960001"),
    column("referrer_email", Of::Referral, false, 254, ""),
    column("made_at", Of::Referral, false, 40, ""),
    column("family_knows", Of::Referral, false, 5, "yes"),
    column("locality", Of::Referral, false, 64, "charnwood"),
    column("concerns", Of::Referral, true, 1400, "financial-stability secure-housing"),
    column("worries", Of::Referral, true, 20_000, "The family is in debt and afraid of losing the flat."),
    column("working_well", Of::Referral, false, 20_000, "Both parents come to school when asked."),
    column("needs_to_happen", Of::Referral, false, 20_000, "Help with debt before it comes to an eviction."),
    column("danger_statement", Of::Referral, false, 4000, ""),
    column("safety_goal", Of::Referral, false, 4000, ""),
    column("scale", Of::Referral, false, 2, "6"),
    column("urgent_because", Of::Referral, false, 4000, ""),
    column("consent", Of::Referral, false, 20, "yes"),
    column("consent_by", Of::Referral, false, 200, "mother"),
    column("consent_on", Of::Referral, false, 10, ""),
    column("consent_how", Of::Referral, false, 200, "in person"),
    column("consent_reason", Of::Referral, false, 4000, ""),
    column("lawful_basis", Of::Referral, false, 64, "public-task"),
    column("lawful_basis_note", Of::Referral, false, 4000, ""),
    column("social_care_reference", Of::Referral, false, 100, ""),
    column("step_down_reason", Of::Referral, false, 4000, ""),
    column("earlier_reference", Of::Referral, false, 20, ""),
    column("their_reference", Of::Referral, false, 100, ""),
];

/// The columns that our own answer as a file has besides: passed over, so that it can be put right and
/// sent again as it is.
pub const OF_THE_ANSWER: [&str; 4] = ["row", "outcome", "reference", "problems"];

/// The column of this name.
pub fn column_named(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.name == name)
}

/// The most rows a file may have under its header.
const MOST_ROWS: usize = 100_000;
/// The most people one referral names.
pub const MOST_PEOPLE: usize = 30;

/// What a file of referrals should look like.
pub fn expected() -> Expected {
    Expected {
        columns: COLUMNS.iter().map(|column| (column.name, column.needed)).collect(),
        passed_over: &OF_THE_ANSWER,
        key: "referral_key",
        most_rows: MOST_ROWS,
        most_of_one_key: MOST_PEOPLE,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::contact::ReferralForm;
    use crate::sheet::normalised;
    use utoipa::{PartialSchema, ToSchema};

    #[test]
    fn a_cell_may_be_as_long_as_the_field_it_becomes() {
        let mut schemas = vec![(ReferralForm::name().into_owned(), ReferralForm::schema())];
        ReferralForm::schemas(&mut schemas);
        let all = serde_json::to_value(schemas.into_iter().collect::<std::collections::BTreeMap<_, _>>()).unwrap();
        for (column, pointer) in [
            ("given_name", "PersonForm/properties/given_name"),
            ("family_name", "PersonForm/properties/family_name"),
            ("address", "PersonForm/properties/address"),
            ("postcode", "PersonForm/properties/postcode"),
            ("school", "PersonForm/properties/school"),
            ("language", "PersonForm/properties/language"),
            ("referrer_name", "ReferrerForm/properties/name"),
            ("referrer_role", "ReferrerForm/properties/role"),
            ("referrer_telephone", "ReferrerForm/properties/telephone"),
            ("referrer_email", "ReferrerForm/properties/email"),
            ("worries", "ReferralForm/properties/worries"),
            ("working_well", "ReferralForm/properties/working_well"),
            ("needs_to_happen", "ReferralForm/properties/needs_to_happen"),
            ("danger_statement", "ReferralForm/properties/danger_statement"),
            ("safety_goal", "ReferralForm/properties/safety_goal"),
            ("earlier_reference", "ReferralForm/properties/earlier_reference"),
            ("their_reference", "ReferralForm/properties/their_reference"),
            ("urgent_because", "ReferralUrgency/properties/why"),
            ("consent_by", "ServiceConsent/properties/by"),
            ("consent_how", "ServiceConsent/properties/how"),
            ("consent_reason", "ServiceConsent/properties/reason"),
            ("lawful_basis_note", "LawfulBasis/properties/note"),
            ("social_care_reference", "StepDownFrom/properties/social_care_reference"),
            ("step_down_reason", "StepDownFrom/properties/reason"),
        ] {
            let most = all.pointer(&format!("/{pointer}/maxLength")).unwrap_or_else(|| panic!("{pointer}: {all}"));
            assert_eq!(most.as_u64(), u64::try_from(column_named(column).unwrap().most).ok(), "{column}");
        }
    }

    #[test]
    fn a_name_is_known_however_it_is_written() {
        assert_eq!(normalised(" Given Name "), "given_name");
        assert_eq!(normalised("REFERRAL-KEY"), "referral_key");
        assert_eq!(COLUMNS.iter().filter(|column| column.needed).count(), 7);
        for (index, column) in COLUMNS.iter().enumerate() {
            assert!(COLUMNS.iter().skip(index + 1).all(|other| other.name != column.name), "{}", column.name);
            assert!(!OF_THE_ANSWER.contains(&column.name));
        }
    }
}

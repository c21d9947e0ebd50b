//! Names as keys.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

shared::typed_id!(
    /// Someone named on a referral: one mention.
    NamedPersonId
);

/// A name as it is compared: without case, accents, spaces or punctuation, so that
/// "O'Neill-Ábel" and "oneill abel" are one.
///
/// A name that is nothing but punctuation keeps itself, so that no two different ones meet.
pub fn name_key(name: &str) -> String {
    let key: String = name
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric())
        .collect();
    if key.is_empty() { name.trim().to_owned() } else { key }
}

/// Someone as a referrer named them, word for word.
#[derive(Clone, Copy, Debug)]
pub struct Mention<'a> {
    /// What they are in the family: `child`, `parent`, …
    pub relation: &'static str,
    /// Given name.
    pub given_name: &'a str,
    /// Family name.
    pub family_name: &'a str,
    /// Birth date.
    pub birth_date: Option<NaiveDate>,
    /// When a child that is not born yet is expected.
    pub expected_on: Option<NaiveDate>,
    /// Which of the households named they live in; 0 the main one.
    pub household: i16,
    /// Address, without the postcode.
    pub address: Option<&'a str>,
    /// Postcode.
    pub postcode: Option<&'a str>,
    /// School or college.
    pub school: Option<&'a str>,
}

/// How a mention came to mean a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Nobody was known by it.
    New,
    /// Same names, letter by letter, same birth date.
    Exact,
    /// Same keys, same birth date.
    Normalised,
}

impl Method {
    /// As the table spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::New => "new",
            Method::Exact => "exact",
            Method::Normalised => "normalised",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spelling_that_people_vary_makes_no_difference() {
        assert_eq!(name_key("O'Neill-Ábel"), name_key("oneill abel"));
        assert_eq!(name_key("ZOË"), "zoe");
        assert_eq!(name_key("Ｍａｒｉａ"), "maria");
        assert_ne!(name_key("Anne"), name_key("Anna"));
        assert_eq!(name_key(" - "), "-");
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key(name in "\\PC{1,40}") {
            prop_assert_eq!(name_key(&name_key(&name)), name_key(&name));
        }
    }
}

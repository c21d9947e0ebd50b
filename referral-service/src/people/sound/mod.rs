//! How names sound, so that people are found by names as they were heard.

pub mod filling;

use rphonetic::DoubleMetaphone;

use super::domain::name_key;

/// How many sounds of a name are told apart. With four, the usual, long names that begin alike are one.
const SOUNDS: usize = 6;

/// How a name sounds in English, and how else it might.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// As it is stored.
    pub usual: String,
    /// The same, if there is only one way.
    pub other: String,
}

/// How a name sounds, by double metaphone. A name without Latin letters sounds as it is written.
pub fn sound(name: &str) -> Sound {
    let key = name_key(name);
    let letters: String = key.chars().filter_map(latin).collect();
    let coded = DoubleMetaphone::new(Some(SOUNDS)).double_metaphone(&letters);
    let or_itself = |code: String| if code.is_empty() { key.clone() } else { code };
    Sound { usual: or_itself(coded.primary()), other: or_itself(coded.alternate()) }
}

/// The letters a to z for a letter, also for one that no decomposition leads to.
fn latin(c: char) -> Option<&'static str> {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
    match c {
        'ß' => Some("ss"),
        'æ' => Some("ae"),
        'œ' => Some("oe"),
        'ø' => Some("o"),
        'ł' => Some("l"),
        'đ' | 'ð' => Some("d"),
        'þ' => Some("th"),
        'ı' => Some("i"),
        _ => LETTERS.find(c).and_then(|at| LETTERS.get(at..=at)),
    }
}

/// The key of the last part of a family name that has several: people are looked for by either.
pub fn last_part(family_name: &str) -> Option<String> {
    let mut parts = family_name.split(|c: char| c.is_whitespace() || c == '-').filter(|part| !part.is_empty());
    let (first, last) = (parts.next()?, parts.next_back()?);
    let (first, last) = (name_key(first), name_key(last));
    (!first.is_empty() && last.chars().count() > 1).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_sound_alike_have_one_sound() {
        for (one, other) in
            [("Catherine", "Kathryn"), ("Philip", "Filip"), ("Stephen", "Steven"), ("Smyth", "Smith"), ("Zoë", "Zoe")]
        {
            assert_eq!(sound(one).usual, sound(other).usual, "{one} {other}");
        }
        assert_eq!(sound("Schmidt").other, "SMT");
        assert_ne!(sound("Juniper").usual, sound("Willow").usual);
        assert_eq!(sound("李").usual, "李");
    }

    #[test]
    fn a_double_name_is_found_by_its_last_part() {
        assert_eq!(last_part("Testcase-Jones").as_deref(), Some("jones"));
        assert_eq!(last_part("van der Berg").as_deref(), Some("berg"));
        assert_eq!(last_part("Testcase"), None);
        assert_eq!(last_part("- "), None);
    }

    proptest! {
        #[test]
        fn any_text_has_a_sound_without_panic(text in ".{0,60}") {
            sound(&text);
            last_part(&text);
        }

        #[test]
        fn letters_have_a_sound_without_panic(text in "[a-z]{0,30}") {
            sound(&text);
        }
    }
}

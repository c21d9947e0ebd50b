//! When a family said something, how far its words may be told, and what is taken out of them.

use std::collections::HashSet;

use super::MeasurementPoint;

shared::words! {
    /// At which point of the work something was said.
    VoicePoint {
        /// At the whole-family assessment.
        Assessment = "assessment",
        /// At a review.
        Review = "review",
        /// When the work ended.
        Closure = "closure",
        /// At any other time.
        AtAnyTime = "at_any_time",
    }
}

impl VoicePoint {
    /// The point at which a measurement is taken.
    pub const fn of(point: MeasurementPoint) -> Self {
        match point {
            MeasurementPoint::Initial => VoicePoint::Assessment,
            MeasurementPoint::Review => VoicePoint::Review,
            MeasurementPoint::Closure => VoicePoint::Closure,
        }
    }
}

shared::words! {
    /// How far a consent to a case study goes.
    StudyScope {
        /// The words alone, with nobody's name.
        Anonymous = "anonymous",
        /// The words and the name the person wants to be shown.
        Named = "named",
        /// The words, that name and a picture.
        WithImage = "with_image",
    }
}

/// What stands where a name was.
const NAME: &str = "[name]";

/// Words without these names, and whether any was in them. A name is taken out as a whole word, however it is
/// written; the words of `shown`, the name a person wants to be shown, stay.
pub fn without_names(words: &str, names: &[&str], shown: Option<&str>) -> (String, bool) {
    let kept: HashSet<String> = shown.map(parts).unwrap_or_default().collect();
    // A single letter is an initial, and is every "I" of the words too.
    let out: HashSet<String> = names
        .iter()
        .flat_map(|name| parts(name))
        .filter(|part| part.chars().count() > 1 && !kept.contains(part))
        .collect();
    let (mut text, mut word, mut masked) = (String::with_capacity(words.len()), String::new(), false);
    for letter in words.chars().map(Some).chain([None]) {
        if let Some(letter) = letter.filter(|letter| letter.is_alphanumeric()) {
            word.push(letter);
            continue;
        }
        if out.contains(&word.to_lowercase()) {
            text.push_str(NAME);
            masked = true;
        } else {
            text.push_str(&word);
        }
        word.clear();
        text.extend(letter);
    }
    (text, masked)
}

/// The words of a name.
fn parts(name: &str) -> std::vec::IntoIter<String> {
    let words = name.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_taken_out_as_words_however_they_are_written() {
        let names = ["Juniper", "Testcase-Sample", "A"];
        let said = |words: &str| without_names(words, &names, None);
        assert_eq!(said("Juniper's room. JUNIPER!"), ("[name]'s room. [name]!".to_owned(), true));
        assert_eq!(said("The Testcase-Sample family"), ("The [name]-[name] family".to_owned(), true));
        assert_eq!(said("A juniperberry: a plant"), ("A juniperberry: a plant".to_owned(), false));
        assert_eq!(without_names("I am Juniper Sample", &names, Some("Juniper")).0, "I am Juniper [name]");
    }

    proptest! {
        #[test]
        fn no_name_survives(words in "[a-zA-Z ,.']{0,60}", name in "[a-zA-Z]{2,8}") {
            let (text, masked) = without_names(&words, &[&name], None);
            let lower = name.to_lowercase();
            let left = text.replace(NAME, " ");
            prop_assert!(left.split(|letter: char| !letter.is_alphanumeric()).all(|word| word.to_lowercase() != lower));
            prop_assert!(masked || text == words);
        }
    }
}

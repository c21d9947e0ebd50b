//! How well a person fits what is looked for.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::birth::Birth;
use crate::people::{Sound, last_part, name_key, sound};

/// What of a search fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SearchMatch)]
pub enum Matched {
    /// The name.
    Name,
    /// The beginning of the name.
    NameBeginning,
    /// The name but for one letter.
    NameOneEdit,
    /// A name that sounds alike.
    NameSound,
    /// A name that is written much alike.
    NameSimilar,
    /// Given and family name are the other way round.
    NameSwapped,
    /// The birth date.
    BirthDate,
    /// The birth date but for one digit, or with day and month the other way round.
    BirthDateAlike,
    /// The reference.
    Reference,
    /// The house or the street.
    Address,
    /// The postcode.
    Postcode,
    /// Who works on it.
    Worker,
    /// Someone who was found.
    Person,
}

/// The score of who fits whole.
pub const WHOLE: u8 = 100;
/// The least score with which someone is shown.
pub const SHOWN_FROM: u8 = 60;
/// What the family name and the given name count for in a name.
const FAMILY: f64 = 0.55;
const GIVEN: f64 = 1.0 - FAMILY;
/// What a birth date counts for beside the name, where one is looked for.
const BIRTH: f64 = 0.3;
/// Names shorter than this have too little in them to be mistaken in.
const SHORTEST_MISTAKEN: usize = 3;
/// Names longer than this are not looked for with a mistake: hardly any are, and each letter costs.
const LONGEST_MISTAKEN: usize = 24;
/// From here on two names are written much alike (Jaro-Winkler).
const SIMILAR: f64 = 0.88;

/// A name as it may be meant. Keys, without case, accents or spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The given name, if there is one in it.
    pub given: Option<Word>,
    /// The family name, if there is one in it.
    pub family: Option<Word>,
    /// Whether it is the other way round from how names are mostly written.
    pub swapped: bool,
}

/// A part of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its key.
    pub key: String,
    /// How it sounds.
    pub sound: Sound,
}

impl Word {
    fn of(key: String) -> Self {
        Self { sound: sound(&key), key }
    }

    /// The ways in which it may sound.
    pub fn sounds(&self) -> Vec<&str> {
        let Sound { usual, other } = &self.sound;
        if usual == other { vec![usual] } else { vec![usual, other] }
    }
}

/// The ways to read a name: `Juniper Testcase`, `Testcase, Juniper`, `Testcase`. The last word is
/// the family name, or the last but one and the last; otherwise the first is.
pub fn readings(name: &str) -> Vec<Reading> {
    let keys = |text: &str| -> Vec<String> {
        text.split_whitespace().map(name_key).filter(|key| key.chars().any(char::is_alphanumeric)).collect()
    };
    let both = |given: &[String], family: &[String], swapped| Reading {
        given: Some(Word::of(given.concat())),
        family: Some(Word::of(family.concat())),
        swapped,
    };
    if let Some((family, given)) = name.split_once(',') {
        let (family, given) = (keys(family), keys(given));
        if !family.is_empty() && !given.is_empty() {
            return vec![both(&given, &family, false)];
        }
    }
    let words = keys(&name.replace(',', " "));
    let mut readings = Vec::new();
    match words.as_slice() {
        [] => {}
        [only] => {
            readings.push(Reading { given: None, family: Some(Word::of(only.clone())), swapped: false });
            readings.push(Reading { given: Some(Word::of(only.clone())), family: None, swapped: false });
        }
        [first, rest @ ..] => {
            for family in 1..=rest.len().min(2) {
                let (given, family) = words.split_at(words.len() - family);
                readings.push(both(given, family, false));
            }
            readings.push(both(rest, std::slice::from_ref(first), true));
        }
    }
    readings
}

/// Every name that is one edit away: a letter too many, too few, another, or two the other way round.
pub fn one_edit_away(key: &str) -> Vec<String> {
    let letters: Vec<char> = key.chars().collect();
    if !(SHORTEST_MISTAKEN..=LONGEST_MISTAKEN).contains(&letters.len()) {
        return Vec::new();
    }
    let mut edits = BTreeSet::new();
    for at in 0..=letters.len() {
        let (before, after) = letters.split_at(at);
        let mut add = |middle: &[char], rest: &[char]| {
            edits.insert([before, middle, rest].concat().into_iter().collect::<String>());
        };
        for letter in 'a'..='z' {
            add(&[letter], after);
        }
        if let [gone, rest @ ..] = after {
            add(&[], rest);
            for letter in ('a'..='z').filter(|letter| letter != gone) {
                add(&[letter], rest);
            }
        }
        if let [one, other, rest @ ..] = after {
            add(&[*other, *one], rest);
        }
    }
    edits.remove(key);
    edits.into_iter().collect()
}

/// Someone who may be meant.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// Their given name, as it is shown.
    pub given_name: &'a str,
    /// Their family name, as it is shown.
    pub family_name: &'a str,
    /// Their birth date.
    pub birth_date: Option<NaiveDate>,
}

/// How well someone fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// 0 to 100.
    pub score: u8,
    /// What fits.
    pub matched: Vec<Matched>,
}

/// How well someone fits a name and a birth date, in the reading that fits best; nothing, if not well
/// enough to be shown.
///
/// The score is what the names' likeness comes to in hundredths: family name 55 %, given name 45 %. Where a birth
/// date is looked for it counts for 30 %, and the name for the rest: all of it for the same day, 70 % for a day
/// that is taken for it, half where the index has none.
pub fn fit(readings: &[Reading], birth: Option<&Birth>, known: &Known<'_>) -> Option<Fit> {
    let given = name_key(known.given_name);
    let family = name_key(known.family_name);
    let last = last_part(known.family_name);
    let of_name = |reading: &Reading| -> Option<(f64, BTreeSet<Matched>)> {
        let mut matched = BTreeSet::new();
        let mut part = |asked: &Option<Word>, found: &str, last: Option<&str>| {
            let asked = asked.as_ref()?;
            let (worth, how) = likeness(asked, found, last);
            matched.extend(how);
            Some(worth)
        };
        let of_given = part(&reading.given, &given, None);
        let of_family = part(&reading.family, &family, last.as_deref());
        let name = match (of_given, of_family) {
            (Some(given), Some(family)) => GIVEN * given + FAMILY * family,
            (only, other) => only.or(other)?,
        };
        if reading.swapped {
            matched.insert(Matched::NameSwapped);
        }
        // A little less, so that the usual way round comes first.
        Some((if reading.swapped { name * 0.97 } else { name }, matched))
    };
    let best = readings.iter().filter_map(of_name).max_by(|(one, _), (other, _)| one.total_cmp(other));
    let (name, mut matched) = best?;
    if matched.is_empty() {
        return None;
    }
    let score = match birth {
        None => name,
        Some(birth) => {
            let (worth, how) = birth.likeness(known.birth_date);
            matched.extend(how);
            (1.0 - BIRTH) * name + BIRTH * worth
        }
    };
    let score = hundredths(score);
    (score >= SHOWN_FROM).then(|| Fit { score, matched: matched.into_iter().collect() })
}

/// A share in hundredths, rounded.
fn hundredths(share: f64) -> u8 {
    (0u8..=100).rev().find(|n| f64::from(*n) <= 100.0 * share + 0.5).unwrap_or_default()
}

/// How alike two parts of a name are, and in what way.
fn likeness(asked: &Word, found: &str, last: Option<&str>) -> (f64, Option<Matched>) {
    let long_enough = asked.key.chars().count() >= SHORTEST_MISTAKEN;
    let sounds_alike = || asked.sounds().contains(&sound(found).usual.as_str());
    if asked.key == found {
        (1.0, Some(Matched::Name))
    } else if last == Some(asked.key.as_str()) {
        (0.9, Some(Matched::Name))
    } else if found.starts_with(&asked.key) {
        (if long_enough { 0.9 } else { 0.7 }, Some(Matched::NameBeginning))
    } else if long_enough && strsim::osa_distance(&asked.key, found) == 1 {
        (0.9, Some(Matched::NameOneEdit))
    } else if sounds_alike() {
        (0.8, Some(Matched::NameSound))
    } else {
        let similar = strsim::jaro_winkler(&asked.key, found);
        if long_enough && similar >= SIMILAR { (0.7, Some(Matched::NameSimilar)) } else { (0.0, None) }
    }
}

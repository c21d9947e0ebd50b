//! From what is looked for to what is found. What leads to the fewest comes first: a reference, a
//! worker, a house, a name. The rest is held against what that gave.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use diesel_async::AsyncPgConnection;
use shared::problem::Problem;
use uuid::Uuid;

use super::birth::Birth;
use super::domain::{Fit, Known, Matched, Reading, WHOLE, fit};
use super::house;
use super::named::{self, Candidate, EACH};
use super::records::{self, Record};

/// The most people and records that are shown.
const MOST_PEOPLE: usize = 20;
const MOST_RECORDS: usize = 50;

/// What is looked for, checked.
#[derive(Debug, Default)]
pub struct Wanted {
    /// The name in every reading; none, if none is looked for.
    pub readings: Vec<Reading>,
    pub birth: Option<Birth>,
    pub address: Option<String>,
    pub postcode: Option<String>,
    /// As it is stored.
    pub reference: Option<String>,
    pub worker: Option<String>,
}

/// Someone who was found.
#[derive(Debug)]
pub struct Person {
    pub known: Candidate,
    pub fit: Fit,
}

/// A record that was found, and whom of those found it is about.
#[derive(Debug)]
pub struct Found {
    pub record: Record,
    pub people: Vec<Uuid>,
    pub matched: Vec<Matched>,
}

/// What was found, the best first, and whether that may not be all.
#[derive(Debug, Default)]
pub struct Finding {
    pub people: Vec<Person>,
    pub records: Vec<Found>,
    pub more: bool,
}

impl Wanted {
    fn asks_of_people(&self) -> bool {
        !self.readings.is_empty() || self.asks_of_house()
    }

    fn asks_of_house(&self) -> bool {
        self.address.is_some() || self.postcode.is_some()
    }

    /// How well somebody fits; nothing, if not well enough to be shown.
    fn fit(&self, known: &Candidate) -> Option<Fit> {
        let mut fit = if self.readings.is_empty() {
            // All that was asked fits.
            Fit { score: WHOLE, matched: Vec::new() }
        } else {
            let Candidate { given_name, family_name, birth_date, .. } = known;
            fit(&self.readings, self.birth.as_ref(), &Known { given_name, family_name, birth_date: *birth_date })?
        };
        fit.matched.extend(self.address.as_ref().map(|_| Matched::Address));
        fit.matched.extend(self.postcode.as_ref().map(|_| Matched::Postcode));
        Some(fit)
    }

    /// What a record is found by, beside people.
    fn marks(&self) -> Vec<Matched> {
        let marks = [(&self.reference, Matched::Reference), (&self.worker, Matched::Worker)];
        marks.into_iter().filter_map(|(asked, mark)| asked.as_ref().map(|_| mark)).collect()
    }
}

/// Finds.
///
/// # Errors
/// As the database says.
pub async fn find(connection: &mut AsyncPgConnection, wanted: &Wanted) -> Result<Finding, Problem> {
    let led = led_by_records(connection, wanted).await?;
    let mut finding = Finding::default();
    if wanted.asks_of_people() {
        finding.people = meant(connection, wanted, led.as_deref(), &mut finding.more).await?.ranked();
        finding.more |= finding.people.len() > MOST_PEOPLE;
        finding.people.truncate(MOST_PEOPLE);
    }
    let people: Vec<Uuid> = finding.people.iter().map(|person| person.known.id).collect();
    let rows = match led {
        Some(rows) => rows,
        None => records::about(connection, &people).await?,
    };
    finding.records = together(wanted, rows, &people);
    finding.more |= finding.records.len() > MOST_RECORDS;
    finding.records.truncate(MOST_RECORDS);
    Ok(finding)
}

/// The records that a reference or a worker leads to, if either is given.
async fn led_by_records(connection: &mut AsyncPgConnection, wanted: &Wanted) -> Result<Option<Vec<Record>>, Problem> {
    let theirs = match &wanted.worker {
        Some(worker) => Some(records::by_worker(connection, worker).await?),
        None => None,
    };
    let Some(reference) = &wanted.reference else {
        return Ok(theirs);
    };
    let mut led = records::by_reference(connection, reference).await?;
    if let Some(theirs) = theirs {
        let theirs: HashSet<Uuid> = theirs.into_iter().map(|row| row.id).collect();
        led.retain(|row| theirs.contains(&row.id));
    }
    Ok(Some(led))
}

/// Who may be meant, by whatever leads to the fewest.
async fn meant<'a>(
    connection: &mut AsyncPgConnection,
    wanted: &'a Wanted,
    led: Option<&[Record]>,
    more: &mut bool,
) -> Result<Judged<'a>, Problem> {
    let dwellers: Option<Vec<Uuid>> = if wanted.asks_of_house() {
        Some(house::at(connection, wanted.address.as_deref(), wanted.postcode.as_deref()).await?)
    } else {
        None
    };
    let looked_for = match (led, &dwellers) {
        (Some(led), _) => {
            let people: BTreeSet<Uuid> = led.iter().filter_map(|row| row.person_id).collect();
            Some(named::people(connection, &people.into_iter().collect::<Vec<_>>()).await?)
        }
        (None, Some(dwellers)) => Some(named::people(connection, dwellers).await?),
        (None, None) => None,
    };
    let mut judged = Judged::by(wanted, dwellers);
    match looked_for {
        Some(people) => judged.add(people),
        None => by_name(connection, &mut judged, more).await?,
    }
    Ok(judged)
}

/// Looks for a name. Where enough fit it whole, nobody is looked for who fits less well: with a birth date one is
/// enough, and namesakes born on quite another day are let go; without, as many as are shown.
async fn by_name(connection: &mut AsyncPgConnection, judged: &mut Judged<'_>, more: &mut bool) -> Result<(), Problem> {
    let wanted = judged.wanted;
    for reading in &wanted.readings {
        judged.add(named::close(connection, reading, wanted.birth.as_ref()).await?);
    }
    let enough = if wanted.birth.is_some() { 1 } else { MOST_PEOPLE + 1 };
    if judged.people.iter().filter(|person| person.fit.score == WHOLE).count() >= enough {
        return Ok(());
    }
    for reading in &wanted.readings {
        let some = named::wide(connection, reading).await?;
        // One of the looks may have had no room for all.
        *more |= i64::try_from(some.len()).is_ok_and(|found| found >= EACH);
        judged.add(some);
        // The other ways to read the name were looked at as they are written.
        if judged.people.len() > MOST_PEOPLE {
            break;
        }
    }
    Ok(())
}

/// Those who fit, each judged once however many looks find them.
struct Judged<'a> {
    wanted: &'a Wanted,
    /// Who lives at the house that is looked for; nobody else is meant.
    dwellers: Option<HashSet<Uuid>>,
    seen: HashSet<Uuid>,
    people: Vec<Person>,
}

impl<'a> Judged<'a> {
    fn by(wanted: &'a Wanted, dwellers: Option<Vec<Uuid>>) -> Self {
        let dwellers = dwellers.map(|people| people.into_iter().collect());
        Self { wanted, dwellers, seen: HashSet::new(), people: Vec::new() }
    }

    /// Keeps those of them who fit.
    fn add(&mut self, candidates: Vec<Candidate>) {
        for known in candidates {
            let lives_elsewhere = self.dwellers.as_ref().is_some_and(|dwellers| !dwellers.contains(&known.id));
            if lives_elsewhere || !self.seen.insert(known.id) {
                continue;
            }
            if let Some(fit) = self.wanted.fit(&known) {
                self.people.push(Person { known, fit });
            }
        }
    }

    /// The best first.
    fn ranked(mut self) -> Vec<Person> {
        self.people.sort_by(|one, other| {
            let key =
                |person: &Person| (person.known.family_name.clone(), person.known.given_name.clone(), person.known.id);
            let youngest = other.known.birth_date.cmp(&one.known.birth_date);
            other.fit.score.cmp(&one.fit.score).then(youngest).then_with(|| key(one).cmp(&key(other)))
        });
        self.people
    }
}

/// Rows of the same record as one, newest first; where people are looked for, only what is about some of them.
fn together(wanted: &Wanted, rows: Vec<Record>, people: &[Uuid]) -> Vec<Found> {
    let mut matched = wanted.marks();
    if wanted.asks_of_people() {
        matched.push(Matched::Person);
    }
    let mut records: BTreeMap<(std::cmp::Reverse<chrono::DateTime<chrono::Utc>>, Uuid), Found> = BTreeMap::new();
    for row in rows {
        let about = row.person_id.filter(|person| people.contains(person));
        if wanted.asks_of_people() && about.is_none() {
            continue;
        }
        let key = (std::cmp::Reverse(row.since), row.id);
        let found =
            records.entry(key).or_insert_with(|| Found { record: row, people: Vec::new(), matched: matched.clone() });
        found.people.extend(about);
    }
    records.into_values().collect()
}

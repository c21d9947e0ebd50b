//! What was told, kept by the test, and counted by the definitions of docs/figures.md: no query of the
//! system's and no answer of its figures is used.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};

use super::calendar::Calendar;
use super::plan::{Interview, Measured, QUESTIONS};

/// By what a figure is broken down.
#[derive(Clone, Copy)]
pub enum By {
    Locality,
    Service,
    Part,
}

impl By {
    pub fn of(word: &str) -> Self {
        match word {
            "locality" => By::Locality,
            "service" => By::Service,
            "part" => By::Part,
            other => panic!("broken down by {other}"),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            By::Locality => "locality",
            By::Service => "service",
            By::Part => "part",
        }
    }
}

/// A piece of a figure: numerator and denominator, 0 where there is none.
#[derive(Clone, Debug)]
pub struct Cell {
    locality: &'static str,
    service: &'static str,
    part: String,
    pub count: (i64, i64),
}

/// What a referral is counted as: the part, and the count.
type Piece = (&'static str, (i64, i64));

/// The cells of a figure, added up.
pub fn summed(cells: &[Cell], by: By) -> BTreeMap<String, (i64, i64)> {
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for cell in cells {
        let of = match by {
            By::Locality => cell.locality.to_owned(),
            By::Service => cell.service.to_owned(),
            By::Part => cell.part.clone(),
        };
        let sum = sums.entry(of).or_default();
        *sum = (sum.0 + cell.count.0, sum.1 + cell.count.1);
    }
    sums.retain(|_, sum| *sum != (0, 0));
    sums
}

/// A referral.
pub struct Referred {
    pub week: i64,
    pub locality: &'static str,
    pub agency: &'static str,
    pub urgent: bool,
    pub repeat: bool,
    pub decided: i64,
    /// What the police were asked: when they answered, if they did before the referral ended.
    pub asked: Option<Answered>,
}

/// What became of a request for information.
pub enum Answered {
    InTime,
    Late,
    /// It was never answered, and its time has passed.
    Silent,
    /// The referral ended first, and nobody waits for it.
    TakenBack,
}

/// A service that was asked.
pub struct Offered {
    pub week: i64,
    pub locality: &'static str,
    pub service: &'static str,
    pub declined: bool,
}

/// A case.
pub struct Worked {
    pub family: usize,
    pub locality: &'static str,
    pub service: &'static str,
    pub case_type: &'static str,
    pub opened: i64,
    pub eligible: bool,
    /// Under five, other children, adults, on the day it was opened.
    pub people: [i64; 3],
    /// The assessment that stands: when it was completed, and what it says.
    pub first: Option<(i64, Measured)>,
    /// When assessments and reviews were completed the first time, and whether in time.
    pub assessed: Option<(i64, bool)>,
    pub reviewed: Vec<(i64, bool)>,
    /// When the family began to work with the service: from then on an assessment is owed.
    pub engaged: Option<i64>,
    /// In how many weeks an assessment and a review are due.
    pub limits: (i64, i64),
    /// What stands at the end: the closing review, or the last one.
    pub last: Option<Measured>,
    pub closed: Option<(i64, &'static str)>,
    /// After three months: reached, sustained; none if nobody asked.
    pub followed: Option<(bool, bool)>,
}

/// An evening a child was missing.
pub struct Gone {
    pub week: i64,
    pub locality: &'static str,
    pub risk: &'static str,
    pub interview: Interview,
}

/// What was told in a year.
#[derive(Default)]
pub struct Ledger {
    pub referred: Vec<Referred>,
    pub offered: Vec<Offered>,
    pub worked: Vec<Worked>,
    pub gone: Vec<Gone>,
}

pub const AREAS: [&str; 10] = [
    "health",
    "coping",
    "closeness",
    "safety",
    "people-around",
    "learning",
    "limits",
    "everyday-life",
    "housing-and-income",
    "towards-work",
];

fn one_if(yes: bool) -> i64 {
    i64::from(yes)
}

impl Ledger {
    /// Every figure of the front door and of casework, from one week's day to another's, both included.
    pub fn cells(&self, calendar: &Calendar, from: i64, to: i64) -> Vec<(&'static str, Vec<Cell>)> {
        let mut figures = self.front_door(from, to);
        figures.extend(self.casework(from, to));
        figures.extend(self.limits(calendar, from, to));
        figures.extend(self.journeys(from, to));
        figures.extend(self.follow_ups(calendar, from, to));
        figures.extend(self.missing(from, to));
        figures
    }

    fn front_door(&self, from: i64, to: i64) -> Vec<(&'static str, Vec<Cell>)> {
        let within = |week: i64| (from..=to).contains(&week);
        let cell = |one: &Referred, part: &str, count| Cell {
            locality: one.locality,
            service: "",
            part: part.to_owned(),
            count,
        };
        let received: Vec<&Referred> = self.referred.iter().filter(|one| within(one.week)).collect();
        let counted = |of: &dyn Fn(&Referred) -> Option<Piece>| -> Vec<Cell> {
            received.iter().filter_map(|one| of(one).map(|(part, count)| cell(one, part, count))).collect()
        };
        let told = self.referred.iter().filter(|one| within(one.decided));
        let offered = self.offered.iter().filter(|one| within(one.week) && !one.declined);
        vec![
            ("referrals_received", counted(&|_| Some(("", (1, 0))))),
            ("referrals_by_kind", counted(&|_| Some(("professional", (1, 0))))),
            ("repeat_referrals", counted(&|one| Some(("", (one_if(one.repeat), 1))))),
            ("urgent_referrals", counted(&|one| one.urgent.then_some(("", (1, 0))))),
            // A working day is over long before the next week.
            ("decided_in_time", counted(&|one| Some(("", (one_if(one.decided == one.week), 1))))),
            (
                "referrer_told_in_time",
                told.map(|one| cell(one, one.agency, (one_if(one.decided == one.week), 1))).collect(),
            ),
            (
                "information_answered_in_time",
                counted(&|one| match one.asked.as_ref()? {
                    Answered::InTime => Some(("police", (1, 1))),
                    Answered::Late | Answered::Silent => Some(("police", (0, 1))),
                    Answered::TakenBack => None,
                }),
            ),
            (
                "allocated_by_service",
                offered
                    .map(|one| Cell {
                        locality: one.locality,
                        service: one.service,
                        part: String::new(),
                        count: (1, 0),
                    })
                    .collect(),
            ),
        ]
    }

    fn casework(&self, from: i64, to: i64) -> Vec<(&'static str, Vec<Cell>)> {
        let within = |week: i64| (from..=to).contains(&week);
        let cell = |one: &Worked, part: &str, count| Cell {
            locality: one.locality,
            service: one.service,
            part: part.to_owned(),
            count,
        };
        let open = |one: &&Worked| one.opened <= to && one.closed.is_none_or(|closed| closed.0 >= from);
        // A family counts once, where the latest of its cases is.
        let families = |of: &dyn Fn(&&Worked) -> bool, at: &dyn Fn(&Worked) -> i64| -> Vec<&Worked> {
            let mut newest: BTreeMap<usize, &Worked> = BTreeMap::new();
            for one in self.worked.iter().filter(|one| of(one)) {
                let known = newest.entry(one.family).or_insert(one);
                if at(one) > at(known) {
                    *known = one;
                }
            }
            newest.into_values().collect()
        };
        let opened_at = |one: &Worked| one.opened;
        let closed_at = |one: &Worked| one.closed.map(|closed| closed.0).unwrap_or_default();
        let with = families(&open, &opened_at);
        let opened = families(&|one: &&Worked| within(one.opened), &opened_at);
        let closed = families(&|one: &&Worked| one.closed.is_some_and(|closed| within(closed.0)), &closed_at);
        let ages = ["child-under-5", "child-5-and-over", "adult"];
        let individuals =
            with.iter().flat_map(|one| ages.iter().zip(one.people).map(|(age, n)| cell(one, age, (n, 0)))).collect();
        let asked =
            self.worked.iter().filter_map(|one| Some((one, one.first.as_ref().filter(|first| within(first.0))?)));
        let issues = asked.flat_map(|(one, (_, first))| {
            QUESTIONS
                .iter()
                .zip(first.issues)
                .filter_map(move |(question, issue)| Some(cell(one, question.0, (one_if(issue?), 1))))
        });
        vec![
            ("families_worked_with", with.iter().map(|one| cell(one, one.case_type, (1, 0))).collect()),
            ("individuals_worked_with", individuals),
            (
                "cases_worked_with",
                self.worked.iter().filter(open).map(|one| cell(one, one.case_type, (1, 0))).collect(),
            ),
            ("families_opened", opened.iter().map(|one| cell(one, one.case_type, (1, 0))).collect()),
            (
                "families_closed",
                closed.iter().map(|one| cell(one, one.closed.map_or("", |closed| closed.1), (1, 0))).collect(),
            ),
            (
                "eligible_when_opened",
                self.worked
                    .iter()
                    .filter(|one| within(one.opened))
                    .map(|one| cell(one, one.case_type, (one_if(one.eligible), 1)))
                    .collect(),
            ),
            ("issues_at_assessment", issues.collect()),
        ]
    }

    /// Assessments and reviews on the day on which they were completed, or on which their limit passed, whichever came
    /// first. What was owed when the case was closed, and not late by then, counts nowhere.
    fn limits(&self, calendar: &Calendar, from: i64, to: i64) -> Vec<(&'static str, Vec<Cell>)> {
        let (mut assessments, mut reviews) = (vec![], vec![]);
        for one in &self.worked {
            let count = |cells: &mut Vec<Cell>, due: NaiveDate, done: Option<(i64, bool)>| {
                let ended = one.closed.is_some_and(|closed| calendar.day(closed.0) <= due);
                let day = match done {
                    Some((week, true)) => calendar.day(week),
                    None if ended => return,
                    _ => due,
                };
                if (calendar.day(from)..=calendar.day(to)).contains(&day) {
                    let count = (one_if(done.is_some_and(|done| done.1)), 1);
                    cells.push(Cell { locality: one.locality, service: one.service, part: String::new(), count });
                }
            };
            if let Some(engaged) = one.engaged {
                count(&mut assessments, calendar.limit(engaged, one.limits.0), one.assessed);
            }
            let mut before = one.assessed.map(|assessed| assessed.0);
            for done in &one.reviewed {
                let begun = before.replace(done.0).expect("an assessment comes first");
                count(&mut reviews, calendar.limit(begun, one.limits.1), Some(*done));
            }
            if let Some(begun) = before {
                count(&mut reviews, calendar.limit(begun, one.limits.1), None);
            }
        }
        vec![("assessments_in_time", assessments), ("reviews_in_time", reviews)]
    }

    /// Of the cases that were closed in the period, and both assessed and reviewed.
    fn journeys(&self, from: i64, to: i64) -> Vec<(&'static str, Vec<Cell>)> {
        let (mut all, mut low, mut little, mut resolved, mut not_asked) = (vec![], vec![], vec![], vec![], vec![]);
        for one in &self.worked {
            let closed = one.closed.is_some_and(|closed| (from..=to).contains(&closed.0));
            let (true, Some((_, first)), Some(last)) = (closed, &one.first, &one.last) else { continue };
            let cell =
                |part: &str, count| Cell { locality: one.locality, service: one.service, part: part.to_owned(), count };
            for ((area, first), last) in AREAS.iter().zip(first.scores).zip(last.scores) {
                // Two points make a stage; from seven on little or no support is needed.
                let rose = one_if(last > first && (last + 1) / 2 > (first + 1) / 2);
                all.push(cell(area, (rose, 1)));
                if first < 7 {
                    low.push(cell(area, (rose, 1)));
                }
                little.push(cell(area, (one_if(last >= 7), 1)));
            }
            for ((question, first), last) in QUESTIONS.iter().zip(first.issues).zip(last.issues) {
                if first == Some(true) {
                    // Who was not asked again still has it.
                    resolved.push(cell(question.0, (one_if(last == Some(false)), 1)));
                    not_asked.push(cell(question.0, (one_if(last.is_none()), 1)));
                }
            }
        }
        vec![
            ("positive_progress_of_all", all),
            ("positive_progress", low),
            ("little_or_no_support_at_closure", little),
            ("issues_resolved", resolved),
            ("issues_not_asked_again", not_asked),
        ]
    }

    /// Each closure is followed after 3, 6, 9 and 12 months; the first is asked here, the others nobody asks.
    fn follow_ups(&self, calendar: &Calendar, from: i64, to: i64) -> Vec<(&'static str, Vec<Cell>)> {
        let (mut answered, mut sustained) = (vec![], vec![]);
        for one in &self.worked {
            let Some((closed, _)) = one.closed else { continue };
            for months in [3, 6, 9, 12] {
                let due = calendar.day(closed) + Months::new(months);
                if due < calendar.day(from) || due > calendar.day(to) {
                    continue;
                }
                let cell =
                    |count| Cell { locality: one.locality, service: one.service, part: months.to_string(), count };
                let told = one.followed.filter(|_| months == 3);
                answered.push(cell((one_if(told.is_some()), 1)));
                if let Some((true, lasts)) = told {
                    sustained.push(cell((one_if(lasts), 1)));
                }
            }
        }
        vec![("follow_ups_answered", answered), ("sustained_at_follow_up", sustained)]
    }

    fn missing(&self, from: i64, to: i64) -> Vec<(&'static str, Vec<Cell>)> {
        let within = |week: i64| (from..=to).contains(&week);
        let cell =
            |one: &Gone, part: &str, count| Cell { locality: one.locality, service: "", part: part.to_owned(), count };
        let gone = || self.gone.iter().filter(|one| within(one.week));
        // The late one is held a week later.
        let held = || {
            self.gone.iter().filter(|one| match one.interview {
                Interview::InTime => within(one.week),
                Interview::Late => within(one.week + 1),
                Interview::Declined => false,
            })
        };
        vec![
            ("missing_episodes", gone().map(|one| cell(one, one.risk, (1, 0))).collect()),
            (
                "return_interviews_in_time",
                gone().map(|one| cell(one, "", (one_if(one.interview == Interview::InTime), 1))).collect(),
            ),
            ("return_interviews_held", held().map(|one| cell(one, "", (1, 0))).collect()),
            ("return_interview_themes", held().map(|one| cell(one, "boundaries", (1, 0))).collect()),
        ]
    }
}

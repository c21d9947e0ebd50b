//! What changed between the first measurement and the last.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::content::IssueAnswer;
use super::ladder::Ladder;
use super::question::{AnswerType, Question};

/// The way of a family in one area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaJourney {
    /// The area.
    pub area: String,
    /// The first score given.
    pub first: Option<i16>,
    /// The last score given, at a later point than the first.
    pub last: Option<i16>,
    /// Whether that is positive progress; none without two scores.
    pub positive_progress: Option<bool>,
    /// Whether the family began below the stages of little or no support.
    pub began_low: Option<bool>,
    /// Whether it ended in one of them.
    pub little_or_no_support: Option<bool>,
}

/// The way in each area of a ladder, by the scores at each point, the oldest first. Only an area that
/// was scored twice has a last score.
pub fn areas(ladder: &Ladder, points: &[Vec<(String, Option<i16>)>]) -> Vec<AreaJourney> {
    ladder
        .areas
        .iter()
        .map(|area| {
            let scores: Vec<i16> = points
                .iter()
                .filter_map(|point| point.iter().find(|(name, _)| *name == area.area).and_then(|(_, score)| *score))
                .collect();
            let first = scores.first().copied();
            let last = if scores.len() > 1 { scores.last().copied() } else { None };
            let both = first.zip(last);
            AreaJourney {
                area: area.area.clone(),
                first,
                last,
                positive_progress: both.map(|(first, last)| ladder.is_positive_progress(first, last)),
                began_low: first.map(|first| ladder.begins_low(first)),
                little_or_no_support: last.and_then(|last| ladder.stage(last)).map(|stage| stage.little_or_no_support),
            }
        })
        .collect()
}

/// One of the two bases a share of positive progress is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Base {
    /// How many areas are in it.
    pub areas: usize,
    /// In how many of them there was positive progress.
    pub positive: usize,
}

/// Both bases: all areas that were scored twice; and of these those where the family began low.
pub fn bases(areas: &[AreaJourney]) -> (Base, Base) {
    let count = |keep: &dyn Fn(&&AreaJourney) -> bool| {
        let kept: Vec<&AreaJourney> = areas.iter().filter(|area| area.last.is_some()).filter(keep).collect();
        Base { areas: kept.len(), positive: kept.iter().filter(|area| area.positive_progress == Some(true)).count() }
    };
    (count(&|_| true), count(&|area| area.began_low == Some(true)))
}

/// What became of one question for one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct IssueJourney {
    /// The question.
    pub question: String,
    /// Whom it is about; none is the family.
    pub person_id: Option<Uuid>,
    /// The answers at the first point that has any.
    pub first: Vec<IssueAnswer>,
    /// Those at the last, if it is a later one.
    pub last: Vec<IssueAnswer>,
    /// Whether the first was an issue.
    pub was_issue: Option<bool>,
    /// Whether the last is.
    pub is_issue: Option<bool>,
    /// It was an issue and no longer is.
    pub resolved: bool,
    /// By how many percentage points a share has risen.
    pub change: Option<f64>,
    /// Each threshold of a share: whether it was reached at first, and at last.
    pub thresholds: Vec<(String, bool, bool)>,
    /// The sum of debts at first, in pence.
    pub first_total_pence: Option<i64>,
    /// At last.
    pub last_total_pence: Option<i64>,
}

/// What became of each question asked, by the answers at each point, the oldest first. What is not
/// known counts as not answered.
pub fn issues(questions: &[Question], points: &[Vec<IssueAnswer>]) -> Vec<IssueJourney> {
    let mut subjects: BTreeMap<(usize, Option<Uuid>), Vec<Vec<&IssueAnswer>>> = BTreeMap::new();
    for point in points {
        let mut here: BTreeMap<(usize, Option<Uuid>), Vec<&IssueAnswer>> = BTreeMap::new();
        for answer in point.iter().filter(|answer| !answer.not_known) {
            if let Some(place) = questions.iter().position(|question| question.code == answer.question) {
                here.entry((place, answer.person_id.map(|person| person.0))).or_default().push(answer);
            }
        }
        for (subject, answers) in here {
            subjects.entry(subject).or_default().push(answers);
        }
    }
    subjects
        .into_iter()
        .filter_map(|((place, person), points)| {
            let question = questions.get(place)?;
            let first = points.first()?;
            let last = if points.len() > 1 { points.last() } else { None };
            Some(journey(question, person, first, last.map_or(&[], Vec::as_slice)))
        })
        .collect()
}

fn journey(question: &Question, person: Option<Uuid>, first: &[&IssueAnswer], last: &[&IssueAnswer]) -> IssueJourney {
    let share = |answers: &[&IssueAnswer]| answers.first().and_then(|answer| answer.percentage);
    let total = |answers: &[&IssueAnswer]| {
        (question.answer_type == AnswerType::Debt && !answers.is_empty())
            .then(|| answers.iter().filter_map(|answer| answer.amount_pence).sum())
    };
    let (was_issue, is_issue) = (question.is_issue(first), question.is_issue(last));
    let both = share(first).zip(share(last));
    IssueJourney {
        question: question.code.clone(),
        person_id: person,
        first: first.iter().map(|answer| (*answer).clone()).collect(),
        last: last.iter().map(|answer| (*answer).clone()).collect(),
        was_issue,
        is_issue,
        resolved: was_issue == Some(true) && is_issue == Some(false),
        // Rounded to hundredths: the difference of two shares is no exact number.
        change: both.map(|(first, last)| ((last - first) * 100.0).round() / 100.0),
        thresholds: both.map_or_else(Vec::new, |(first, last)| {
            let reached = |share: f64, at_least: f64| share >= at_least;
            question
                .thresholds
                .iter()
                .map(|t| (t.code.clone(), reached(first, t.at_least), reached(last, t.at_least)))
                .collect()
        }),
        first_total_pence: total(first),
        last_total_pence: total(last),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::ladder::example::ladder;
    use super::super::question::QuestionSubject;
    use super::super::question::example::{attendance, question};
    use super::*;

    fn scores(health: Option<i16>, learning: Option<i16>) -> Vec<(String, Option<i16>)> {
        vec![("health".to_owned(), health), ("learning".to_owned(), learning)]
    }

    #[test]
    fn the_first_and_the_last_score_make_the_journey_and_both_bases() {
        let points = [scores(Some(2), Some(9)), scores(Some(4), None), scores(Some(5), Some(10))];
        let areas = areas(&ladder(), &points);
        assert_eq!((areas[0].first, areas[0].last), (Some(2), Some(5)));
        assert_eq!(areas[0].positive_progress, Some(true));
        assert_eq!(areas[1].positive_progress, Some(false), "the top stage can't be left upwards");
        assert_eq!(areas[1].began_low, Some(false));
        assert_eq!(bases(&areas), (Base { areas: 2, positive: 1 }, Base { areas: 1, positive: 1 }));
    }

    #[test]
    fn one_score_is_no_journey() {
        let areas = areas(&ladder(), &[scores(Some(2), None), scores(None, None)]);
        assert_eq!((areas[0].last, areas[0].positive_progress), (None, None));
        assert_eq!(bases(&areas).0, Base::default());
    }

    #[test]
    fn attendance_may_rise_by_much_and_stay_below() {
        let of = |share| vec![IssueAnswer { percentage: Some(share), ..IssueAnswer::to("school_attendance") }];
        for (first, last, change) in [(29.0, 79.0, 50.0), (26.6, 61.0, 34.4)] {
            let journeys = issues(&[attendance()], &[of(first), of(last)]);
            assert_eq!(journeys[0].change, Some(change));
            assert_eq!((journeys[0].is_issue, journeys[0].resolved), (Some(true), false));
            assert_eq!(journeys[0].thresholds[0], ("attendance_85".to_owned(), false, false));
        }
        let journeys = issues(&[attendance()], &[of(80.0), of(85.0)]);
        assert!(journeys[0].resolved && !journeys[0].thresholds[1].2, "above one threshold and below the other");
    }

    #[test]
    fn debts_add_up() {
        let debt = question("debt", QuestionSubject::Family, AnswerType::Debt, &["any"]);
        let owed = |amount| IssueAnswer { amount_pence: Some(amount), ..IssueAnswer::to("debt") };
        let journeys = issues(&[debt], &[vec![owed(264_200), owed(108_200)], vec![owed(0)]]);
        assert_eq!((journeys[0].first_total_pence, journeys[0].last_total_pence), (Some(372_400), Some(0)));
        assert!(journeys[0].resolved);
    }

    #[test]
    fn what_was_never_an_issue_or_is_not_known_is_not_resolved() {
        let arrears = question("rent_arrears", QuestionSubject::Family, AnswerType::YesNo, &["yes"]);
        let answer = |yes| IssueAnswer { yes: Some(yes), ..IssueAnswer::to("rent_arrears") };
        let unknown = IssueAnswer { not_known: true, ..IssueAnswer::to("rent_arrears") };
        assert!(!issues(std::slice::from_ref(&arrears), &[vec![answer(false)], vec![answer(false)]])[0].resolved);
        let after = issues(&[arrears], &[vec![answer(true)], vec![unknown]]);
        assert_eq!((after[0].was_issue, after[0].is_issue, after[0].resolved), (Some(true), None, false));
    }
}

//! Questions, answers, and what fits together.

use serde::{Deserialize, Serialize};
use shared::actor::Word;
use shared::mistakes::Mistakes;
use utoipa::ToSchema;

shared::typed_id!(
    /// Feedback that somebody gave.
    FeedbackId
);
shared::typed_id!(
    /// What feedback is about: an enrolment, a group, a brief intervention.
    AboutId
);

shared::words! {
    /// When feedback is asked for.
    FeedbackOccasion {
        /// A case has closed.
        CaseClosure = "case_closure",
        /// Somebody's time in a group has ended.
        GroupEnd = "group_end",
        /// A brief intervention has closed.
        BriefIntervention = "brief_intervention",
    }
}

shared::words! {
    /// Who gives feedback.
    FeedbackGiver {
        /// An adult whom the help was for.
        Adult = "adult",
        /// A child whom the help was for.
        Child = "child",
        /// Somebody of another agency.
        Professional = "professional",
    }
}

impl FeedbackGiver {
    /// Several of them, as people say it.
    const fn in_words(self) -> &'static str {
        match self {
            FeedbackGiver::Adult => "adults",
            FeedbackGiver::Child => "children",
            FeedbackGiver::Professional => "professionals",
        }
    }
}

shared::words! {
    /// How it came.
    FeedbackVia {
        /// Told to a worker, who wrote it down.
        Worker = "worker",
        /// Written by themselves: a form that they filled in.
        Directly = "directly",
    }
}

shared::words! {
    /// How a question is answered.
    FeedbackKind {
        /// From 1 to 5.
        Scale = "scale",
        /// Yes or no.
        YesNo = "yes_no",
        /// In words.
        Words = "words",
    }
}

/// A question as it is asked on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its code.
    pub code: String,
    /// How it is answered.
    pub kind: FeedbackKind,
    /// Of a scale, from which answer on it is a positive one.
    pub positive_from: Option<i16>,
    /// Whom it is asked of.
    pub asked_of: Vec<String>,
}

/// An answer to one question: the one field that fits how it is answered. Leave out a question that was passed
/// over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackAnswer {
    /// Which question, by its code.
    pub question: Word,
    /// From 1, the worst, to 5, the best.
    #[schema(minimum = 1, maximum = 5)]
    pub scale: Option<i16>,
    /// Yes or no.
    pub yes: Option<bool>,
    /// In words.
    #[schema(min_length = 1, max_length = 20000)]
    pub words: Option<String>,
}

impl FeedbackAnswer {
    /// Whether it is a positive answer to that question; of words nobody can say.
    pub fn is_positive(&self, question: &Question) -> Option<bool> {
        match question.kind {
            FeedbackKind::Scale => Some(self.scale? >= question.positive_from?),
            FeedbackKind::YesNo => self.yes,
            FeedbackKind::Words => None,
        }
    }
}

/// Notes what is wrong with answers to the questions of that day.
pub fn check(answers: &[FeedbackAnswer], giver: FeedbackGiver, questions: &[Question], mistakes: &mut Mistakes<'_>) {
    for (index, answer) in answers.iter().enumerate() {
        let at = |field: &str| format!("/answers/{index}/{field}");
        if answers.iter().take(index).any(|earlier| earlier.question == answer.question) {
            mistakes.add(at("question"), "repeated", "is answered twice");
        }
        let Some(question) = questions.iter().find(|question| question.code == answer.question.as_str()) else {
            let detail = "is no question of that occasion and day; GET /v1/feedback-questions lists them";
            mistakes.add(at("question"), "unknown_code", detail);
            continue;
        };
        if !question.asked_of.iter().any(|of| of == giver.as_str()) {
            mistakes.add(at("question"), "not_asked", format!("is not asked of {}", giver.in_words()));
        }
        let given = [
            ("scale", answer.scale.is_some(), FeedbackKind::Scale),
            ("yes", answer.yes.is_some(), FeedbackKind::YesNo),
            ("words", answer.words.is_some(), FeedbackKind::Words),
        ];
        for (field, is_given, kind) in given {
            if kind == question.kind && !is_given {
                mistakes.add(
                    at(field),
                    "required",
                    "is how this question is answered: leave the whole answer out if it was passed over",
                );
            } else if kind != question.kind && is_given {
                mistakes.add(at(field), "does_not_fit", "is not how this question is answered");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::{DateTime, Utc};
    use shared::code::Rules;

    fn question(code: &str, kind: FeedbackKind) -> Question {
        let positive_from = (kind == FeedbackKind::Scale).then_some(4);
        Question { code: code.to_owned(), kind, positive_from, asked_of: vec!["adult".to_owned()] }
    }

    fn answer(code: &str, scale: Option<i16>, yes: Option<bool>, words: Option<&str>) -> FeedbackAnswer {
        FeedbackAnswer { question: code.parse().unwrap(), scale, yes, words: words.map(str::to_owned) }
    }

    #[test]
    fn a_question_that_is_not_asked_of_children_says_so() {
        let rules = Rules::default();
        let mut mistakes = Mistakes::by(&rules, DateTime::<Utc>::UNIX_EPOCH);
        let questions = [question("listened", FeedbackKind::Scale)];
        check(&[answer("listened", Some(5), None, None)], FeedbackGiver::Child, &questions, &mut mistakes);
        let errors = mistakes.refuse().unwrap_err().document().errors;
        let details: Vec<&str> = errors.iter().map(|error| error.detail.as_str()).collect();
        assert_eq!(details, ["is not asked of children"]);
    }

    fn wrong(answers: &[FeedbackAnswer], giver: FeedbackGiver) -> Vec<(String, String)> {
        let questions = [
            question("listened", FeedbackKind::Scale),
            question("difference", FeedbackKind::YesNo),
            question("helped", FeedbackKind::Words),
        ];
        let rules = Rules::default();
        let mut mistakes = Mistakes::by(&rules, DateTime::<Utc>::UNIX_EPOCH);
        check(answers, giver, &questions, &mut mistakes);
        let errors = mistakes.refuse().map_or_else(|problem| problem.document().errors, |()| Vec::new());
        errors.into_iter().map(|error| (error.pointer.unwrap(), error.code)).collect()
    }

    #[test]
    fn an_answer_is_of_the_kind_its_question_asks_for() {
        let right = [
            answer("listened", Some(5), None, None),
            answer("difference", None, Some(false), None),
            answer("helped", None, None, Some("The chart.")),
        ];
        assert!(wrong(&right, FeedbackGiver::Adult).is_empty());
        let pair = |at: &str, code: &str| (at.to_owned(), code.to_owned());
        assert_eq!(
            wrong(&[answer("listened", None, Some(true), None)], FeedbackGiver::Adult),
            [pair("/answers/0/scale", "required"), pair("/answers/0/yes", "does_not_fit")]
        );
        let odd = [
            answer("nonsense", Some(1), None, None),
            answer("helped", None, None, Some("The chart.")),
            answer("helped", None, None, Some("x")),
        ];
        assert_eq!(
            wrong(&odd, FeedbackGiver::Adult),
            [pair("/answers/0/question", "unknown_code"), pair("/answers/2/question", "repeated"),]
        );
        assert_eq!(
            wrong(&[answer("difference", None, Some(true), None)], FeedbackGiver::Professional),
            [pair("/answers/0/question", "not_asked")]
        );
    }

    #[test]
    fn four_of_five_and_yes_are_positive_and_words_are_neither() {
        let scale = question("listened", FeedbackKind::Scale);
        assert_eq!(answer("listened", Some(4), None, None).is_positive(&scale), Some(true));
        assert_eq!(answer("listened", Some(3), None, None).is_positive(&scale), Some(false));
        let yes = question("difference", FeedbackKind::YesNo);
        assert_eq!(answer("difference", None, Some(false), None).is_positive(&yes), Some(false));
        let words = question("helped", FeedbackKind::Words);
        assert_eq!(answer("helped", None, None, Some("x")).is_positive(&words), None);
    }
}

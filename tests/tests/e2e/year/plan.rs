//! What happens to a family, and in which week: rolled before anything is told.

/// A sequence that is the same every time (xorshift).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// 0 to `sides - 1`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % u64::try_from(sides).expect("some sides")).expect("a side")
    }

    /// One in so many.
    pub fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }
}

/// A kind of work: service, who works there, case type, how soon an assessment and a review are due in weeks.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub service: &'static str,
    pub worker: &'static str,
    pub case_type: &'static str,
    pub assessment: i64,
    pub review: i64,
}

const KINDS: [Kind; 3] = [
    Kind {
        service: "intensive-family-support",
        worker: "felix.family",
        case_type: "intensive-family-support",
        assessment: 6,
        review: 12,
    },
    Kind { service: "youth-work", worker: "yara.youth", case_type: "youth-work", assessment: 4, review: 12 },
    Kind { service: "childrens-centre", worker: "chloe.centre", case_type: "outreach", assessment: 2, review: 6 },
];

/// Where a family lives, and who sits on the hub there.
pub const DISTRICTS: [(&str, &str); 3] =
    [("charnwood", "harper.hub"), ("melton", "mel.hub"), ("hinckley-and-bosworth", "hinnah.hub")];

/// Questions that are asked, and of whom: the family, or its first child.
pub const QUESTIONS: [(&str, bool); 5] = [
    ("rent_arrears", false),
    ("homelessness_risk", false),
    ("limited_support_network", false),
    ("violent_behaviour", true),
    ("school_behaviour", true),
];

/// What is measured at a point: a score for each area, and for each question whether it is an issue, if it was
/// answered.
#[derive(Clone, Debug)]
pub struct Measured {
    pub scores: [i64; 10],
    pub issues: [Option<bool>; 5],
}

/// The end of a case.
#[derive(Clone, Debug)]
pub enum Ending {
    /// With what was measured.
    Measured(&'static str, Measured),
    /// The family stayed away.
    Disengaged,
}

/// What happens to a request for information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    AtOnce,
    TwoWeeksLater,
    Never,
}

/// What happens in which week.
#[derive(Clone, Debug)]
pub struct Plan {
    pub district: (&'static str, &'static str),
    pub by_police: bool,
    pub urgent: bool,
    pub start: i64,
    pub decide: i64,
    /// Whether First Response sends it to the hub; otherwise it ends with advice.
    pub to_hub: bool,
    pub asked: Option<Asked>,
    /// Referred again, by the other agency.
    pub again: Option<i64>,
    pub kind: Kind,
    /// Another service supports, and opens a case of its own two weeks later.
    pub beside: Option<Kind>,
    pub declined: bool,
    pub problems: usize,
    /// Years of age when the year begins.
    pub children: Vec<u32>,
    pub adults: usize,
    pub engage: i64,
    pub assess: Option<(i64, Measured)>,
    /// In the week after it, said differently.
    pub correct: Option<Measured>,
    pub review: Option<(i64, Measured)>,
    pub close: Option<(i64, Ending)>,
    /// Three months later: reached and sustained.
    pub follow_up: Option<(bool, bool)>,
    /// A child is missing for an evening: the week, the risk, and whether the interview is held at once, late or declined.
    pub missing: Option<(i64, &'static str, Interview)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interview {
    InTime,
    Late,
    Declined,
}

impl Plan {
    /// A family's year.
    pub fn rolled(dice: &mut Dice) -> Self {
        let start = i64::try_from(dice.roll(34)).expect("a week");
        let decide = start + i64::from(dice.one_in(6));
        let kind = dice.pick(&[KINDS[0], KINDS[0], KINDS[1], KINDS[2]]);
        let beside = (kind.service == "intensive-family-support" && dice.one_in(5)).then_some(KINDS[1]);
        let engage = decide + 1 + i64::from(dice.one_in(2));
        let first = Measured::rolled(dice, 2, 6);
        // In time, or late: never on the day itself.
        let assessed = engage + dice.pick(&[1, kind.assessment - 1, kind.assessment + 1]).max(1);
        let assess = (!dice.one_in(8)).then_some((assessed, first.clone()));
        let correct = (assess.is_some() && dice.one_in(6)).then(|| first.changed(dice, 1));
        let reviewed = assessed + dice.pick(&[kind.review - 3, kind.review - 1, kind.review + 2]).max(2);
        let middle = first.changed(dice, 2);
        let review = (assess.is_some() && !dice.one_in(3)).then_some((reviewed, middle.clone()));
        let before = if review.is_some() { reviewed } else { assessed };
        let closed = before + dice.pick(&[kind.review - 2, kind.review - 1, kind.review + 1]).max(2);
        let ending = match assess {
            Some(_) if !dice.one_in(7) => {
                Ending::Measured(dice.pick(&["needs_met", "needs_met", "needs_partly_met"]), middle.changed(dice, 3))
            }
            _ => Ending::Disengaged,
        };
        let close = (!dice.one_in(5)).then_some((closed, ending));
        let follow_up = (!dice.one_in(4)).then_some((!dice.one_in(4), !dice.one_in(3)));
        let late = dice.pick(&[Interview::InTime, Interview::InTime, Interview::Late, Interview::Declined]);
        let missing = dice.one_in(5).then(|| {
            (start + i64::try_from(dice.roll(6)).expect("a week"), dice.pick(&["low", "medium", "high"]), late)
        });
        let asked =
            dice.one_in(3).then(|| dice.pick(&[Asked::AtOnce, Asked::AtOnce, Asked::TwoWeeksLater, Asked::Never]));
        let to_hub = !dice.one_in(6);
        // Where advice ends it on the first day, nobody waits for what was asked.
        let decide = if to_hub || asked.is_none_or(|asked| asked == Asked::AtOnce) { decide } else { start };
        let declined = dice.one_in(9);
        Self {
            district: dice.pick(&DISTRICTS),
            by_police: dice.one_in(3),
            urgent: dice.one_in(9),
            start,
            decide,
            to_hub,
            asked,
            again: dice.one_in(8).then(|| start + 3 + i64::try_from(dice.roll(9)).expect("a week")),
            kind,
            beside: beside.filter(|_| !declined),
            declined,
            problems: 2 + dice.roll(3),
            children: (0..=dice.roll(3)).map(|_| u32::try_from(1 + dice.roll(13)).expect("an age")).collect(),
            adults: 1 + dice.roll(2),
            engage,
            assess,
            correct,
            review,
            close,
            follow_up,
            missing,
        }
    }

    /// In which week the case is opened.
    pub fn open(&self) -> i64 {
        self.decide + 1
    }

    /// In which week the follow-up of three months is answered.
    pub fn followed(&self) -> Option<i64> {
        let close = self.close.as_ref()?.0;
        self.follow_up.map(|_| close + 14)
    }

    /// Whether something happens in a week.
    pub fn has(&self, week: i64) -> bool {
        let mut weeks = vec![self.start, self.decide, self.open(), self.open() + 2, self.engage];
        weeks.extend(self.asked.map(|_| self.start + 2));
        weeks.extend(self.again);
        weeks.extend(self.assess.as_ref().map(|one| one.0));
        weeks.extend(self.assess.as_ref().map(|one| one.0 + 1));
        weeks.extend(self.review.as_ref().map(|one| one.0));
        weeks.extend(self.close.as_ref().map(|one| one.0));
        weeks.extend(self.followed());
        weeks.extend(self.missing.into_iter().flat_map(|one| [one.0, one.0 + 1]));
        weeks.contains(&week)
    }
}

impl Measured {
    fn rolled(dice: &mut Dice, lowest: i64, spread: usize) -> Self {
        let scores = [(); 10].map(|()| lowest + i64::try_from(dice.roll(spread)).expect("a score"));
        let issues = [(); 5].map(|()| [Some(true), Some(true), Some(false), None][dice.roll(4)]);
        Self { scores, issues }
    }

    /// Some scores higher, some lower; some issues gone, some not asked again.
    fn changed(&self, dice: &mut Dice, up: usize) -> Self {
        let scores =
            self.scores.map(|score| (score + i64::try_from(dice.roll(up + 2)).expect("a step") - 1).clamp(1, 10));
        let issues = self.issues.map(|issue| match dice.roll(5) {
            0 => None,
            1 | 2 => Some(false),
            _ => issue,
        });
        Self { scores, issues }
    }
}

//! Taking a measurement: what `assessment` and `closure` share of it.

use chrono::NaiveDate;
use serde_json::Value;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::deadline;
use shared::problem::{FieldError, Problem};
use shared::service::Write;

use super::domain::content::{Against, Content};
use super::domain::{MeasurementId, MeasurementPoint, SoFar, may_begin};
use super::event;
use super::store::point::{self, Begun, Point};
use super::store::reference::{Reference, reference};
use crate::family::domain::end_of;
use crate::family::{self, Case, Household, Member, household};

/// The clock of the assessment.
pub const ASSESSMENT_CLOCK: &str = "family_assessment";
/// The clock of the next review.
pub const REVIEW_CLOCK: &str = "family_review";

/// A case that is locked, with what a measurement of it is held against.
pub struct Setting {
    /// The case.
    pub case: Case,
    /// Everyone who ever belonged to the family.
    pub members: Vec<Member>,
    /// What has been measured.
    pub points: Vec<Point>,
    /// The same, as far as it decides what may be measured next.
    pub so_far: SoFar,
}

impl Setting {
    /// Reads it, of a case the caller has locked.
    ///
    /// # Errors
    /// As the database says.
    pub async fn of<T>(tx: &mut Write<'_, T>, case: Case) -> Result<Self, Problem> {
        let members = family::members_ever(tx, case.family_id).await?;
        let points = point::of_case(tx, case.id).await?;
        let so_far = point::so_far(tx, case.id).await?;
        Ok(Self { case, members, points, so_far })
    }

    /// The ladder and the questions of the day a content speaks of.
    ///
    /// # Errors
    /// As the database says.
    pub async fn reference<T>(&self, tx: &mut Write<'_, T>, content: &Content) -> Result<Reference, Problem> {
        let today = tx.now().local_day();
        // A day that is refused anyway finds no ladder.
        reference(tx, content.day(today).min(today).max(self.case.opened_at.local_day())).await
    }

    /// What was measured for the closure, if that is completed.
    pub fn closing(&self) -> Option<MeasurementId> {
        let closure = |point: &&&Point| matches!(point.point(), Ok(MeasurementPoint::Closure));
        point::that_count(&self.points).iter().find(closure).map(|point| point.id)
    }

    /// Refuses what contradicts itself or what is known; a complete content also for what is missing.
    ///
    /// # Errors
    /// 422 naming each field, under `at`.
    pub fn check(
        &self,
        content: &Content,
        at: &str,
        how: (bool, bool),
        reference: &Reference,
        day: (&Rules, NaiveDate),
    ) -> Result<(), Problem> {
        let errors = self.errors(content, at, how, reference, day);
        Problem::refuse_any(errors)
    }

    /// What is wrong with a content, each under `at`; of a complete one also what is missing. What a
    /// correction says may lie before what was measured since.
    pub fn errors(
        &self,
        content: &Content,
        at: &str,
        (complete, correcting): (bool, bool),
        reference: &Reference,
        (rules, today): (&Rules, NaiveDate),
    ) -> Vec<FieldError> {
        let opened = self.case.opened_at.local_day();
        let before = point::that_count(&self.points).into_iter().filter_map(|point| point.measured_on).max();
        let against = Against {
            ladder: &reference.ladder,
            questions: &reference.questions,
            rules,
            members: &self.members,
            today,
            // What is corrected lies in the past, with others after it.
            earliest: if correcting { opened } else { before.map_or(opened, |before| before.max(opened)) },
        };
        let mut errors: Vec<FieldError> = content.check(at, &against);
        if complete {
            errors.extend(content.missing(at, &reference.ladder));
        }
        errors
    }

    /// Begins a measurement as a draft, if it may be begun now.
    ///
    /// # Errors
    /// 409 if not.
    pub async fn begin<T>(
        &self,
        tx: &mut Write<'_, T>,
        who: &Actor,
        at: MeasurementPoint,
        content: &Content,
        reference: &Reference,
    ) -> Result<Point, Problem> {
        self.case.require_open()?;
        if self.case.engaged_on.is_none() {
            return Err(Problem::conflict("say first on which day the family began to work with the service"));
        }
        may_begin(at, self.so_far).map_err(Problem::conflict)?;
        let now = tx.now();
        let begun = Begun { point: at, content, corrects: None };
        let id = point::begin(tx, &self.case, begun, &reference.ladder, who, now).await?;
        point::find(tx, id).await
    }

    /// Completes a measurement with a content that was checked: stops its clock, starts that of
    /// the next review, and tells the other services.
    ///
    /// # Errors
    /// As the database says.
    pub async fn complete<T>(
        &self,
        tx: &mut Write<'_, T>,
        who: &Actor,
        point: &mut Point,
        content: &Content,
        reference: &Reference,
        rules: &Rules,
    ) -> Result<(), Problem> {
        let now = tx.now();
        let at = point.point()?;
        let corrected = point.corrects.and_then(|id| self.points.iter().find(|other| other.id == id));
        let (due_at, in_time) = match (corrected, at) {
            (Some(corrected), _) => (corrected.due_at, corrected.in_time),
            (None, MeasurementPoint::Initial) => self.clock(tx, ASSESSMENT_CLOCK).await?,
            (None, _) => self.clock(tx, REVIEW_CLOCK).await?,
        };
        point.complete(tx, content, due_at, in_time, who, now).await?;
        let mut review_due_at = None;
        if point.corrects.is_none() {
            let clock = if at == MeasurementPoint::Initial { ASSESSMENT_CLOCK } else { REVIEW_CLOCK };
            deadline::meet(tx, self.case.id.0, clock, now).await?;
            if at != MeasurementPoint::Closure {
                let from = end_of(content.day(now.local_day()));
                review_due_at = family::due(rules, REVIEW_CLOCK, &self.case.case_type, from);
                if let Some(due) = review_due_at {
                    deadline::restart(tx, self.case.id.0, REVIEW_CLOCK, now, due).await?;
                }
            }
        }
        let locality = family::seen(tx, self.case.family_id).await?.locality;
        let told = event::completed(
            point,
            &self.case,
            locality.as_deref(),
            &self.household(content.day(now.local_day())),
            content,
            reference,
            review_due_at,
        );
        tx.publish(told);
        Ok(())
    }

    /// The people of the family on a day, counted.
    pub fn household(&self, on: NaiveDate) -> Household {
        let there: Vec<Member> = self.members.iter().filter(|member| member.belongs(on)).cloned().collect();
        household(&there, on)
    }

    async fn clock<T>(
        &self,
        tx: &mut Write<'_, T>,
        code: &str,
    ) -> Result<(Option<chrono::DateTime<chrono::Utc>>, Option<bool>), Problem> {
        let now = tx.now();
        let clock = deadline::clock(tx, self.case.id.0, code).await?;
        Ok((clock.map(|clock| clock.due_at), clock.map(|clock| now <= clock.due_at)))
    }

    /// The facts every event of the case carries, with what this one adds.
    ///
    /// # Errors
    /// As the database says.
    pub async fn facts<T>(&self, tx: &mut Write<'_, T>, on: NaiveDate, more: Value) -> Result<Value, Problem> {
        let locality = family::seen(tx, self.case.family_id).await?.locality;
        Ok(family::event::of_case(&self.case, locality.as_deref(), &self.household(on), more))
    }
}

//! The register of a session, taken and corrected.

use std::collections::HashMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use shared::actor::Word;
use shared::calendar::LocalDay;
use shared::mistakes::Mistakes;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use uuid::Uuid;

use super::session::{both_locked, show, view};
use crate::group::domain::{GroupAttendance, GroupEnrolmentId, GroupId, GroupSessionId, GroupStep};
use crate::group::event;
use crate::group::store::{self, NewLine, Recorded};
use crate::group::view::GroupSessionView;
use crate::policy;

/// Who came to a session: several people at once, all of them or those you can say of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "attendances": [
        { "enrolment_id": "01a20158-d2bb-77a5-a866-0a226963a91e", "attendance": "attended" },
        { "enrolment_id": "01a20158-d2bb-77a5-a866-0a226963a91f", "attendance": "apology", "note": "The baby is ill." },
        { "enrolment_id": "01a20158-d2bb-77a5-a866-0a226963a920", "attendance": "excluded", "excluded_because": "one-to-one-instead" }
    ]
}))]
pub struct GroupRegister {
    /// A line for each person.
    #[schema(min_items = 1, max_items = 200)]
    pub attendances: Vec<GroupAttendanceLine>,
    /// Why what was recorded before is wrong; needed if a line says otherwise than one that is there.
    #[schema(min_length = 1, max_length = 2000)]
    pub correction_reason: Option<String>,
}

/// Whether one person came.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupAttendanceLine {
    /// Their enrolment.
    pub enrolment_id: GroupEnrolmentId,
    /// Whether they came.
    pub attendance: GroupAttendance,
    /// Of somebody `excluded`, why: a code of the set `group_exclusion`.
    pub excluded_because: Option<Word>,
    /// What else there is to say.
    #[schema(min_length = 1, max_length = 2000)]
    pub note: Option<String>,
}

impl GroupAttendanceLine {
    /// Whether a line that is there says the same.
    fn repeats(&self, line: &Recorded) -> bool {
        line.attendance == self.attendance.as_str()
            && line.excluded_because.as_deref() == self.excluded_because.as_ref().map(|code| code.as_str())
            && line.note == self.note
    }
}

/// Notes what is wrong with a register: of people who had no place that day, of exclusions, and of
/// corrections without a reason.
fn check(
    form: &GroupRegister,
    day: chrono::NaiveDate,
    expected: &HashMap<Uuid, bool>,
    recorded: &HashMap<Uuid, Recorded>,
    mistakes: &mut Mistakes<'_>,
) {
    for (index, line) in form.attendances.iter().enumerate() {
        let at = |field: &str| format!("/attendances/{index}/{field}");
        if form.attendances.iter().take(index).any(|earlier| earlier.enrolment_id == line.enrolment_id) {
            mistakes.add(at("enrolment_id"), "repeated", "stands there twice");
        }
        match expected.get(&line.enrolment_id.0) {
            None => mistakes.add(at("enrolment_id"), "unknown", "is no enrolment of this group that you see"),
            Some(false) => mistakes.add(at("enrolment_id"), "no_place", "had no place in the group that day"),
            Some(true) => {}
        }
        match (&line.excluded_because, line.attendance) {
            (Some(code), GroupAttendance::Excluded) => {
                mistakes.code("group_exclusion", code, day, at("excluded_because"));
            }
            (None, GroupAttendance::Excluded) => {
                let detail = "is missing: why they were not to come; GET /v1/codes/group_exclusion lists the reasons";
                mistakes.add(at("excluded_because"), "required", detail);
            }
            (Some(_), _) => mistakes.add(at("excluded_because"), "does_not_fit", "is for somebody `excluded` alone"),
            (None, _) => {}
        }
    }
    let corrects =
        |line: &GroupAttendanceLine| recorded.get(&line.enrolment_id.0).is_some_and(|there| !line.repeats(there));
    if form.correction_reason.is_none() && form.attendances.iter().any(corrects) {
        let detail = "is missing: a line says otherwise than what is recorded; say why that is wrong";
        mistakes.add("/correction_reason", "required", detail);
    }
}

/// Record who came to a session
///
/// The first register makes the session `held` and the group `running`. Send a line again to correct it,
/// with the reason: what it said before is kept. A line that says what is there already changes nothing.
#[utoipa::path(operation_id = "record_group_attendance", tag = "groups", request_body = GroupRegister,
    params(("id" = uuid::Uuid, Path, description = "The group's id"),
           ("session" = uuid::Uuid, Path, description = "The session's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag of the session that you read")),
    responses((status = 200, body = GroupSessionView)))]
#[post("/v1/groups/{id}/sessions/{session}/attendance")]
pub(super) async fn record_group_attendance(
    service: Data<Service>,
    command: Command<GroupRegister>,
    path: Path<(GroupId, GroupSessionId)>,
) -> Result<HttpResponse, Problem> {
    let (id, session) = *path;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::RUN_GROUP, async |tx| {
            let (mut group, mut row) = both_locked(tx, id, session).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let whose: Vec<Uuid> = form.attendances.iter().map(|line| line.enrolment_id.0).collect();
            let expected = store::expected_at(tx, id, &whose, row.held_on).await?;
            let recorded = store::recorded(tx, session).await?;
            let recorded: HashMap<Uuid, Recorded> =
                recorded.into_iter().map(|line| (line.enrolment_id, line)).collect();
            let mut mistakes = Mistakes::by(&rules, now);
            check(&form, row.held_on, &expected, &recorded, &mut mistakes);
            mistakes.refuse()?;
            group.status()?.must_be_open()?;
            if row.status == "cancelled" {
                return Err(Problem::conflict("the session was cancelled").into());
            }
            if row.held_on > now.local_day() {
                return Err(Problem::conflict("the session is still to come").into());
            }
            let fresh: Vec<NewLine<'_>> = form
                .attendances
                .iter()
                .filter(|line| !recorded.get(&line.enrolment_id.0).is_some_and(|there| line.repeats(there)))
                .map(|line| NewLine {
                    enrolment_id: line.enrolment_id.0,
                    attendance: line.attendance,
                    excluded_because: line.excluded_because.as_ref().map(|code| code.as_str()),
                    note: line.note.as_deref(),
                    corrects: recorded.get(&line.enrolment_id.0).map(|there| there.id),
                })
                .collect();
            tx.entry.records.extend(&whose);
            if !fresh.is_empty() {
                store::record(tx, &row, &fresh, form.correction_reason.as_deref(), actor, now).await?;
                row.moves(tx, "held", None).await?;
                group.take(tx, GroupStep::Meet, row.held_on).await?;
                let lines: Vec<event::Line> = fresh
                    .iter()
                    .map(|line| event::Line {
                        enrolment: line.enrolment_id,
                        attendance: line.attendance,
                        correction: line.corrects.is_some(),
                    })
                    .collect();
                tx.publish(event::register_taken(&group, (session, row.held_on), &lines, now));
            }
            let view = view(store::show_session(tx, id, session).await?)?;
            Ok(Done::changed(row.version, view))
        })
        .await?;
    written.respond("session", async |_| Ok(show(&service, actor, id, session).await?.1)).await
}

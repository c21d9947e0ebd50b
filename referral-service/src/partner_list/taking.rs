//! Taking a list in: its rows read, its families matched and kept, each row answered.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Value, json};
use shared::access::{self, Grant, View};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::deadline;
use shared::problem::{FieldError, Problem};
use shared::service::Write;
use uuid::Uuid;

use super::domain::{AgreementId, PartnerFamilyId, PartnerListId, PartnerOffer, PartnerStanding, not_in_force};
use super::event;
use super::reading::{ListFamily, ListRow, Reading, Sent, families};
use super::store::agreement::{self, Agreement};
use super::store::family;
use super::store::list::{self, List};
use super::store::matching::{self, Candidate};
use crate::sheet::{Problems, RowProblem};

/// The clock of a family that is to be offered help.
pub const OFFER: &str = "partner_family_offer";

/// What comes as a list, whether as JSON or as a file.
#[derive(Debug)]
pub struct Coming {
    /// Under which agreement.
    pub agreement: AgreementId,
    /// As of which day the partner drew it.
    pub drawn_on: NaiveDate,
    /// Its rows.
    pub rows: Vec<Sent>,
    /// What there is to say of them already.
    pub problems: Problems,
}

/// The agreement a list comes under, if one is in force that covers the day it was drawn on.
///
/// # Errors
/// 422 that names the agreement and why not.
pub async fn agreement_in_force<T>(
    tx: &mut Write<'_, T>,
    id: AgreementId,
    drawn_on: NaiveDate,
    at: (&str, &str),
) -> Result<Agreement, Problem> {
    let unknown = || FieldError::at(at.0, "unknown", "is no agreement you see: no list is taken without one");
    let found = agreement::find(tx, id).await;
    let agreement = found.map_err(|problem| match problem.status() {
        404 => Problem::invalid(vec![unknown()]),
        _ => problem,
    })?;
    let today = tx.now().local_day();
    let mut errors = Vec::new();
    let (starts, review, ended) = (agreement.starts_on, agreement.review_on, agreement.ended_at.is_some());
    if let Some(why) = not_in_force(starts, review, ended, today) {
        errors.push(FieldError::at(at.0, "not_in_force", format!("the agreement “{}” {why}", agreement.title)));
    }
    if drawn_on > today {
        errors.push(FieldError::at(at.1, "in_the_future", "is still to come"));
    } else if drawn_on < agreement.starts_on {
        let detail = format!("is before the agreement “{}” began on {}", agreement.title, agreement.starts_on);
        errors.push(FieldError::at(at.1, "before_the_agreement", detail));
    }
    if errors.is_empty() { Ok(agreement) } else { Err(Problem::invalid(errors)) }
}

/// Takes a list in. Rows of which something is wrong are refused with their families; the others are kept.
///
/// # Errors
/// 422 if the agreement does not let it in; as the database says.
pub async fn take<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    rules: &Rules,
    agreement: &Agreement,
    coming: Coming,
) -> Result<List, Problem> {
    let now = tx.now();
    let Coming { drawn_on, rows, mut problems, .. } = coming;
    let numbers: Vec<i32> = rows.iter().map(|row| row.number).collect();
    let read = families(rows, Reading { agreement, rules, drawn_on }, &mut problems);
    let flat: Vec<&ListRow> = read.iter().flat_map(|family| &family.rows).collect();
    let candidates = matching::candidates(tx, &flat).await?;
    let list = List {
        id: PartnerListId::new(),
        agreement_id: agreement.id,
        agency: agreement.agency.clone(),
        drawn_on,
        received_at: now,
        sent_by: actor.user.0,
        sent_by_name: actor.name.clone(),
        row_count: count(numbers.len()),
        taken_rows: count(flat.len()),
        family_count: count(read.len()),
        answers: answers(&numbers, &flat, &problems)?,
        delete_after: kept_until(now, agreement.retention_days),
        deleted_at: None,
    };
    list::insert(tx, &list).await?;
    tx.publish(event::received(&list));
    keep(tx, rules, &list, &read, &candidates).await?;
    list::show(tx, &list).await?;
    Ok(list)
}

fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn kept_until(now: DateTime<Utc>, days: i32) -> DateTime<Utc> {
    let days = Days::new(u64::try_from(days).unwrap_or(1));
    now.checked_add_days(days).unwrap_or(now)
}

/// What became of each row: numbers, columns and codes, never a cell.
fn answers(numbers: &[i32], taken: &[&ListRow], problems: &Problems) -> Result<Value, Problem> {
    let answer = |number: &i32| {
        let own: Vec<&RowProblem> = problems.iter().filter(|(row, _)| row == number).map(|(_, one)| one).collect();
        let outcome = if taken.iter().any(|row| row.number == *number) { "taken" } else { "refused" };
        json!({ "row": number, "outcome": outcome, "problems": own })
    };
    serde_json::to_value(numbers.iter().map(answer).collect::<Vec<_>>()).map_err(|error| Problem::internal(&error))
}

/// Keeps the families with whom they may be, and lets First Response see them.
async fn keep<T>(
    tx: &mut Write<'_, T>,
    rules: &Rules,
    list: &List,
    read: &[ListFamily],
    candidates: &[Candidate],
) -> Result<(), Problem> {
    let now = list.received_at;
    let due = rules.must_due(OFFER, now)?;
    let (mut families, mut rows, mut matches) = (Vec::new(), Vec::new(), Vec::new());
    let (mut about, mut grants, mut open) = (Vec::new(), Vec::new(), Vec::new());
    let mut place = 0i32;
    for one in read {
        let id = PartnerFamilyId::new();
        let mut standings = Vec::new();
        for row in &one.rows {
            let who: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.n == place).collect();
            place += 1;
            let exact = who.iter().find(|candidate| candidate.exact);
            let is_open = exact.is_some_and(|candidate| !candidate.open.is_empty());
            let standing = PartnerStanding::of_row(exact.is_some(), !who.is_empty(), is_open);
            let row_id = Uuid::now_v7();
            rows.push(json!({
                "id": row_id, "family_id": id, "number": row.number, "relation": row.relation,
                "given_name": row.given_name, "family_name": row.family_name, "birth_date": row.birth_date,
                "address": row.address, "postcode": row.postcode, "school": row.school, "reason": row.reason,
                "reason_on": row.reason_on, "standing": standing, "person_id": exact.map(|one| one.person_id),
            }));
            // Somebody who is certainly meant leaves no doubt about those who only resemble.
            for candidate in who.iter().filter(|candidate| candidate.exact || exact.is_none()) {
                about.push((id.0, candidate.person_id));
                matches.push(json!({
                    "row_id": row_id, "person_id": candidate.person_id, "exact": candidate.exact,
                    "why": candidate.why, "open": candidate.open,
                }));
            }
            standings.push(standing);
        }
        let standing = PartnerStanding::of_family(standings);
        let mut reasons: Vec<&str> = one.rows.iter().map(|row| row.reason.as_str()).collect();
        reasons.sort_unstable();
        reasons.dedup();
        families.push(json!({
            "id": id, "list_id": list.id, "agency": list.agency, "family_key": one.key, "reasons": reasons,
            "standing": standing, "offer": PartnerOffer::ToOffer, "found_at": now,
        }));
        grants.push(Grant {
            record: id.0,
            kind: "partner_family",
            scope: "front-door".to_owned(),
            view: View::Full,
            state: PartnerOffer::ToOffer.as_str(),
            sort_at: now,
        });
        if standing != PartnerStanding::AlreadyOpen {
            open.push(id.0);
        }
        tx.publish(event::found(id.0, list, standing.as_str(), &reasons));
    }
    family::insert_all(tx, families, rows, matches).await?;
    about.sort_unstable();
    about.dedup();
    access::subjects(tx, &about).await?;
    // The clocks before the scopes: a partner does not see the families, and so could not start them after.
    deadline::start_all(tx, &open, OFFER, now, due).await?;
    access::grant(tx, &grants).await
}

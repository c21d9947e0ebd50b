//! Taking a chunk of rows in: each referral whole, each row answered.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::events::Event;
use shared::problem::{FieldError, Problem};
use uuid::Uuid;

use super::problem::placed;
use super::reading;
use super::store::{self, Counts, OwnNumbers, RowResult};
use super::view::{BatchId, RowOutcome};
use crate::contact::{self, ReferralForm, Taken};
use crate::referral::told::ContactChannel;
use crate::sheet::{Group, Problems, Row, RowProblem, cell};

/// What of a batch its chunks are read by.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The batch.
    pub id: BatchId,
    /// When the file came: for its referrals the moment in which the front door had them.
    pub received_at: DateTime<Utc>,
    /// What separates cells.
    pub separator: u8,
    /// The columns in their order.
    pub columns: Vec<String>,
}

/// What a chunk came to, besides its rows in the tables.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What the other services are told.
    pub events: Vec<Event>,
    /// Whom it was about.
    pub people: Vec<Uuid>,
}

/// Takes a chunk in: its referrals, what became of each row, and how far the batch is now.
///
/// # Errors
/// As the database says; then nothing of the chunk is stored.
pub async fn take(
    connection: &mut AsyncPgConnection,
    actor: &Actor,
    rules: &Rules,
    batch: &Layout,
    groups: &[Group],
    now: DateTime<Utc>,
) -> Result<Outcome, Problem> {
    let cells = cells(groups, batch)?;
    let mut read: Vec<Judged> =
        groups.iter().zip(&cells).map(|(group, cells)| judged(group, cells, actor, rules, batch)).collect();
    let whole: Vec<&ReferralForm> = read.iter().filter_map(|judged| judged.form.as_ref()).collect();
    let before = contact::already_sent(connection, &whole).await?;
    refuse_sent(groups, &mut read, &before);
    let forms: Vec<(ContactChannel, &ReferralForm)> =
        read.iter().filter_map(|judged| judged.form.as_ref()).map(|form| (ContactChannel::Bulk, form)).collect();
    let taken = if forms.is_empty() {
        Vec::new()
    } else {
        contact::take(connection, actor, rules, &forms, batch.received_at).await?
    };
    contact::settle(connection, &taken).await?;
    let mut results = Vec::new();
    let mut whole = taken.iter();
    for ((group, cells), judged) in groups.iter().zip(cells).zip(&read) {
        let referral = judged.form.as_ref().and_then(|_| whole.next());
        results.extend(answers(group, cells, &batch.columns, judged, referral));
    }
    store::insert_rows(connection, batch.id, &results).await?;
    store::count(connection, batch.id, &Counts::of(&results, taken.len()), now).await?;
    let mut outcome = Outcome::default();
    for one in taken {
        outcome.events.extend(one.events);
        outcome.people.extend(one.people);
    }
    outcome.people.sort_unstable();
    outcome.people.dedup();
    Ok(outcome)
}

/// Refuses every row of a chunk that can't be taken for a reason of ours.
///
/// # Errors
/// As the database says.
pub async fn give_up(
    connection: &mut AsyncPgConnection,
    batch: &Layout,
    groups: &[Group],
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let detail = "could not be taken, and the fault is ours: send this row again".to_owned();
    let sorry = RowProblem { refused: true, column: None, code: "failed".to_owned(), detail };
    answer_unread(connection, batch, groups, (RowOutcome::Refused, &sorry), now).await
}

/// Answers every row of a chunk of a batch that was stopped.
///
/// # Errors
/// As the database says.
pub async fn leave(
    connection: &mut AsyncPgConnection,
    batch: &Layout,
    groups: &[Group],
    because: &str,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let detail = format!("was not taken, because the file was stopped: {because}");
    let left = RowProblem { refused: true, column: None, code: "not_taken".to_owned(), detail };
    answer_unread(connection, batch, groups, (RowOutcome::NotTaken, &left), now).await
}

/// Answers every row of a chunk alike, whatever it says.
async fn answer_unread(
    connection: &mut AsyncPgConnection,
    batch: &Layout,
    groups: &[Group],
    (outcome, problem): (RowOutcome, &RowProblem),
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let as_they_stand = |group: &Group| group.rows.iter().map(|row| vec![row.text.clone()]).collect();
    let cells = cells(groups, batch).unwrap_or_else(|_| groups.iter().map(as_they_stand).collect());
    let rows = groups.iter().flat_map(|group| &group.rows).zip(cells.into_iter().flatten());
    let answer = |(row, cells): (&Row, Vec<String>)| RowResult {
        row: row.number,
        outcome,
        referral: None,
        own: OwnNumbers::of(&cells, &batch.columns),
        already_sent_as: None,
        problems: vec![problem.clone()],
        content: Some(cells),
    };
    let results: Vec<RowResult> = rows.map(answer).collect();
    store::insert_rows(connection, batch.id, &results).await?;
    store::count(connection, batch.id, &Counts::of(&results, 0), now).await
}

/// The cells of each row of each group.
fn cells(groups: &[Group], batch: &Layout) -> Result<Vec<Vec<Vec<String>>>, Problem> {
    let mut cells = cell::cells(groups.iter().flat_map(|group| &group.rows), batch.separator).into_iter();
    let of_groups: Vec<Vec<Vec<String>>> =
        groups.iter().map(|group| cells.by_ref().take(group.rows.len()).collect()).collect();
    let whole = of_groups.iter().zip(groups).all(|(cells, group)| cells.len() == group.rows.len());
    if whole { Ok(of_groups) } else { Err(Problem::internal(&"a chunk that reads otherwise than its file")) }
}

/// A group of rows, held against the rules.
struct Judged {
    /// What it says, if that is let in.
    form: Option<ReferralForm>,
    /// What there is to say of its rows.
    problems: Problems,
    /// The earlier referral, if its sender's agency has sent it before.
    already_sent_as: Option<String>,
}

/// The form of a group, if every rule lets it in, and what there is to say of its rows.
fn judged(group: &Group, cells: &[Vec<String>], actor: &Actor, rules: &Rules, batch: &Layout) -> Judged {
    let (form, mut problems) = reading::form(group, cells, &batch.columns);
    let Some(form) = form else { return Judged { form, problems, already_sent_as: None } };
    match contact::judge(&form, ContactChannel::Bulk, actor, rules, batch.received_at) {
        Ok(()) => {
            problems.extend(
                contact::warnings(&form, batch.received_at.local_day()).iter().map(|said| placed(said, group, false)),
            );
            Judged { form: Some(form), problems, already_sent_as: None }
        }
        Err(problem) => {
            let document = problem.document();
            problems.extend(document.errors.iter().map(|error| placed(error, group, true)));
            if document.errors.is_empty() {
                let detail = document.detail.unwrap_or(document.title);
                let column = Some("kind".to_owned());
                let refused = RowProblem { refused: true, column, code: "not_allowed".to_owned(), detail };
                problems.extend(group.rows.first().map(|row| (row.number, refused)));
            }
            Judged { form: None, problems, already_sent_as: None }
        }
    }
}

/// Refuses what its sender's agency has sent before under the same number, or says twice in this chunk.
fn refuse_sent(groups: &[Group], read: &mut [Judged], before: &HashMap<String, String>) {
    let mut here: HashMap<String, i32> = HashMap::new();
    for (group, judged) in groups.iter().zip(read) {
        let Some(theirs) = judged.form.as_ref().and_then(ReferralForm::their_reference).map(str::to_owned) else {
            continue;
        };
        let error = if let Some(earlier) = before.get(&theirs) {
            judged.already_sent_as = Some(earlier.clone());
            contact::sent_as(earlier)
        } else if let Some(row) = here.get(&theirs) {
            let detail = format!("is that of another referral of this file, in row {row}: each has its own");
            FieldError::at("/their_reference", "already_sent", detail)
        } else {
            here.insert(theirs, group.rows.first().map_or(0, |row| row.number));
            continue;
        };
        judged.form = None;
        judged.problems.push(placed(&error, group, true));
    }
}

/// What became of each row of a group.
fn answers(
    group: &Group,
    cells: Vec<Vec<String>>,
    columns: &[String],
    judged: &Judged,
    referral: Option<&Taken>,
) -> Vec<RowResult> {
    let Judged { problems, already_sent_as, .. } = judged;
    let at_fault = problems.iter().find(|(_, problem)| problem.refused).map(|(row, _)| *row);
    let answer = |(row, cells): (&Row, Vec<String>)| {
        let mut own: Vec<RowProblem> =
            problems.iter().filter(|(number, _)| *number == row.number).map(|(_, problem)| problem.clone()).collect();
        if let Some(at_fault) = at_fault
            && !own.iter().any(|problem| problem.refused)
        {
            let detail = format!("belongs to one referral with row {at_fault}, which was refused");
            own.push(RowProblem { refused: true, column: None, code: "with_others".to_owned(), detail });
        }
        let numbers = OwnNumbers::of(&cells, columns);
        let content = referral.is_none().then_some(cells);
        RowResult {
            row: row.number,
            own: numbers,
            already_sent_as: already_sent_as.clone(),
            outcome: if referral.is_some() { RowOutcome::Taken } else { RowOutcome::Refused },
            referral: referral.map(|taken| (taken.id, taken.reference.clone())),
            problems: own,
            content,
        }
    };
    group.rows.iter().zip(cells).map(answer).collect()
}

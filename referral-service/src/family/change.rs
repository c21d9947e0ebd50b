//! What every change of a family or of a case begins with, after which the body is read: the record locked (404), the
//! caller's capacity (403), a replay, and the version in hand (412, 428).

use shared::access;
use shared::actor::Actor;
use shared::problem::Problem;
use shared::service::{Stop, Write};

use super::domain::{CaseId, FamilyId};
use super::store::case::{Case, case_for_change, require_caseworker};
use super::store::family::{Family, for_change};

/// The family, locked, to be changed by a team that works with it.
///
/// # Errors
/// In their order: 404, 403, a replay, 428, 412.
pub async fn family_to_change<T>(tx: &mut Write<'_, T>, actor: &Actor, id: FamilyId) -> Result<Family, Stop> {
    tx.entry.record = Some(id.0);
    let family = for_change(tx, id).await?;
    access::require_capacity(tx, actor, id.0, &["team", "user"]).await?;
    tx.proceed(Some(family.version)).await?;
    tx.entry.records.push(id.0);
    Ok(family)
}

/// The case, locked, to be changed by one of its caseworkers.
///
/// # Errors
/// In their order: 404, 403, a replay, 428, 412.
pub async fn case_to_change<T>(tx: &mut Write<'_, T>, actor: &Actor, id: CaseId) -> Result<Case, Stop> {
    let case = case_of_caseworker(tx, actor, id).await?;
    tx.proceed(Some(case.version)).await?;
    tx.entry.records.push(id.0);
    Ok(case)
}

/// The case, locked, for one of its caseworkers to add something to it that has a version of its own.
///
/// # Errors
/// In their order: 404, 403, a replay.
pub async fn case_to_add_to<T>(tx: &mut Write<'_, T>, actor: &Actor, id: CaseId) -> Result<Case, Stop> {
    let case = case_of_caseworker(tx, actor, id).await?;
    tx.proceed(None).await?;
    tx.entry.records.push(id.0);
    Ok(case)
}

/// The case, locked, for one of its caseworkers. What is to be changed hangs on it and brings the version: the caller
/// goes on with [`Write::proceed`].
///
/// # Errors
/// 404, 403.
pub async fn case_of_caseworker<T>(tx: &mut Write<'_, T>, actor: &Actor, id: CaseId) -> Result<Case, Problem> {
    tx.entry.record = Some(id.0);
    let case = case_for_change(tx, id).await?;
    require_caseworker(tx, actor, id).await?;
    Ok(case)
}

//! Whom a new family is formed of: the people of a referral that a service took on, or people it names.

use std::collections::HashSet;

use chrono::NaiveDate;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::problem::{self, FieldError, Problem};
use shared::service::{Stop, Write};
use uuid::Uuid;

use super::family::FirstMember;
use crate::family::domain::household::{Claim, membership_errors};
use crate::family::domain::told::{Beginning, Starting, beginning};
use crate::family::domain::{FamilyId, MemberRole};
use crate::family::store::member::known;
use crate::family::store::{family, told};
use crate::referral::offer::AllocationId;
use crate::referral::{Referral, for_change};

/// Where the first members come from.
pub enum First {
    /// A family formed from the same referral is there.
    There(FamilyId),
    /// These people.
    People(Box<Found>),
}

/// Whom a family is formed of, and for whom.
pub struct Found {
    /// Who belongs to it, and what was told of them.
    pub told: Beginning,
    /// The teams that form it.
    pub scopes: Vec<String>,
    /// The referral it comes from.
    pub referral: Option<Referral>,
    /// What it is called, unless it is said.
    pub name: Option<String>,
}

/// The people of an accepted allocation's referral, and what it tells of them.
///
/// # Errors
/// 422 for one the caller does not see, 403 for another team's, 409 for one that is not accepted.
pub async fn from_allocation<T>(tx: &mut Write<'_, T>, actor: &Actor, id: AllocationId) -> Result<First, Stop> {
    let unknown = || Problem::invalid(vec![FieldError::at("/allocation_id", "unknown", "is no allocation you see")]);
    // The referral is always locked first.
    let seen = family::allocation_seen(tx, id).await?.ok_or_else(unknown)?;
    let referral = for_change(tx, seen.referral_id).await.map_err(|_| unknown())?;
    let allocation = family::allocation(tx, id).await?.ok_or_else(unknown)?;
    let team = format!("team:{}", allocation.service);
    if !actor.scopes().contains(&team) {
        return Err(Problem::new(problem::NOT_ALLOWED).detail("the allocation is another team's").into());
    }
    if allocation.status != "accepted" {
        return Err(
            Problem::conflict("accept the allocation first; one that was closed or declined forms no family").into()
        );
    }
    if let Some(there) = family::join(tx, referral.id, &team).await? {
        return Ok(First::There(there));
    }
    let named = told::named(tx, referral.id).await?;
    let households = told::households(tx, referral.id).await?;
    let relationships = told::relationships(tx, referral.id).await?;
    let child = named.iter().find(|one| one.role == MemberRole::Child);
    Ok(First::People(Box::new(Found {
        name: child.or(named.first()).map(|one| one.family_name.clone()),
        told: beginning(&named, households, &relationships, tx.now().local_day()),
        scopes: vec![team],
        referral: Some(referral),
    })))
}

/// People whom the caller sees, and names.
///
/// # Errors
/// 403 in no team; 422 for whoever is wrong.
pub async fn from_people<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    people: &[FirstMember],
    today: NaiveDate,
) -> Result<Found, Stop> {
    let scopes: Vec<String> = actor.scopes().into_iter().filter(|scope| scope.starts_with("team:")).collect();
    if scopes.is_empty() {
        return Err(Problem::new(problem::NOT_ALLOWED)
            .detail("you are in no team that could work with the family")
            .into());
    }
    let ids: Vec<Uuid> = people.iter().map(|one| one.person_id).collect();
    let births = known(tx, &ids).await?;
    let mut errors = Vec::new();
    let mut once = HashSet::new();
    for (one, n) in people.iter().zip(0..) {
        let at = format!("/people/{n}");
        match births.get(&one.person_id) {
            None => errors.push(FieldError::at(format!("{at}/person_id"), "unknown", "is nobody you see in the index")),
            Some((_, _, birth_date)) => {
                let claim = Claim {
                    role: one.role,
                    unborn: false,
                    expected_on: None,
                    main_household: true,
                    in_household: true,
                    days: (today, None),
                    birth_date: *birth_date,
                };
                errors.extend(membership_errors(&claim, &[], today, &at));
            }
        }
        if !once.insert(one.person_id) {
            errors.push(FieldError::at(format!("{at}/person_id"), "repeated", "is on the list twice"));
        }
    }
    Problem::refuse_any(errors)?;
    let child = people.iter().find(|one| one.role == MemberRole::Child).or(people.first());
    Ok(Found {
        name: child.and_then(|one| births.get(&one.person_id)).map(|(_, family_name, _)| family_name.clone()),
        told: Beginning {
            members: people
                .iter()
                .map(|one| Starting { person: one.person_id, role: one.role, in_household: true })
                .collect(),
            ..Beginning::default()
        },
        scopes,
        referral: None,
    })
}

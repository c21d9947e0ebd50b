//! One list from the lists of the services.

use shared::problem::{self, Problem};
use shared::work::WorkList;

/// What came of asking a service.
#[derive(Debug)]
pub enum Part {
    /// Its list.
    List(WorkList),
    /// None of the caller's roles has work there.
    NotTheirs,
    /// It did not answer.
    Missing(&'static str),
    /// It refuses the question.
    Refused(Problem),
}

/// The first `limit` items of all parts.
///
/// # Errors
/// The refusal of a service, 403 if the caller has work in none, 503 if none of those where they
/// might have any has answered.
pub fn merge(parts: Vec<Part>, limit: usize) -> Result<WorkList, Problem> {
    let mut whole = WorkList::default();
    let (mut answered, mut more) = (false, false);
    for part in parts {
        match part {
            Part::List(list) => {
                answered = true;
                more |= list.next.is_some();
                whole.items.extend(list.items);
                whole.counts = match (whole.counts, list.counts) {
                    (Some(some), Some(others)) => Some(some.and(others)),
                    (some, others) => some.or(others),
                };
            }
            Part::NotTheirs => {}
            Part::Missing(service) => whole.missing.push(service.to_owned()),
            Part::Refused(problem) => return Err(problem),
        }
    }
    if !answered {
        let kind = if whole.missing.is_empty() { problem::NOT_ALLOWED } else { problem::UNAVAILABLE };
        return Err(Problem::new(kind));
    }
    whole.items.sort_by_cached_key(shared::work::WorkItem::position);
    more |= whole.items.len() > limit;
    whole.items.truncate(limit);
    // Every service goes on after the last item that is shown, whichever service that came from.
    whole.next = whole.items.last().filter(|_| more).map(|item| item.position().encode());
    Ok(whole)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::DateTime;
    use proptest::prelude::*;
    use shared::deadline::Running;
    use shared::work::{Clock, Counts, Position, WorkItem};
    use uuid::Uuid;

    fn item(due: i64, record: u128) -> WorkItem {
        WorkItem {
            what: Clock { code: "a".to_owned(), label: "A".to_owned() },
            standing: Running::Due,
            started_at: DateTime::UNIX_EPOCH,
            due_at: DateTime::from_timestamp(due, 0).unwrap(),
            kind: "case".to_owned(),
            record_id: Uuid::from_u128(record),
            about: String::new(),
            reference: None,
            locality: None,
            owner: None,
            mine: false,
        }
    }

    /// A service's page of its items after a position.
    fn page(all: &[WorkItem], after: Option<&Position>, limit: usize) -> Part {
        let rest: Vec<WorkItem> =
            all.iter().filter(|item| after.is_none_or(|after| item.position() > *after)).cloned().collect();
        let next = (rest.len() > limit).then(|| rest.get(limit - 1).unwrap().position().encode());
        Part::List(WorkList { items: rest.into_iter().take(limit).collect(), next, ..WorkList::default() })
    }

    proptest! {
        /// However the items lie in the services, the pages together are all of them, in order, once.
        #[test]
        fn pages_of_two_services_make_one_list(
            dues in proptest::collection::vec((0i64..20, 0usize..2), 0..40),
            limit in 1usize..7,
        ) {
            let mut services = [Vec::new(), Vec::new()];
            let mut all = Vec::new();
            for ((due, service), record) in dues.into_iter().zip(0u128..) {
                all.push(item(due, record));
                services.get_mut(service).unwrap().push(item(due, record));
            }
            all.sort_by_key(WorkItem::position);
            services.iter_mut().for_each(|items| items.sort_by_key(WorkItem::position));
            let (mut shown, mut after) = (Vec::new(), None::<Position>);
            loop {
                let parts = services.iter().map(|items| page(items, after.as_ref(), limit)).collect();
                let list = merge(parts, limit).unwrap();
                prop_assert!(list.items.len() <= limit);
                shown.extend(list.items);
                match list.next {
                    Some(next) => after = Some(next.parse().unwrap()),
                    None => break,
                }
            }
            prop_assert_eq!(shown, all);
        }
    }

    #[test]
    fn a_service_that_is_away_is_named_and_one_without_work_is_not() {
        let list = WorkList {
            counts: Some(Counts { overdue: 60, at_risk: 1, due: 0 }),
            items: vec![item(1, 1)],
            ..WorkList::default()
        };
        let merged =
            merge(vec![Part::List(list.clone()), Part::Missing("youth-justice-service"), Part::NotTheirs], 20).unwrap();
        assert_eq!(merged.missing, ["youth-justice-service"]);
        assert_eq!(merged.items, list.items);
        let twice = merge(vec![Part::List(list.clone()), Part::List(list)], 20).unwrap();
        assert_eq!(twice.counts, Some(Counts { overdue: 100, at_risk: 2, due: 0 }));
        assert_eq!(merge(vec![Part::NotTheirs, Part::NotTheirs], 20).unwrap_err().status(), 403);
        assert_eq!(merge(vec![Part::NotTheirs, Part::Missing("x")], 20).unwrap_err().status(), 503);
        let refused = Part::Refused(Problem::parameter("cursor", "malformed", "x"));
        assert_eq!(merge(vec![Part::Missing("x"), refused], 20).unwrap_err().status(), 400);
    }
}

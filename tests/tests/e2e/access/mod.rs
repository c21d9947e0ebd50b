//! Every operation of the served reference, by every role and by nobody, against a table that
//! people wrote and review: tests/access-cells.txt. An operation without a line fails.

mod records;

use std::collections::BTreeMap;

use e2e::{Answer, County};
use records::{filled, records};
use reqwest::Method;
use serde_json::{Value, json};
use stack::demonstration::PASSWORD;
use stack::identity;

/// The columns of the table, and who stands for each.
const ROLES: [(&str, &str); 12] = [
    ("referrer", "greenfield-school-system"),
    ("first_response_officer", "olive.officer"),
    ("first_response_manager", "morgan.manager"),
    ("hub_member", "harper.hub"),
    ("service_worker", "felix.family"),
    ("service_manager", "sam.senior"),
    ("youth_justice_worker", "yusuf.justice"),
    ("analyst", "ana.analyst"),
    ("board_member", "bea.board"),
    ("information_governance_officer", "ines.governance"),
    ("partnership_administrator", "admin"),
    ("agency_administrator", "agnes.agency"),
];

/// One cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cell {
    /// May do it: whatever is wrong with the request is told.
    May,
    /// Sees it, and may not.
    Refused,
    /// To them there is no such thing.
    Hidden,
    /// Needs no token; the reference says so.
    Open,
}

impl Cell {
    fn mark(self) -> &'static str {
        match self {
            Cell::May => "✔",
            Cell::Refused => "·",
            Cell::Hidden => "?",
            Cell::Open => "o",
        }
    }

    fn of(mark: &str) -> Option<Self> {
        [Cell::May, Cell::Refused, Cell::Hidden, Cell::Open].into_iter().find(|cell| cell.mark() == mark)
    }
}

fn table() -> BTreeMap<String, Vec<Cell>> {
    include_str!("../../../access-cells.txt")
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split_whitespace();
            let operation = words.next().unwrap().to_owned();
            let cells: Vec<Cell> = words.map(|mark| Cell::of(mark).unwrap_or_else(|| panic!("{line}"))).collect();
            assert_eq!(cells.len(), ROLES.len(), "{line}");
            (operation, cells)
        })
        .collect()
}

fn cell(answer: &Answer, operation: &str) -> Cell {
    match answer.status {
        403 => Cell::Refused,
        404 => Cell::Hidden,
        status if status < 500 && status != 401 => Cell::May,
        _ => panic!("{operation}: {} {}", answer.status, answer.body),
    }
}

/// Someone for the one role the demonstration has nobody in.
async fn agency_administrator(county: &County) -> String {
    let admin = county.as_("admin").await;
    let user = json!({
        "username": "agnes.agency", "display_name": "Agnes Agency", "agency": "greenfield-academy",
        "roles": ["agency_administrator"], "localities": [], "teams": [], "password": PASSWORD
    });
    let made = admin.post("/v1/users", &user).await;
    assert!(matches!(made.status, 201 | 409), "{} {}", made.status, made.body);
    identity::sign_in(county.system.issuer(), "agnes.agency", PASSWORD).await.unwrap()
}

#[tokio::test]
async fn no_cell_of_operation_and_role_is_wrong() {
    let county = County::shared().await;
    agency_administrator(county).await;
    let records = records(county).await;
    let reference = county.as_nobody().get("/openapi.json").await.expect(200).body;
    let mut table = table();
    let mut wrong = Vec::new();
    for (template, item) in reference["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            let method: Method = method.to_uppercase().parse().unwrap();
            let path = filled(template, &records);
            // Nothing is said beyond the address: whoever may is told what is missing, and nothing changes.
            let body = (method != Method::GET).then(|| json!({ "nothing": "meant" }));
            let nobody = county.as_nobody().send(method.clone(), &path, &[], body.as_ref()).await;
            let expected = table.remove(id);
            let declared_open =
                operation["security"].as_array().is_some_and(|needs| needs.iter().all(|need| need == &json!({})));
            let mut found = Vec::new();
            if declared_open {
                assert!(nobody.status < 500, "{id}: {} {}", nobody.status, nobody.body);
                found = vec![Cell::Open; ROLES.len()];
            } else {
                assert_eq!(nobody.status, 401, "{id} without a token: {}", nobody.body);
                for (_, who) in ROLES {
                    // An operation on one's own sign-in may end it.
                    let caller = if path.starts_with("/oauth/") {
                        county.as_signed_in_anew(who).await
                    } else {
                        county.as_(who).await
                    };
                    let answer = caller.send(method.clone(), &path, &[], body.as_ref()).await;
                    found.push(cell(&answer, id));
                }
            }
            if expected.as_ref() != Some(&found) {
                let line = |cells: &[Cell]| cells.iter().map(|cell| cell.mark()).collect::<Vec<_>>().join(" ");
                let expected = expected.map_or("has no line".to_owned(), |cells| line(&cells));
                wrong.push(format!("{id:34} {}   (the table: {expected})", line(&found)));
            }
        }
    }
    let stale: Vec<&String> = table.keys().collect();
    assert!(
        wrong.is_empty() && stale.is_empty(),
        "found instead:\n{}\nno longer operations: {stale:?}",
        wrong.join("\n")
    );
}

#[tokio::test]
async fn internal_addresses_can_t_be_reached_from_outside() {
    let county = County::shared().await;
    let officer = county.as_("olive.officer").await;
    for path in [
        "/internal/events?after=0",
        "/v1/../internal/events?after=0",
        "/%69nternal/events?after=0",
        "//internal/events",
        "/v1/referrals/../../internal/events",
    ] {
        let answer = officer.get(path).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
        assert_eq!(answer.body.get("events"), None::<&Value>);
    }
}

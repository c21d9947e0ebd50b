//! The operations that are measured, as the bytes that go to the gateway.

use std::sync::Arc;

/// The number that stands, in a request whose statements are recorded, where others have a number
/// of their own. Twelve digits, like every number that takes its place.
pub const MARK: u64 = 777_000_000_001;
/// What ids of seeded records end with is this and the record's number.
pub const SEED: u64 = 100_000_000_000;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A school's system.
    School,
    /// Somebody who signs in.
    User(&'static str),
}

/// An officer of First Response, who sees all referrals.
pub const OFFICER: Who = Who::User("olive.officer");

/// An operation.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// Its name in the tables.
    pub name: &'static str,
    /// Who asks.
    pub who: Who,
    /// What.
    pub what: What,
    /// The status of the right answer.
    pub status: u16,
    /// The share of `pgbench`'s rate that is aimed at, in hundredths.
    pub aim: f64,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A referral of a child and a parent nobody knew before.
    Create,
    /// One referral at random, by the working team.
    Read,
    /// The newest 20 of all.
    List,
    /// The newest 20 that wait.
    Worklist,
}

/// `POST /v1/referrals`.
pub const CREATE: Operation =
    Operation { name: "create", who: Who::School, what: What::Create, status: 201, aim: 50.0 };
/// `GET /v1/referrals/{id}`.
pub const READ: Operation = Operation { name: "read", who: OFFICER, what: What::Read, status: 200, aim: 40.0 };
/// `GET /v1/referrals?limit=20`.
pub const LIST: Operation = Operation { name: "list", who: OFFICER, what: What::List, status: 200, aim: 40.0 };
/// `GET /v1/referrals?status=received&limit=20`.
pub const WORKLIST: Operation =
    Operation { name: "worklist", who: OFFICER, what: What::Worklist, status: 200, aim: 40.0 };

/// Makes the bytes of the request with a number.
pub type Maker = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

impl Operation {
    /// Requests of this operation with this token, in a world of so many seeded referrals.
    pub fn maker(self, host: &str, token: &str, rows: u64) -> Maker {
        let common = format!("host: {host}\r\nauthorization: Bearer {token}\r\naccept: application/json\r\n");
        Arc::new(move |number| {
            match self.what {
                What::Create => {
                    let body = form(number);
                    format!(
                        "POST /v1/referrals HTTP/1.1\r\n{common}idempotency-key: bench-{number}\r\n\
                         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    )
                }
                What::Read => format!("GET /v1/referrals/{} HTTP/1.1\r\n{common}\r\n", id(scattered(number, rows))),
                What::List => format!("GET /v1/referrals?limit=20 HTTP/1.1\r\n{common}\r\n"),
                What::Worklist => format!("GET /v1/referrals?status=received&limit=20 HTTP/1.1\r\n{common}\r\n"),
            }
            .into_bytes()
        })
    }
}

/// The id of a seeded referral.
pub fn id(row: u64) -> String {
    format!("01900000-0000-7000-8001-{}", SEED + row)
}

/// A row between 1 and `rows`; neighbours in number are far apart.
pub fn scattered(number: u64, rows: u64) -> u64 {
    let mut x = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^= x >> 32;
    1 + x % rows.max(1)
}

fn form(number: u64) -> String {
    format!(
        r#"{{"referrer":{{"name":"Ms A Teacher (invented)","role":"designated safeguarding lead","telephone":"01632 960001"}},"family_knows":true,"people":[{{"relation":"child","given_name":"Juniper","family_name":"Sample{number}","birth_date":"2019-02-03","school":"Greenfield Academy"}},{{"relation":"parent","given_name":"Willow","family_name":"Sample{number}"}}],"locality":"charnwood","concerns":["mental-and-physical-health","financial-stability","secure-housing"],"worries":"Told her teacher that the family is in debt, fears losing the flat and lives from one crisis to the next.","working_well":"Both parents come to school when asked.","needs_to_happen":"Help with debt and housing before it comes to an eviction."}}"#
    )
}

//! The seven case studies of the county's annual report of 2015/16, told to the API as somebody
//! would who has its reference and nothing else. The route, the services and what came of it are
//! as told there; names and words are invented. docs/case-studies.md has them in a table.
//!
//! [`Story`] is the county they are told in, one after the other, because a story moves the business
//! clock; [`Told`] is a worry and what First Response and the hub make of it; [`Work`] is a team's work
//! with the family.

mod answer;
mod crime;
mod debt;
mod domestic_abuse;
mod figures;
mod health;
mod job;
mod needing_help;
mod safeguarding;
mod school;
mod story;
mod told;
mod work;

use answer::{Answer, attends, choice, is, is_not, last_on, owes, pence, times};
use figures::Ladder;
use safeguarding::{Concern, Missing};
use story::Story;
use told::Service;

//! The page behind a link: what is shared, and a form to answer.

use askama::Template;
use chrono::{DateTime, Utc};
use shared::calendar::LocalDay;

use super::domain::OnwardStatus;
use super::share::SharedContent;

/// The page.
#[derive(Debug, Template)]
#[template(path = "onward.html")]
pub struct OnwardPage<'a> {
    title: &'a str,
    service: &'a str,
    organisation: &'a str,
    until: String,
    told: Vec<&'a str>,
    content: &'a SharedContent,
    choices: &'a [(&'static str, &'static str)],
    action: &'a str,
}

/// What can be answered where an onward referral stands.
pub const fn choices(status: OnwardStatus) -> &'static [(&'static str, &'static str)] {
    match status {
        OnwardStatus::Sent | OnwardStatus::Viewed | OnwardStatus::NoAnswer | OnwardStatus::Expired => {
            &[("accepted", "We can help: we take the family on"), ("declined", "We can't help")]
        }
        OnwardStatus::Accepted => &[
            ("engaged", "The family takes part"),
            ("sustained", "The family took part as long as it was needed"),
            ("did_not_engage", "The family did not come"),
        ],
        OnwardStatus::Declined | OnwardStatus::Withdrawn => &[],
    }
}

const fn told(status: OnwardStatus) -> Option<&'static str> {
    match status {
        OnwardStatus::Accepted => Some("You have accepted. Thank you. Please come back to tell us what came of it."),
        OnwardStatus::Declined => Some("You have declined. Thank you for telling us."),
        _ => None,
    }
}

impl<'a> OnwardPage<'a> {
    /// The page as things stand, with what has just been said first.
    pub fn of(
        service: (&'a str, &'a str),
        status: OnwardStatus,
        until: DateTime<Utc>,
        content: &'a SharedContent,
        action: &'a str,
        said: Option<&'a str>,
    ) -> Self {
        Self {
            title: "Can you help a family?",
            service: service.0,
            organisation: service.1,
            until: until.local_day().format("%-d %B %Y").to_string(),
            told: said.into_iter().chain(told(status)).collect(),
            content,
            choices: choices(status),
            action,
        }
    }
}

//! The letter to the service, as plain text that can be pasted into an e-mail. It says nothing of the
//! family: what is shared stands behind the link.

use chrono::{DateTime, NaiveDate, Utc};
use shared::calendar::LocalDay;

/// What the letter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The service is asked.
    Asking,
    /// It has not answered.
    Reminding,
    /// What was asked is taken back.
    Withdrawing,
}

/// What the letter says.
#[derive(Debug)]
pub struct Letter<'a> {
    /// What it is for.
    pub occasion: Occasion,
    /// The service.
    pub service: &'a str,
    /// Who offers it.
    pub organisation: &'a str,
    /// Where it is written to.
    pub email: Option<&'a str>,
    /// Who asks, and how to reach them.
    pub reply_to: &'a str,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// By when to answer.
    pub answer_by: Option<DateTime<Utc>>,
    /// Until when the link opens.
    pub opens_until: DateTime<Utc>,
    /// On which basis it is shared, in words.
    pub basis: &'a str,
    /// The link; none where nothing is shared any more.
    pub link: Option<&'a str>,
}

fn day(at: DateTime<Utc>) -> String {
    day_of(at.local_day())
}

fn day_of(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

impl Letter<'_> {
    /// The letter.
    pub fn text(&self) -> String {
        let mut lines = vec![format!(
            "To: {}{}",
            self.organisation,
            self.email.map(|email| format!(" <{email}>")).unwrap_or_default()
        )];
        lines.push(format!("Subject: {}", self.subject()));
        lines.push(String::new());
        lines.push(format!("Dear colleagues at {},", self.service));
        lines.push(String::new());
        lines.extend(self.body());
        lines.push(String::new());
        lines.push("Yours sincerely,".to_owned());
        lines.push(self.reply_to.to_owned());
        lines.join("\n") + "\n"
    }

    fn subject(&self) -> String {
        match (self.occasion, self.answer_by) {
            (Occasion::Asking, Some(by)) => format!("Can you help a family? Please answer by {}", day(by)),
            (Occasion::Asking, None) => "Can you help a family?".to_owned(),
            (Occasion::Reminding, _) => {
                format!("We asked you on {} to help a family: please answer", day(self.sent_at))
            }
            (Occasion::Withdrawing, _) => format!("Please disregard what we asked on {}", day(self.sent_at)),
        }
    }

    fn body(&self) -> Vec<String> {
        if self.occasion == Occasion::Withdrawing {
            return vec![
                format!(
                    "On {} we asked whether you can help a family. We have taken that back, and what we",
                    day(self.sent_at)
                ),
                "shared is no longer shared: the link does not open any more. Please delete any copy of it that you"
                    .to_owned(),
                "made, unless the law says that you must keep it, and tell us that you have.".to_owned(),
            ];
        }
        let mut lines = match self.occasion {
            Occasion::Reminding => vec![
                format!(
                    "On {} we asked whether you can help a family, and have not had your answer.",
                    day(self.sent_at)
                ),
                String::new(),
            ],
            _ => vec!["We work with a family that your service may be able to help.".to_owned(), String::new()],
        };
        lines.push("What we ask, and what you need to know of the family, stands behind this link:".to_owned());
        lines.push(String::new());
        lines.extend(self.link.map(|link| format!("    {link}")));
        lines.push(String::new());
        lines.push(format!(
            "It opens until {} for whoever has it, so please pass it only to those who decide",
            day(self.opens_until)
        ));
        lines.push("whether you can help. Read it, then accept or decline there; you need no account.".to_owned());
        if let Some(by) = self.answer_by {
            lines.push(format!("Please answer by {}.", day(by)));
        }
        lines.push(String::new());
        lines.push(format!("We share it on this basis: {}.", self.basis));
        lines.push("If the link does not open, or you would rather speak to us, this is how to reach us:".to_owned());
        lines.push(format!("{}.", self.reply_to.trim_end_matches('.')));
        lines
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn letter(occasion: Occasion) -> Letter<'static> {
        let at = |text: &str| text.parse().unwrap();
        Letter {
            occasion,
            service: "Debt advice",
            organisation: "Charity (invented)",
            email: Some("debt@charity.example"),
            reply_to: "Harper Hub, 01632 960500",
            sent_at: at("2026-11-20T10:00:00Z"),
            answer_by: Some(at("2026-12-04T10:00:00Z")),
            opens_until: at("2026-12-18T10:00:00Z"),
            basis: "Consent to share",
            link: (occasion != Occasion::Withdrawing).then_some("https://threshold.example/onward/abc"),
        }
    }

    #[test]
    fn a_letter_is_ready_to_be_pasted() {
        let text = letter(Occasion::Asking).text();
        assert!(text.starts_with("To: Charity (invented) <debt@charity.example>\nSubject: Can you help a family? Please answer by 4 December 2026\n"));
        assert!(text.contains("\n    https://threshold.example/onward/abc\n"));
        assert!(text.contains("It opens until 18 December 2026"));
        assert!(text.ends_with("Yours sincerely,\nHarper Hub, 01632 960500\n"));
        assert!(letter(Occasion::Reminding).text().contains("have not had your answer"));
        let withdrawn = letter(Occasion::Withdrawing).text();
        assert!(withdrawn.contains("Please delete any copy") && !withdrawn.contains("https://"));
    }
}

//! The four processes and how each is called where.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// One of the processes that make up Threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Process {
    /// Tokens, routing, the agencies and their people.
    Gateway,
    /// Referrals, the person index, families.
    Referral,
    /// Youth justice cases.
    YouthJustice,
    /// Facts, indicators and dashboards.
    Performance,
}

impl Process {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gateway, Self::Referral, Self::YouthJustice, Self::Performance];

    /// What its database and roles are named by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Referral => "referral",
            Self::YouthJustice => "youth_justice",
            Self::Performance => "performance",
        }
    }

    /// The name of its binary and its log, by which the others know it in service tokens.
    #[must_use]
    pub fn binary(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Referral => "referral-service",
            Self::YouthJustice => "youth-justice-service",
            Self::Performance => "performance-service",
        }
    }

    /// The setting that tells the others where to reach it, if they may.
    pub(super) fn address_setting(self) -> Option<&'static str> {
        match self {
            Self::Gateway => None,
            Self::Referral => Some("THRESHOLD_REFERRAL_URL"),
            Self::YouthJustice => Some("THRESHOLD_YOUTH_JUSTICE_URL"),
            Self::Performance => Some("THRESHOLD_PERFORMANCE_URL"),
        }
    }
}

impl fmt::Display for Process {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.binary())
    }
}

impl FromStr for Process {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|process| process.binary() == text || process.name() == text).ok_or_else(|| {
            let all = Self::ALL.map(Self::binary).join(", ");
            Error::new(format!("there is no process {text}; there are {all}"))
        })
    }
}

//! The two sides of a conversation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

shared::typed_id!(
    /// A message on a referral.
    MessageId
);

/// Who says something on a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MessageSide)]
pub enum Side {
    /// The agency that referred.
    Referrer,
    /// Those who work on it: First Response, the hub, the service.
    Worker,
}

impl Side {
    /// The side of somebody who sees the referral whole, or only where it stands.
    pub const fn of(full: bool) -> Self {
        if full { Side::Worker } else { Side::Referrer }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Side::Referrer => Side::Worker,
            Side::Worker => Side::Referrer,
        }
    }

    /// As tables and JSON spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Side::Referrer => "referrer",
            Side::Worker => "worker",
        }
    }
}

impl std::str::FromStr for Side {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Side::Referrer, Side::Worker].into_iter().find(|side| side.as_str() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_survives_its_text_and_has_another() {
        for side in [Side::Referrer, Side::Worker] {
            assert_eq!(side.as_str().parse(), Ok(side));
            assert_ne!(side.other(), side);
        }
    }
}

//! The two sides of a conversation.

shared::typed_id!(
    /// A message on a referral.
    MessageId
);

shared::words! {
    /// Who says something on a referral.
    #[schema(as = MessageSide)]
    Side {
        /// The agency that referred.
        Referrer = "referrer",
        /// Those who work on it: First Response, the hub, the service.
        Worker = "worker",
    }
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

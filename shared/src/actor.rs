//! Who is asking: the verified answer, never a header's claim.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::UserId;

crate::words! {
    /// What someone does for the partnership. A role says what one may do; what one may see is
    /// said by [`Actor::scopes`].
    Role {
        /// A partner's practitioner, or a partner's system, that tells of a worry.
        Referrer = "referrer",
        /// Screens and decides at First Response, the single front door.
        FirstResponseOfficer = "first_response_officer",
        /// Leads First Response; signs off and reviews.
        FirstResponseManager = "first_response_manager",
        /// Sits on the multi-agency hub of one or more districts.
        HubMember = "hub_member",
        /// Works with families in a service that receives allocations.
        ServiceWorker = "service_worker",
        /// Leads a service's team: gives work out, passes it on, and audits case files.
        ServiceManager = "service_manager",
        /// Works with young people in the youth justice service.
        YouthJusticeWorker = "youth_justice_worker",
        /// Keeps the partnership's figures.
        Analyst = "analyst",
        /// Steers by the partnership's figures.
        BoardMember = "board_member",
        /// Answers for who may see what, and reads who has looked.
        InformationGovernanceOfficer = "information_governance_officer",
        /// Keeps agencies, teams, users and clients for the whole partnership.
        PartnershipAdministrator = "partnership_administrator",
        /// Keeps the users of one agency.
        AgencyAdministrator = "agency_administrator",
    }
}

impl Role {
    /// What people call those who hold it.
    pub const fn plain(self) -> &'static str {
        match self {
            Role::Referrer => "partner agencies that refer",
            Role::FirstResponseOfficer => "First Response officers",
            Role::FirstResponseManager => "First Response managers",
            Role::HubMember => "hub members",
            Role::ServiceWorker => "service workers",
            Role::ServiceManager => "service managers",
            Role::YouthJusticeWorker => "youth justice workers",
            Role::Analyst => "analysts",
            Role::BoardMember => "board members",
            Role::InformationGovernanceOfficer => "information governance officers",
            Role::PartnershipAdministrator => "the partnership's administrators",
            Role::AgencyAdministrator => "an agency's administrators",
        }
    }
}

/// A short code for an agency, a team or a locality: `greenfield-academy`, `charnwood`.
///
/// Lower-case letters, digits and single hyphens, 1 to 64 characters. Such a code can stand
/// in a scope and in `SET LOCAL` without quoting, which is why the context accepts nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Word(String);

impl Word {
    /// The code itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Word {
    type Err = NotAWord;
    fn from_str(text: &str) -> Result<Self, NotAWord> {
        let right = !text.is_empty()
            && text.len() <= 64
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.contains("--");
        if right { Ok(Self(text.to_owned())) } else { Err(NotAWord) }
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl utoipa::PartialSchema for Word {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(crate::schema::CODE))
            .min_length(Some(1))
            .max_length(Some(64))
            .into()
    }
}

impl utoipa::ToSchema for Word {}

/// The text is no [`Word`].
#[derive(Debug, PartialEq, Eq)]
pub struct NotAWord;

impl fmt::Display for NotAWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be lower-case letters, digits and single hyphens, at most 64 characters")
    }
}

impl std::error::Error for NotAWord {}

/// The one who asks, as the verified token says.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The user, or the client that acts for itself.
    pub user: UserId,
    /// A name a reader of the access log knows: the user name, or the client's id.
    pub name: String,
    /// The agency the user or client belongs to.
    pub agency: Word,
    /// What they do.
    pub roles: Vec<Role>,
    /// The districts whose hub they sit on.
    pub localities: Vec<Word>,
    /// The teams they work in.
    pub teams: Vec<Word>,
    /// The sign-in this token came from; revoking it revokes them all.
    pub session: Uuid,
    /// This token.
    pub token: Uuid,
    /// When the token was made, in seconds since 1970: what is revoked later ends it.
    pub token_made_at: i64,
    /// The end user of the partner's own system for whom it acts, as that system names them.
    pub on_behalf_of: Option<String>,
    /// The token itself, for calls on to other services under the same rights.
    pub bearer: String,
    /// The trace the request belongs to.
    pub trace: Option<String>,
}

impl Actor {
    /// Whether the actor holds any of the roles.
    pub fn holds_any(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// Whose records the actor sees, as `record_scope` spells it.
    ///
    /// Holding a team or a locality alone gives nothing: a role must say in which capacity.
    pub fn scopes(&self) -> Vec<String> {
        let mut scopes = vec![format!("agency:{}", self.agency), format!("user:{}", self.user)];
        for role in &self.roles {
            match role {
                Role::FirstResponseOfficer | Role::FirstResponseManager => scopes.push("front-door".to_owned()),
                Role::HubMember => scopes.extend(self.localities.iter().map(|l| format!("hub:{l}"))),
                Role::ServiceWorker | Role::ServiceManager | Role::YouthJusticeWorker => {
                    scopes.extend(self.teams.iter().map(|t| format!("team:{t}")));
                }
                Role::InformationGovernanceOfficer => scopes.push("governance".to_owned()),
                Role::Analyst | Role::BoardMember => scopes.push("figures".to_owned()),
                Role::PartnershipAdministrator => scopes.push("administration".to_owned()),
                Role::AgencyAdministrator => scopes.push(format!("agency-administration:{}", self.agency)),
                Role::Referrer => {}
            }
        }
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }
}

//! What is known of a referral when it is decided: what was told, what the front door made of it, what
//! agencies answered, and what there was before. One expression of SQL, so that whoever shows a page of
//! referrals has it in the query of the page.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The expression, of the referral `r`; row-level security leaves out what the caller does not see. A new
/// section is a line here and a field of [`KnownView`].
pub const KNOWN: &str = "\
jsonb_build_object(
    'children', (SELECT jsonb_agg(jsonb_build_object('given_name', n.given_name, 'family_name', n.family_name,
            'birth_date', n.birth_date) ORDER BY n.place)
        FROM named_person n WHERE n.referral_id = r.id AND n.relation = 'child'),
    'told', (SELECT jsonb_build_object('concerns', c.concerns, 'worries', c.worries, 'working_well', c.working_well,
            'needs_to_happen', c.needs_to_happen, 'family_knows', c.family_knows, 'scale', c.scale)
        FROM contact c WHERE c.referral_id = r.id),
    'screened', (SELECT jsonb_build_object('level_of_need', w.level_of_need, 'reason', w.reason,
            'decided_by', w.decided_by_name, 'decided_at', d.decided_at)
        FROM decision d JOIN decision_reason w ON w.decision_id = d.id
        WHERE d.referral_id = r.id AND d.stage = 'front_door' ORDER BY d.decided_at DESC LIMIT 1),
    'previous', (SELECT jsonb_agg(jsonb_build_object('id', p.id, 'reference', p.reference, 'status', p.status,
            'received_at', p.received_at) ORDER BY p.received_at DESC, p.id DESC)
        FROM (SELECT DISTINCT o.id, o.reference, o.status, o.received_at
              FROM person_link mine
              JOIN person_link other ON other.person_id = mine.person_id AND other.referral_id <> mine.referral_id
              JOIN referral o ON o.id = other.referral_id
              WHERE mine.referral_id = r.id
              ORDER BY o.received_at DESC, o.id DESC LIMIT 10) p))";

/// What is known of a referral.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct KnownView {
    /// The children it is about.
    #[serde(default, deserialize_with = "or_none")]
    pub children: Vec<super::view::ChildLine>,
    /// What was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<ToldView>,
    /// What the front door made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screened: Option<ScreenedView>,
    /// Other referrals of the same people that you see, newest first: the newest ten.
    #[serde(default, deserialize_with = "or_none", skip_serializing_if = "Vec::is_empty")]
    pub previous: Vec<PreviousLine>,
}

/// What was told, in the referrer's words.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ToldView {
    /// Codes of the set `concern`.
    pub concerns: Vec<String>,
    /// What the referrer is worried about.
    pub worries: String,
    /// What is working well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_well: Option<String>,
    /// What needs to happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_to_happen: Option<String>,
    /// Whether the family knows of the referral.
    pub family_knows: bool,
    /// How safe things are, 0 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<i16>,
}

/// What the front door made of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ScreenedView {
    /// Level of need, 1 universal to 4 acute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_of_need: Option<i16>,
    /// Why it was decided so.
    pub reason: String,
    /// By whom.
    pub decided_by: String,
    /// When.
    pub decided_at: DateTime<Utc>,
}

/// Another referral of the same people.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PreviousLine {
    /// Its id.
    pub id: Uuid,
    /// Its reference.
    pub reference: String,
    /// Where it stands.
    pub status: String,
    /// When the front door had it.
    pub received_at: DateTime<Utc>,
}

/// What SQL says where there is nothing is null, and not an empty list.
fn or_none<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

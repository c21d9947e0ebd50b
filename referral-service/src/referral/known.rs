//! What is known of a referral when it is decided: what was told, what the front door made of it, what
//! agencies answered, and what there was before. One expression of SQL, so that whoever shows a page of
//! referrals has it in the query of the page.

use chrono::{DateTime, NaiveDate, Utc};
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
              ORDER BY o.received_at DESC, o.id DESC LIMIT 10) p),
    'information', (SELECT jsonb_agg(jsonb_build_object('id', q.id, 'agency', q.agency, 'status', q.status, 'scopes', q.scopes,
            'years_back', q.years_back, 'purpose', q.purpose, 'lawful_basis', q.lawful_basis, 'asked_at', q.asked_at, 'due_at', q.due_at,
            'about', (SELECT jsonb_agg(jsonb_build_object('number', y.number, 'person_id', y.person_id, 'given_name', y.given_name,
                    'family_name', y.family_name) ORDER BY y.number)
                FROM information_request_person y WHERE y.request_id = q.id),
            'answer', (SELECT jsonb_build_object('found', a.found, 'reason', a.reason, 'answered_at', a.answered_at,
                    'answered_by', a.answered_by_name,
                    'items', (SELECT jsonb_agg(jsonb_build_object('scope', i.scope, 'about', i.about, 'from', i.from_date,
                            'to', i.to_date, 'words', i.words, 'dash_grade', i.dash_grade) ORDER BY i.place)
                        FROM information_item i WHERE i.request_id = q.id))
                FROM information_answer a WHERE a.request_id = q.id)) ORDER BY q.asked_at, q.id)
        FROM information_request q WHERE q.referral_id = r.id AND q.status <> 'cancelled'))";

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
    /// What each agency was asked, and what it answered, in the order they were asked. An agency that has not
    /// answered stands there too.
    #[serde(default, deserialize_with = "or_none", skip_serializing_if = "Vec::is_empty")]
    pub information: Vec<AskedLine>,
}

impl KnownView {
    /// The records it shows besides the referral itself, for the access log.
    pub fn records(&self) -> impl Iterator<Item = Uuid> + '_ {
        let previous = self.previous.iter().map(|other| other.id);
        previous.chain(self.information.iter().map(|asked| asked.id))
    }

    /// Whom it tells something of besides the people of the referral, for the access log: a hub holds none of the
    /// requests' own scopes, so the log would not find them by the request.
    pub fn people(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.information.iter().flat_map(|asked| asked.about.iter().map(|person| person.person_id))
    }
}

/// What an agency was asked about the family, for what and on which basis, and what it answered.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = KnownInformation)]
pub struct AskedLine {
    /// The request's id, under `/v1/information-requests`.
    pub id: Uuid,
    /// Who is asked.
    pub agency: String,
    /// `asked` while it has not answered, `answered`.
    pub status: String,
    /// What for, codes of the set `information-scope`.
    pub scopes: Vec<String>,
    /// For so many years back.
    pub years_back: i16,
    /// What it is for, a code of the set `information-purpose`.
    pub purpose: String,
    /// On which basis it may be told, a code of the set `lawful-basis`.
    pub lawful_basis: String,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// By when an answer is due.
    pub due_at: DateTime<Utc>,
    /// Whom it was asked about, numbered as the answer's items count them.
    #[serde(default, deserialize_with = "or_none")]
    pub about: Vec<AskedAbout>,
    /// The answer, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerLine>,
}

/// Somebody an agency was asked about.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = KnownInformationPerson)]
pub struct AskedAbout {
    /// Their number in the request.
    pub number: i16,
    /// Whom the index takes this to be.
    pub person_id: Uuid,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
}

/// What an agency answered.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = KnownInformationAnswer)]
pub struct AnswerLine {
    /// `yes`, `partly`, `nothing_held` or `refused`.
    pub found: String,
    /// Why not, or not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When.
    pub answered_at: DateTime<Utc>,
    /// Who answered.
    pub answered_by: String,
    /// What is held.
    #[serde(default, deserialize_with = "or_none")]
    pub items: Vec<AnswerItemLine>,
}

/// Something an agency holds.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = KnownInformationItem)]
pub struct AnswerItemLine {
    /// What of the things asked for it is.
    pub scope: String,
    /// The numbers of the people it is about; all of them, if none are named.
    pub about: Vec<i16>,
    /// On which day, or from which on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// Until which day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// What it says.
    pub words: String,
    /// The DASH grade of a domestic abuse incident: `standard`, `medium` or `high`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dash_grade: Option<String>,
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

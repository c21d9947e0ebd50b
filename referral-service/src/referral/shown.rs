//! Reading one referral, and what else is known of the people it is about.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::ReferralId;

/// One referral as anyone who sees it may see it, with the working team's part where the
/// caller has it: row-level security leaves the rest null or empty.
#[derive(Debug, QueryableByName)]
pub struct Shown {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub their_reference: Option<String>,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub received_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Bool)]
    pub urgent: bool,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub met_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    pub full: bool,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub contact: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub consents: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub people: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub decisions: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub allocations: Option<serde_json::Value>,
}

/// The statement behind `GET /v1/referrals/{id}`; the benchmark runs the same text.
pub const SHOW: &str = "\
SELECT r.id, r.reference, r.status, r.received_at, r.agency, r.locality, r.urgent, r.version, d.due_at, d.met_at,
       c.referral_id IS NOT NULL AS \"full\",
       CASE WHEN c.referral_id IS NOT NULL OR r.agency = app_agency() THEN r.their_reference END AS their_reference,
       CASE WHEN c.referral_id IS NOT NULL THEN jsonb_build_object(
           'kind', c.kind, 'channel', c.channel,
           'made_at', c.made_at, 'referrer', jsonb_build_object('name', c.referrer_name, 'role', c.referrer_role,
               'telephone', c.referrer_telephone, 'email', c.referrer_email),
           'caller', CASE WHEN c.anonymous OR num_nonnulls(c.caller_name, c.caller_relationship, c.caller_telephone) > 0
               THEN jsonb_build_object('name', c.caller_name, 'relationship', c.caller_relationship,
                   'telephone', c.caller_telephone, 'anonymous', c.anonymous) END,
           'urgency', CASE WHEN r.urgent
               THEN jsonb_build_object('kind', 'immediate_safeguarding', 'why', c.urgent_because) END,
           'family_knows', c.family_knows, 'concerns', c.concerns, 'worries', c.worries,
           'working_well', c.working_well, 'needs_to_happen', c.needs_to_happen,
           'danger_statement', c.danger_statement, 'safety_goal', c.safety_goal, 'scale', c.scale,
           'step_down', CASE WHEN c.kind = 'step_down'
               THEN jsonb_build_object('social_care_reference', c.social_care_reference, 'reason', c.step_down_reason) END,
           'earlier_reference', c.earlier_reference,
           'needs', (SELECT jsonb_agg(jsonb_build_object('code', n.code, 'who', n.who, 'words', n.words) ORDER BY n.place)
               FROM contact_need n WHERE n.referral_id = r.id),
           'households', (SELECT jsonb_agg(jsonb_build_object('address', h.address, 'postcode', h.postcode) ORDER BY h.place)
               FROM named_household h WHERE h.referral_id = r.id),
           'relationships', (SELECT jsonb_agg(jsonb_build_object('person', k.person, 'kinship', k.kinship, 'of', k.of)
               ORDER BY k.person, k.of) FROM named_relationship k WHERE k.referral_id = r.id),
           'consent', (SELECT jsonb_build_object('given', s.given, 'by', s.given_by, 'on', s.given_on, 'how', s.how,
               'reason', s.reason) FROM service_consent s WHERE s.referral_id = r.id ORDER BY s.recorded_at DESC, s.id DESC LIMIT 1),
           'lawful_basis', (SELECT jsonb_build_object('basis', b.basis, 'stated', b.stated, 'note', b.note)
               FROM sharing_basis b WHERE b.referral_id = r.id ORDER BY b.recorded_at DESC, b.id DESC LIMIT 1)
           ) END AS contact,
       (SELECT jsonb_agg(jsonb_build_object('given', s.given, 'by', s.given_by, 'on', s.given_on, 'how', s.how,
               'words', s.words, 'recorded_at', s.recorded_at, 'recorded_by', s.recorded_by_name)
               ORDER BY s.given_on, s.recorded_at, s.id)
        FROM consent_record s WHERE s.referral_id = r.id) AS consents,
       (SELECT jsonb_agg(jsonb_build_object('person_id', l.person_id, 'relation', n.relation, 'given_name', n.given_name,
               'family_name', n.family_name, 'birth_date', n.birth_date, 'expected_on', n.expected_on,
               'household', n.household, 'address', n.address, 'postcode', n.postcode,
               'school', n.school, 'gender', x.gender, 'ethnicity', x.ethnicity, 'language', x.language,
               'interpreter', x.interpreter, 'disability', x.disability, 'send', x.send) ORDER BY n.place)
        FROM named_person n JOIN person_link l ON l.named_person_id = n.id
        LEFT JOIN named_characteristic x ON x.referral_id = n.referral_id AND x.place = n.place
        WHERE n.referral_id = r.id) AS people,
       (SELECT jsonb_agg(jsonb_build_object('stage', x.stage, 'outcome', x.outcome, 'decided_at', x.decided_at,
               'level_of_need', w.level_of_need, 'reason', w.reason, 'decided_by', w.decided_by_name,
               'signed_off_by', w.signed_off_by_name, 'way', h.way, 'urgent_because', h.urgent_because,
               'dissent', (SELECT jsonb_agg(jsonb_build_object('who', s.who, 'agency', s.agency, 'words', s.words) ORDER BY s.place)
                   FROM decision_dissent s WHERE s.decision_id = x.id)) ORDER BY x.decided_at)
        FROM decision x LEFT JOIN decision_reason w ON w.decision_id = x.id LEFT JOIN hub_decision h ON h.decision_id = x.id
        WHERE x.referral_id = r.id) AS decisions,
       (SELECT jsonb_agg(jsonb_build_object('id', a.id, 'service', a.service, 'part', a.part, 'status', a.status,
               'offered_at', a.offered_at, 'outcome', a.outcome) ORDER BY a.offered_at)
        FROM allocation a WHERE a.referral_id = r.id) AS allocations
FROM referral r
JOIN deadline d ON d.record_id = r.id AND d.code = 'front_door_decision'
LEFT JOIN contact c ON c.referral_id = r.id
WHERE r.id = $1";

/// One referral as the caller sees it.
///
/// # Errors
/// 404 if the caller doesn't.
pub async fn show(connection: &mut AsyncPgConnection, id: ReferralId) -> Result<Shown, Problem> {
    let rows: Vec<Shown> = diesel::sql_query(SHOW).bind::<SqlUuid, _>(id).prepared().load(connection).await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

/// Another referral of somebody whom this one is about.
#[derive(Debug, QueryableByName)]
pub struct Other {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub received_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Array<SqlUuid>)]
    pub people: Vec<Uuid>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub allocations: Option<serde_json::Value>,
}

/// The statement behind `previous`: by the people, so that it is as long as their own history.
pub const OTHERS: &str = "\
SELECT r.id, r.reference, r.status, r.received_at, r.agency, r.locality, met.people,
       (SELECT jsonb_agg(jsonb_build_object('id', a.id, 'service', a.service, 'part', a.part, 'status', a.status,
               'offered_at', a.offered_at, 'outcome', a.outcome) ORDER BY a.offered_at)
        FROM allocation a WHERE a.referral_id = r.id) AS allocations
FROM (SELECT other.referral_id, array_agg(DISTINCT other.person_id) AS people
      FROM person_link mine JOIN person_link other ON other.person_id = mine.person_id
      WHERE mine.referral_id = $1 AND other.referral_id <> $1 GROUP BY other.referral_id) met
JOIN referral r ON r.id = met.referral_id
WHERE r.status NOT IN ('closed', 'withdrawn') OR r.received_at BETWEEN $2 AND $3
ORDER BY r.received_at DESC, r.id DESC LIMIT 50";

/// The other referrals of these people that the caller sees: those received from `since` until this one, and
/// those still open. At most the newest 50.
///
/// # Errors
/// As the database says.
pub async fn others(
    connection: &mut AsyncPgConnection,
    id: ReferralId,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Other>, Problem> {
    Ok(diesel::sql_query(OTHERS)
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(since)
        .bind::<Timestamptz, _>(until)
        .prepared()
        .load(connection)
        .await?)
}

/// A case somebody has open with one of the people a referral is about.
#[derive(Debug, QueryableByName)]
pub struct AtWork {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub case_type: String,
    #[diesel(sql_type = Text)]
    pub team: String,
    #[diesel(sql_type = Timestamptz)]
    pub opened_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    pub lead_worker_name: Option<String>,
    #[diesel(sql_type = Array<SqlUuid>)]
    pub people: Vec<Uuid>,
}

/// The statement behind `open_cases`: by the people, like [`OTHERS`].
pub const AT_WORK: &str = "\
SELECT c.id, c.case_type, c.team, c.opened_at, c.lead_worker_name, met.people
FROM (SELECT about.record_id, array_agg(DISTINCT about.person_id) AS people
      FROM person_link mine JOIN record_subject about ON about.person_id = mine.person_id
      WHERE mine.referral_id = $1 GROUP BY about.record_id) met
JOIN family_case c ON c.id = met.record_id
WHERE c.status = 'open' AND c.referral_id IS DISTINCT FROM $1
ORDER BY c.opened_at DESC, c.id DESC LIMIT 50";

/// The open cases with these people that the caller sees, other than those the referral itself came to. At most
/// the newest 50.
///
/// # Errors
/// As the database says.
pub async fn at_work(connection: &mut AsyncPgConnection, id: ReferralId) -> Result<Vec<AtWork>, Problem> {
    Ok(diesel::sql_query(AT_WORK).bind::<SqlUuid, _>(id).prepared().load(connection).await?)
}

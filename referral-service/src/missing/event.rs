//! What other services are told of missing children: facts for the figures, no names and no words.

use chrono::{DateTime, Utc};
use serde_json::json;
use shared::events::Event;
use shared::id::PersonId;

use super::api::{InterviewForm, ReportForm, ReturnForm, UpdateForm};
use super::domain::{EpisodeId, InterviewOutcome};
use super::store::NewEpisode;

/// The episode and whose it is, as every event says it.
#[derive(Clone, Copy)]
pub struct Of<'a> {
    /// The episode.
    pub id: EpisodeId,
    /// The child.
    pub child: PersonId,
    /// The child's district.
    pub locality: Option<&'a str>,
}

/// A child was reported missing; `same_as` is the report of the same absence that came before.
pub fn reported(
    of: Of<'_>,
    form: &ReportForm,
    agency: &str,
    new: &NewEpisode<'_>,
    same_as: Option<EpisodeId>,
) -> Event {
    let facts = json!({
        "episode_id": of.id, "person_ids": [of.child], "locality": of.locality, "agency": agency,
        "missing_since": form.missing_since, "reported_at": new.reported_at, "missing_from": form.missing_from,
        "risk_level": form.risk_level, "repeat_number": new.repeat_number, "exploitation": new.exploitation,
        "same_absence_as": same_as,
    });
    Event::new("missing.reported.v1", of.id, facts)
}

/// More was told while the child is missing.
pub fn updated(of: Of<'_>, form: &UpdateForm, agency: &str, at: DateTime<Utc>) -> Event {
    let facts = json!({
        "episode_id": of.id, "person_ids": [of.child], "locality": of.locality, "agency": agency,
        "risk_level": form.risk_level, "seen_at": form.sighting.as_ref().map(|sighting| sighting.seen_at), "updated_at": at,
    });
    Event::new("missing.updated.v1", of.id, facts)
}

/// The child came back.
pub fn returned(of: Of<'_>, form: &ReturnForm, missing_since: DateTime<Utc>, due_at: DateTime<Utc>) -> Event {
    let facts = json!({
        "episode_id": of.id, "person_ids": [of.child], "locality": of.locality, "missing_since": missing_since,
        "returned_at": form.returned_at, "found_how": form.found_how, "harm": form.harm, "interview_due_at": due_at,
    });
    Event::new("missing.returned.v1", of.id, facts)
}

/// The return interview was offered, declined or held.
pub fn interview(of: Of<'_>, form: &InterviewForm, returned_at: DateTime<Utc>, due_at: DateTime<Utc>) -> Event {
    let kind = match form.outcome {
        InterviewOutcome::Offered => "missing.interview_offered.v1",
        InterviewOutcome::Declined => "missing.interview_declined.v1",
        InterviewOutcome::Held => "missing.interview_held.v1",
    };
    let facts = json!({
        "episode_id": of.id, "person_ids": [of.child], "locality": of.locality, "returned_at": returned_at,
        "at": form.at, "due_at": due_at, "in_time": form.at <= due_at, "themes": form.themes,
    });
    Event::new(kind, of.id, facts)
}

/// It was no episode after all.
pub fn cancelled(of: Of<'_>, because: &str, at: DateTime<Utc>) -> Event {
    let facts = json!({
        "episode_id": of.id, "person_ids": [of.child], "locality": of.locality, "because": because, "cancelled_at": at,
    });
    Event::new("missing.cancelled.v1", of.id, facts)
}

/// A team was given the episode.
pub fn given(of: Of<'_>, service: &str, at: DateTime<Utc>) -> Event {
    let facts = json!({ "episode_id": of.id, "locality": of.locality, "service": service, "given_at": at });
    Event::new("missing.given_to_team.v1", of.id, facts)
}

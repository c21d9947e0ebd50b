//! What the other services are told of a service.

use serde_json::json;
use shared::events::Event;

use super::view::ServiceView;

/// It was entered or changed: how much room there is, as of now.
pub fn changed(view: &ServiceView) -> Event {
    let facts = json!({
        "service_id": view.id, "organisation_id": view.organisation.id, "kind": view.kind, "service": view.service,
        "status": view.status, "districts": view.eligibility.districts, "places": view.capacity.places,
        "taken": view.capacity.taken, "waiting_days": view.capacity.waiting_days, "changed_at": view.changed_at,
    });
    Event::new("service.changed.v1", view.id, facts)
}

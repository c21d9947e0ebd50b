//! The person index: whom the partnership knows. A mention on a referral is kept as it was
//! told; the index says whom it means, by exact and normalised name with the birth date.
//! Also who looked at a person's records, and who must not. Like `referral`, part of the kernel:
//! other slices name people only through [`link_named`].

mod api;
mod birth;
mod domain;
mod restriction;
pub mod sound;
mod store;
mod whom;

pub use api::internal;
pub use birth::{ADULT_AT, birth_date_error, child_error, years_old};
pub use domain::{Mention, name_key};
pub use sound::{Sound, last_part, sound};
pub use store::{find, link_named};
pub use whom::{
    Known, OpenRecord, Reporter, SeenRecord, TeamToGive, Told, Whom, identify, open_records_about, open_records_seen,
    show_to_holders, subject_of, teams_at_work_with, who_must_know,
};

/// The routes of the person index.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.configure(api::routes).configure(restriction::routes);
}

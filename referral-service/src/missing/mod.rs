//! Children who go missing from home or care: the report, which alerts everyone who must know at
//! once; the return; and the return interview, independent and within 72 hours. Police report from
//! their own system and follow where it stands; First Response, the hub of the child's district and
//! the teams that work with the child see all of it. Any worker may report; those who interview are
//! the teams and First Response.

mod api;
mod domain;
mod event;
pub mod store;
mod view;

pub use api::routes;

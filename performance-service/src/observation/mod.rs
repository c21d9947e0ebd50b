mod api;
pub use api::routes;

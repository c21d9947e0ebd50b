//! An indicator counted over any period, and broken down: what an analyst asks when no dashboard
//! shows it. Only indicators that are counted here can be asked for; what others published stands
//! with its observations. Analysts and board members ask.

mod api;

pub use api::routes;

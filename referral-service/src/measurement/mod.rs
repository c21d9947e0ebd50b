//! What is measured of a family: where it stands on the ladder of ten areas, and the answers to the
//! questions the county counts. A measurement is taken at the assessment of a case, at each
//! review and at closure; what changed between the first and the last is the family's journey.
//!
//! Part of the kernel: `assessment` takes the first two, `closure` the last, both through [`Point`].
//! The ladder and the questions are data. The wording of the ladder that is shipped is our own: the
//! tools counties use are licensed, and may be put in its place by those who hold a licence.

pub mod case_study;
pub mod domain;
pub mod event;
pub mod store;
pub mod take;

pub use domain::content::Content;
pub use domain::{MeasurementId, MeasurementPoint, MeasurementStatus};
pub use store::point::{Point, case_whole};
pub use store::reference::{Reference, reference};
pub use take::Setting;

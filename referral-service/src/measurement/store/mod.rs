//! The rows of measurements, and of the ladder and the questions they are taken by.

pub mod contents;
pub mod point;
pub mod reference;
pub mod voice;

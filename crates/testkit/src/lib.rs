//! To be written.

pub mod postgres;
#[cfg(feature = "s3")]
pub mod s3;

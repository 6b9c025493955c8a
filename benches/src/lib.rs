//! Measurements of Balado, run by `make bench`: criterion benches for what takes microseconds, and side-by-side
//! comparisons with other programs for what takes seconds.
//!
//! A comparison runs both programs in turn, A B A B …, and quotes the ratio pair by pair, so that it holds when the speed of
//! the machine drifts. Nothing here is part of the program.

pub mod child;
pub mod media;
pub mod pairs;
pub mod process;
pub mod report;
pub mod rivals;
pub mod service;

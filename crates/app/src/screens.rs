//! Lists as screens need them: searched, counted and paged, with what stands beside each line.
//!
//! For `web`. They read only, save that looking at an inbox notes what was seen; who may see what stays with `store`.

mod account;
mod search;
mod shows;

pub(crate) use search::fold;
pub use search::{Found, Reach, Wanted};
pub use shows::{HeldSubscription, ShowView};

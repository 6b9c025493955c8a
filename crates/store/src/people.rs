//! Schools, school years, groups, persons, identities, memberships and guardianships.
//!
//! Reading people takes no `Viewer`: directories are looked up by `app` to build one.

mod groups;
mod guardianships;
mod memberships;
mod persons;
mod schools;

pub use groups::*;
pub use guardianships::*;
pub use memberships::*;
pub use persons::*;
pub use schools::*;

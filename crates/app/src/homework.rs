//! Homework: setting an assignment, handing in, listening to the answers.

mod answers;
mod setting;

pub use answers::{PupilRow, SubmissionView};
pub use setting::{AssignmentView, AssignmentWish};

pub(crate) use answers::answer_items;

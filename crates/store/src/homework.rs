//! Homework: assignments and the answers pupils hand in.

mod assignments;
mod submissions;

pub use assignments::{
    get_assignment_for, insert_assignment, list_assignments_for, set_assignment_withdrawn, update_assignment,
};
pub use submissions::{
    find_submission_by_deposit, get_submission_for, insert_submission, list_submissions_for, set_heard,
};

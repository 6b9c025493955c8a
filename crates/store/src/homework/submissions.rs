//! The answers pupils hand in.

use crate::column::{instant, row, texts};
use crate::conn::{Condition, constant};
use crate::schema::{assignments, feeds, submissions};
use crate::{Conn, Error, Result, Tx};
use balado_domain::feed::FeedKind;
use balado_domain::homework::Submission;
use balado_domain::people::Role;
use balado_domain::{AssignmentId, DepositId, SubmissionId, Timestamp, Viewer};
use chrono::NaiveDateTime;
use diesel::prelude::*;

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = submissions)]
    SubmissionRow of Submission {
        id: String,
        assignment_id: String,
        school_id: String,
        pupil_id: String,
        deposit_id: String,
        submitted_by: String,
        submitted_at: NaiveDateTime,
        replaced_at: Option<NaiveDateTime>,
        heard_at: Option<NaiveDateTime>,
    }
}

/// Hands in an answer; the pupil's earlier answer to the same assignment is replaced at that instant.
///
/// # Errors
/// [`Error::Conflict`] on `submissions(assignment_id,pupil_id)` when two are handed in at once, on
/// `submissions(deposit_id)` when the deposit was handed in already.
pub fn insert_submission(tx: &mut Tx<'_>, submission: &Submission) -> Result<()> {
    let earlier = submissions::table
        .filter(submissions::assignment_id.eq(submission.assignment_id.to_string()))
        .filter(submissions::pupil_id.eq(submission.pupil_id.to_string()))
        .filter(submissions::replaced_at.is_null());
    diesel::update(earlier)
        .set(submissions::replaced_at.eq(instant(submission.submitted_at)))
        .execute(&mut **tx)?;
    diesel::insert_into(submissions::table).values(SubmissionRow::from(submission)).execute(&mut **tx)?;
    Ok(())
}

/// One answer, for the pupil, a guardian looking as the pupil does, or the author of the assignment.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or not for this viewer.
pub fn get_submission_for(conn: &mut Conn, viewer: &Viewer, id: SubmissionId) -> Result<Submission> {
    let row: Option<SubmissionRow> =
        submissions::table.find(id.to_string()).filter(visible(viewer)).first(conn).optional()?;
    row.ok_or(Error::NotFound("submission"))?.into_entity()
}

/// The answers to an assignment: the current one of each pupil for its author and for the address of its feed, all
/// of their own, replaced ones too, for a pupil. Newest first.
///
/// # Errors
/// When the database fails.
pub fn list_submissions_for(
    conn: &mut Conn,
    viewer: &Viewer,
    assignment: AssignmentId,
) -> Result<Vec<Submission>> {
    let shown: Condition<submissions::table> = match viewer.reader() {
        Some(reader) => {
            Box::new(submissions::replaced_at.is_null().or(submissions::pupil_id.eq(reader.id.to_string())))
        }
        None => Box::new(submissions::replaced_at.is_null()),
    };
    let rows: Vec<SubmissionRow> = submissions::table
        .filter(submissions::assignment_id.eq(assignment.to_string()))
        .filter(visible(viewer))
        .filter(shown)
        .order((submissions::submitted_at.desc(), submissions::id.desc()))
        .load(conn)?;
    rows.into_iter().map(SubmissionRow::into_entity).collect()
}

/// The answer a deposit is, if it is one the viewer may see.
///
/// # Errors
/// When the database fails.
pub fn find_submission_by_deposit(
    conn: &mut Conn,
    viewer: &Viewer,
    deposit: DepositId,
) -> Result<Option<Submission>> {
    let row: Option<SubmissionRow> = submissions::table
        .filter(submissions::deposit_id.eq(deposit.to_string()))
        .filter(visible(viewer))
        .first(conn)
        .optional()?;
    row.map(SubmissionRow::into_entity).transpose()
}

/// Notes that the teacher listened; the first time stays.
///
/// # Errors
/// [`Error::NotFound`].
pub fn set_heard(tx: &mut Tx<'_>, id: SubmissionId, at: Timestamp) -> Result<()> {
    let unheard = submissions::table.find(id.to_string()).filter(submissions::heard_at.is_null());
    let changed = diesel::update(unheard).set(submissions::heard_at.eq(instant(at))).execute(&mut **tx)?;
    if changed == 0 {
        get_submission_for(tx, &Viewer::System, id)?;
    }
    Ok(())
}

fn visible(viewer: &Viewer) -> Condition<submissions::table> {
    match viewer {
        Viewer::System => constant(true),
        Viewer::Anonymous => constant(false),
        Viewer::Person(person) | Viewer::ApiToken { person, .. } => {
            let set = assignments::table
                .filter(assignments::author_id.eq(person.id.to_string()))
                .filter(assignments::school_id.eq_any(texts(person.schools_as(Role::Teacher))))
                .select(assignments::id);
            let answers = submissions::assignment_id.eq_any(set).and(submissions::replaced_at.is_null());
            Box::new(submissions::pupil_id.eq(person.id.to_string()).or(answers))
        }
        Viewer::Guardian { pupil, .. } => Box::new(submissions::pupil_id.eq(pupil.id.to_string())),
        Viewer::FeedToken(grant) | Viewer::MediaKey(grant) => {
            let scope = feeds::table
                .filter(feeds::id.eq(grant.feed.to_string()))
                .filter(feeds::kind.eq(FeedKind::Assignment.as_str()))
                .select(feeds::scope_id);
            let set = assignments::table
                .filter(assignments::author_id.eq(grant.beneficiary.id.to_string()))
                .filter(assignments::school_id.eq_any(texts(grant.beneficiary.schools_as(Role::Teacher))))
                .filter(assignments::id.eq_any(scope))
                .select(assignments::id);
            Box::new(submissions::assignment_id.eq_any(set).and(submissions::replaced_at.is_null()))
        }
    }
}

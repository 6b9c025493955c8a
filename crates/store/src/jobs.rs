//! The queue: jobs, claimed under a lease, finished behind its fence.
//!
//! A claim writes a fresh [`LeaseId`] into the job. Every later write of that worker repeats it and changes
//! nothing once another claim was made: `false`, or `None`, means stop and discard what you made. Leases are
//! measured by the database's clock; when a job is due is compared with the caller's, because `run_at` came from
//! there. What a job does, and how long to wait before another try, is decided elsewhere.

mod claim;
mod finish;

pub use claim::{bury_exhausted, claim};
pub use finish::{complete, fail, holds, is_held, progress, release, renew};

use crate::column::{Column, insert_unless_present, instant, parse};
use crate::schema::jobs;
use crate::{Conn, Error, Result, Tx};
use balado_domain::job::{Job, JobState, Lane, NewJob};
use balado_domain::{DepositId, JobId, Timestamp};
use chrono::NaiveDateTime;
use diesel::prelude::*;

#[derive(Queryable, Insertable)]
#[diesel(table_name = jobs)]
struct JobRow {
    id: String,
    lane: String,
    school_id: Option<String>,
    deposit_id: Option<String>,
    task: String,
    unique_key: String,
    state: String,
    priority: i32,
    run_at: NaiveDateTime,
    attempts: i32,
    max_attempts: i32,
    lease: Option<String>,
    leased_until: Option<NaiveDateTime>,
    last_error: Option<String>,
    progress_permille: i32,
    created_at: NaiveDateTime,
    finished_at: Option<NaiveDateTime>,
    remaining_ms: Option<i64>,
}

impl JobRow {
    fn into_entity(self) -> Result<Job> {
        Ok(Job {
            id: parse(self.id)?,
            school_id: self.school_id.load()?,
            deposit_id: self.deposit_id.load()?,
            // A payload of another version is no reason to lose the row: the worker fails such a job for good.
            work: serde_json::from_str(&self.task).ok(),
            state: parse(self.state)?,
            priority: self.priority,
            run_at: self.run_at.load()?,
            attempts: self.attempts,
            max_attempts: self.max_attempts,
            last_error: self.last_error,
            progress_permille: self.progress_permille,
            remaining_ms: self.remaining_ms,
            created_at: self.created_at.load()?,
            finished_at: self.finished_at.load()?,
        })
    }
}

/// Puts a job in the queue. `false`, and nothing is added, when one with the same unique key is queued or running.
///
/// # Errors
/// When the database fails.
pub fn enqueue(tx: &mut Tx<'_>, job: &NewJob, now: Timestamp) -> Result<bool> {
    let task = serde_json::to_string(&job.work)
        .map_err(|error| Error::Corrupt { what: "job payload", value: error.to_string() })?;
    let row = JobRow {
        id: job.id.to_string(),
        lane: job.work.lane().to_string(),
        school_id: Column::store(&job.school_id),
        deposit_id: Column::store(&job.deposit_id),
        task,
        unique_key: job.work.unique_key(),
        state: JobState::Queued.to_string(),
        priority: job.priority,
        run_at: instant(job.run_at),
        attempts: 0,
        max_attempts: job.work.max_attempts(),
        lease: None,
        leased_until: None,
        last_error: None,
        progress_permille: 0,
        created_at: instant(now),
        finished_at: None,
        remaining_ms: None,
    };
    Ok(insert_unless_present!(tx, jobs::table, row)? > 0)
}

/// One job.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(conn: &mut Conn, id: JobId) -> Result<Job> {
    let row: Option<JobRow> = jobs::table.find(id.to_string()).first(conn).optional()?;
    row.ok_or(Error::NotFound("job"))?.into_entity()
}

/// What becomes of a queued or running job that is called off.
#[derive(AsChangeset)]
#[diesel(table_name = jobs, treat_none_as_null = true)]
struct CalledOff {
    state: &'static str,
    lease: Option<String>,
    leased_until: Option<NaiveDateTime>,
    finished_at: NaiveDateTime,
}

impl CalledOff {
    fn at(now: Timestamp) -> Self {
        let state = JobState::Cancelled.as_str();
        Self { state, lease: None, leased_until: None, finished_at: instant(now) }
    }
}

/// Calls off every queued or running job of a deposit and tells how many; a worker that runs one loses its fence.
///
/// # Errors
/// When the database fails.
pub fn cancel_for_deposit(tx: &mut Tx<'_>, deposit: DepositId, now: Timestamp) -> Result<usize> {
    let target = jobs::table
        .filter(jobs::deposit_id.eq(deposit.to_string()))
        .filter(jobs::state.eq_any([JobState::Queued.as_str(), JobState::Running.as_str()]));
    Ok(diesel::update(target).set(CalledOff::at(now)).execute(&mut **tx)?)
}

/// Calls off a queued or running job; a worker that runs it loses its fence. `false` when there is none.
///
/// # Errors
/// When the database fails.
pub fn cancel(tx: &mut Tx<'_>, unique_key: &str, now: Timestamp) -> Result<bool> {
    let target = jobs::table
        .filter(jobs::unique_key.eq(unique_key))
        .filter(jobs::state.eq_any([JobState::Queued.as_str(), JobState::Running.as_str()]));
    Ok(diesel::update(target).set(CalledOff::at(now)).execute(&mut **tx)? > 0)
}

/// Calls off a job that nobody has claimed yet. `false` when there is none.
///
/// # Errors
/// When the database fails.
pub fn cancel_queued(tx: &mut Tx<'_>, unique_key: &str, now: Timestamp) -> Result<bool> {
    let target =
        jobs::table.filter(jobs::unique_key.eq(unique_key)).filter(jobs::state.eq(JobState::Queued.as_str()));
    let change = (jobs::state.eq(JobState::Cancelled.as_str()), jobs::finished_at.eq(instant(now)));
    Ok(diesel::update(target).set(change).execute(&mut **tx)? > 0)
}

/// Ends a job as done that somebody else has done; a worker that runs it loses its fence. `false` when it is neither
/// queued nor running.
///
/// # Errors
/// When the database fails.
pub fn settle(tx: &mut Tx<'_>, unique_key: &str, now: Timestamp) -> Result<bool> {
    let target = jobs::table
        .filter(jobs::unique_key.eq(unique_key))
        .filter(jobs::state.eq_any([JobState::Queued.as_str(), JobState::Running.as_str()]));
    let change = (
        jobs::state.eq(JobState::Done.as_str()),
        jobs::lease.eq(None::<String>),
        jobs::leased_until.eq(None::<NaiveDateTime>),
        jobs::progress_permille.eq(1000),
        jobs::last_error.eq(None::<String>),
        jobs::finished_at.eq(instant(now)),
    );
    Ok(diesel::update(target).set(change).execute(&mut **tx)? > 0)
}

/// The queued or running job of that key, if there is one.
///
/// # Errors
/// When the database fails.
pub fn find_by_key(conn: &mut Conn, unique_key: &str) -> Result<Option<Job>> {
    let row: Option<JobRow> = jobs::table
        .filter(jobs::unique_key.eq(unique_key))
        .filter(jobs::state.eq_any([JobState::Queued.as_str(), JobState::Running.as_str()]))
        .first(conn)
        .optional()?;
    row.map(JobRow::into_entity).transpose()
}

/// Whether a job of a lane has been due since `before` and is still in the queue.
///
/// # Errors
/// When the database fails.
pub fn is_waiting(conn: &mut Conn, lane: Lane, before: Timestamp) -> Result<bool> {
    let found: Option<String> = jobs::table
        .filter(jobs::lane.eq(lane.as_str()))
        .filter(jobs::state.eq(JobState::Queued.as_str()))
        .filter(jobs::run_at.le(instant(before)))
        .select(jobs::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Puts the dead jobs of a deposit back in the queue with all their attempts ahead, the latest of each unique key
/// and only where none is queued or running. `false` when there was nothing to put back.
///
/// # Errors
/// When the database fails.
pub fn retry_dead(tx: &mut Tx<'_>, deposit: DepositId, now: Timestamp) -> Result<bool> {
    let listed: Vec<(String, String, String)> = jobs::table
        .filter(jobs::deposit_id.eq(deposit.to_string()))
        .order((jobs::created_at.desc(), jobs::id.desc()))
        .select((jobs::id, jobs::unique_key, jobs::state))
        .load(&mut **tx)?;
    let is_active = |state: &str| state == JobState::Queued.as_str() || state == JobState::Running.as_str();
    let mut taken: Vec<&str> =
        listed.iter().filter(|(_, _, state)| is_active(state)).map(|(_, key, _)| key.as_str()).collect();
    let mut retried = false;
    for (id, key, state) in &listed {
        if state != JobState::Dead.as_str() || taken.contains(&key.as_str()) {
            continue;
        }
        taken.push(key);
        let change = (
            jobs::state.eq(JobState::Queued.as_str()),
            jobs::attempts.eq(0),
            jobs::progress_permille.eq(0),
            jobs::run_at.eq(instant(now)),
            jobs::finished_at.eq(None::<NaiveDateTime>),
        );
        let dead = jobs::table.find(id).filter(jobs::state.eq(JobState::Dead.as_str()));
        retried |= diesel::update(dead).set(change).execute(&mut **tx)? > 0;
    }
    Ok(retried)
}

/// The jobs of a deposit, newest first.
///
/// # Errors
/// When the database fails.
pub fn list_for_deposit(conn: &mut Conn, deposit: DepositId) -> Result<Vec<Job>> {
    let rows: Vec<JobRow> = jobs::table
        .filter(jobs::deposit_id.eq(deposit.to_string()))
        .order((jobs::created_at.desc(), jobs::id.desc()))
        .load(conn)?;
    rows.into_iter().map(JobRow::into_entity).collect()
}

/// How many jobs stand where, per lane; states without a job are left out.
///
/// # Errors
/// When the database fails.
pub fn count_by_state(conn: &mut Conn) -> Result<Vec<(Lane, JobState, i64)>> {
    let rows: Vec<(String, String, i64)> = jobs::table
        .group_by((jobs::lane, jobs::state))
        .select((jobs::lane, jobs::state, diesel::dsl::count_star()))
        .order((jobs::lane, jobs::state))
        .load(conn)?;
    rows.into_iter().map(|(lane, state, jobs)| Ok((parse(lane)?, parse(state)?, jobs))).collect()
}

/// Drops the jobs that were done or called off before an instant, and tells how many. Dead ones stay: their owner
/// may still want to try again.
///
/// # Errors
/// When the database fails.
pub fn delete_finished_before(tx: &mut Tx<'_>, before: Timestamp) -> Result<usize> {
    let target = jobs::table
        .filter(jobs::state.eq_any([JobState::Done.as_str(), JobState::Cancelled.as_str()]))
        .filter(jobs::finished_at.lt(instant(before)));
    Ok(diesel::delete(target).execute(&mut **tx)?)
}

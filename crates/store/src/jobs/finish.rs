//! What a worker may write about the job it holds. Each statement carries the fence.

use crate::column::instant;
use crate::schema::jobs;
use crate::{Conn, Result, Tx, clock};
use balado_domain::job::{JobState, Setback};
use balado_domain::{JobId, LeaseId, Timestamp};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// The job, as long as it runs under that lease.
macro_rules! held {
    ($job:expr, $lease:expr) => {
        jobs::table
            .find($job.to_string())
            .filter(jobs::lease.eq($lease.to_string()))
            .filter(jobs::state.eq(JobState::Running.as_str()))
    };
}

/// Whether the job still runs under that lease. On PostgreSQL the job stays locked until the transaction ends, so
/// that what is recorded beside this question is recorded under the fence.
///
/// # Errors
/// When the database fails.
pub fn holds(tx: &mut Tx<'_>, job: JobId, lease: LeaseId) -> Result<bool> {
    let query = held!(job, lease).select(jobs::id);
    let found: Option<String> = match &mut **tx {
        Conn::Sqlite(conn) => query.first(conn).optional()?,
        Conn::Pg(conn) => query.for_update().first(conn).optional()?,
    };
    Ok(found.is_some())
}

/// Lets the lease hold for that many more seconds from now, by the database's clock. `false`: the fence is lost.
///
/// # Errors
/// When the database fails.
pub fn renew(tx: &mut Tx<'_>, job: JobId, lease: LeaseId, lease_secs: u32) -> Result<bool> {
    let until = instant(clock::lease_end(clock::now(tx)?, lease_secs));
    let changed = diesel::update(held!(job, lease)).set(jobs::leased_until.eq(until)).execute(&mut **tx)?;
    Ok(changed > 0)
}

/// Whether the job still runs under that lease, without holding anybody up: for a worker that asks often, to stop soon
/// when its job was called off. [`holds`] fences writes.
///
/// # Errors
/// When the database fails.
pub fn is_held(conn: &mut Conn, job: JobId, lease: LeaseId) -> Result<bool> {
    let found: Option<String> = held!(job, lease).select(jobs::id).first(conn).optional()?;
    Ok(found.is_some())
}

/// Notes how far the job is, in thousandths, and how much time is left, where that can be told. `false`: the fence is
/// lost.
///
/// # Errors
/// When the database fails.
pub fn progress(
    tx: &mut Tx<'_>,
    job: JobId,
    lease: LeaseId,
    permille: i32,
    remaining_ms: Option<i64>,
) -> Result<bool> {
    let changed = diesel::update(held!(job, lease))
        .set((
            jobs::progress_permille.eq(permille.clamp(0, 1000)),
            jobs::remaining_ms.eq(remaining_ms.map(|left| left.max(0))),
        ))
        .execute(&mut **tx)?;
    Ok(changed > 0)
}

/// Ends the job as done. `false`: the fence is lost and nothing changed.
///
/// # Errors
/// When the database fails.
pub fn complete(tx: &mut Tx<'_>, job: JobId, lease: LeaseId, now: Timestamp) -> Result<bool> {
    let changed = diesel::update(held!(job, lease))
        .set((
            jobs::state.eq(JobState::Done.as_str()),
            jobs::lease.eq(None::<String>),
            jobs::leased_until.eq(None::<NaiveDateTime>),
            jobs::progress_permille.eq(1000),
            jobs::last_error.eq(None::<String>),
            jobs::finished_at.eq(instant(now)),
        ))
        .execute(&mut **tx)?;
    Ok(changed > 0)
}

/// Ends the attempt as failed: back in the queue until `retry_at` when trying again may help and an attempt is
/// left, dead otherwise. `None`: the fence is lost and nothing changed.
///
/// # Errors
/// When the database fails.
pub fn fail(
    tx: &mut Tx<'_>,
    job: JobId,
    lease: LeaseId,
    setback: &Setback,
    retry_at: Timestamp,
    now: Timestamp,
) -> Result<Option<JobState>> {
    let code = match setback {
        Setback::Retry { code } => {
            let requeued = diesel::update(held!(job, lease).filter(jobs::attempts.lt(jobs::max_attempts)))
                .set((
                    jobs::state.eq(JobState::Queued.as_str()),
                    jobs::run_at.eq(instant(retry_at)),
                    jobs::lease.eq(None::<String>),
                    jobs::leased_until.eq(None::<NaiveDateTime>),
                    jobs::progress_permille.eq(0),
                    jobs::last_error.eq(code),
                ))
                .execute(&mut **tx)?;
            if requeued > 0 {
                return Ok(Some(JobState::Queued));
            }
            code
        }
        Setback::Permanent { code } => code,
    };
    let buried = diesel::update(held!(job, lease))
        .set((
            jobs::state.eq(JobState::Dead.as_str()),
            jobs::lease.eq(None::<String>),
            jobs::leased_until.eq(None::<NaiveDateTime>),
            jobs::last_error.eq(code),
            jobs::finished_at.eq(instant(now)),
        ))
        .execute(&mut **tx)?;
    Ok((buried > 0).then_some(JobState::Dead))
}

/// Gives the job back without having tried: at once in the queue again, the attempt not counted. `false`: the fence
/// is lost and nothing changed.
///
/// # Errors
/// When the database fails.
pub fn release(tx: &mut Tx<'_>, job: JobId, lease: LeaseId) -> Result<bool> {
    let changed = diesel::update(held!(job, lease))
        .set((
            jobs::state.eq(JobState::Queued.as_str()),
            jobs::attempts.eq(jobs::attempts - 1),
            jobs::lease.eq(None::<String>),
            jobs::leased_until.eq(None::<NaiveDateTime>),
            jobs::progress_permille.eq(0),
        ))
        .execute(&mut **tx)?;
    Ok(changed > 0)
}

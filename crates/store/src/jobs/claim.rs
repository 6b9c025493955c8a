//! Taking the next job, and burying the ones whose workers keep dying.

use super::JobRow;
use crate::column::instant;
use crate::schema::{jobs, lane_turns};
use crate::{Conn, Result, Tx, clock};
use balado_domain::job::{ClaimedJob, Job, JobState, Lane};
use balado_domain::{LeaseId, SchoolId, Timestamp};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types;

/// Stable code of a job none of whose workers lived to tell what went wrong.
const WORKER_DIED: &str = "worker-died";

/// The last priority of each tier but the last: what somebody waits for on a screen, all else, what may wait.
const TIERS: [i32; 2] = [20, 60];
/// How much a job that has waited for so long moves forward among the priorities of its lane: seconds, steps. Whatever
/// keeps arriving, nothing waits for ever.
const AGEING: [(i64, i32); 3] = [(6 * 3600, 100), (3600, 30), (15 * 60, 10)];
/// A follower that gave no sign of life for this part of its lease is taken for dead by those who wait for its deposit,
/// sooner than by those who would take its job: the worst that can come of it is work done twice.
const SIGNS_PER_LEASE: u32 = 3;

/// Takes the next job of a lane, if any: one that is queued and due at `now`, or one whose worker let its lease end
/// (by the database's clock). The claim counts as an attempt and holds for `lease_secs` seconds unless renewed.
///
/// Small priorities go first, and waiting makes them smaller. Schools, though, take turns within a tier of priorities of a lane
/// that runs children: the one with the fewest running jobs goes first, then the one whose last turn is longest ago, so that
/// one school's backlog does not hold up the others even where only one job runs at a time. Of one school, the smaller
/// priority goes first, then what has been due for longest. What a living follower works on is left to it. With `up_to`,
/// larger priorities are left to others.
///
/// # Errors
/// When the database fails.
pub fn claim(
    tx: &mut Tx<'_>,
    lane: Lane,
    up_to: Option<i32>,
    lease: LeaseId,
    lease_secs: u32,
    now: Timestamp,
) -> Result<Option<ClaimedJob>> {
    let clock = clock::now(tx)?;
    let renewed = clock::lease_end(clock, lease_secs - lease_secs / SIGNS_PER_LEASE);
    let up_to = up_to.unwrap_or(i32::MAX);
    let Some(id) = pick(tx, (lane, up_to), now, instant(clock), instant(renewed))? else { return Ok(None) };
    let row: JobRow = diesel::update(jobs::table.find(id))
        .set((
            jobs::state.eq(JobState::Running.as_str()),
            jobs::lease.eq(lease.to_string()),
            jobs::leased_until.eq(instant(clock::lease_end(clock, lease_secs))),
            jobs::attempts.eq(jobs::attempts + 1),
            jobs::progress_permille.eq(0),
            jobs::remaining_ms.eq(None::<i64>),
        ))
        .returning(jobs::all_columns)
        .get_result(&mut **tx)?;
    let job = row.into_entity()?;
    if let Some(school) = job.school_id.filter(|_| takes_turns(lane)) {
        note_turn(tx, lane, school, instant(clock))?;
    }
    Ok(Some(ClaimedJob { job, lease }))
}

/// Whether schools take turns in a lane: where children run, which takes time.
fn takes_turns(lane: Lane) -> bool {
    match lane {
        Lane::Media | Lane::Film | Lane::Follow => true,
        Lane::Light => false,
    }
}

/// Finds the job to claim and, on PostgreSQL, locks it against other claimers, who skip it.
///
/// Raw SQL because diesel can neither join an aggregated sub-select nor lock one side of a join.
fn pick(
    tx: &mut Tx<'_>,
    (lane, up_to): (Lane, i32),
    now: Timestamp,
    clock: NaiveDateTime,
    renewed: NaiveDateTime,
) -> QueryResult<Option<String>> {
    let [oldest, older, old] = AGEING;
    let waited = |(seconds, _): (i64, i32)| instant(now - TimeDelta::seconds(seconds));
    let aged = format!(
        "j.priority - CASE WHEN j.run_at <= age.oldest THEN {} WHEN j.run_at <= age.older THEN {} \
            WHEN j.run_at <= age.old THEN {} ELSE 0 END",
        oldest.1, older.1, old.1
    );
    let (join, turns) = if takes_turns(lane) {
        let [first, second] = TIERS;
        (
            format!(
                " LEFT JOIN (SELECT school_id, COUNT(*) AS running FROM jobs \
                    WHERE lane = '{lane}' AND state = 'running' GROUP BY school_id) AS busy \
                    ON busy.school_id = j.school_id \
                  LEFT JOIN lane_turns AS turn ON turn.lane = '{lane}' AND turn.school_id = j.school_id"
            ),
            // A school that never had a turn goes first; the engines do not agree on where NULL sorts.
            format!(
                "CASE WHEN {aged} <= {first} THEN 0 WHEN {aged} <= {second} THEN 1 ELSE 2 END, \
                 COALESCE(busy.running, 0), CASE WHEN turn.served_at IS NULL THEN 0 ELSE 1 END, turn.served_at,"
            ),
        )
    } else {
        (String::new(), String::new())
    };
    let lock = match &**tx {
        Conn::Sqlite(_) => "",
        Conn::Pg(_) => " FOR UPDATE OF j SKIP LOCKED",
    };
    sql::<sql_types::Text>("SELECT j.id FROM jobs AS j CROSS JOIN (SELECT ")
        .bind::<sql_types::Timestamp, _>(waited(oldest))
        .sql(" AS oldest, ")
        .bind::<sql_types::Timestamp, _>(waited(older))
        .sql(" AS older, ")
        .bind::<sql_types::Timestamp, _>(waited(old))
        .sql(&format!(" AS old) AS age{join} WHERE j.lane = "))
        .bind::<sql_types::Text, _>(lane.as_str())
        .sql(&format!(" AND j.priority <= {up_to}"))
        // Repeats the condition of the partial index, without which the engines do not use it.
        .sql(" AND j.state IN ('queued', 'running') AND ((j.state = 'queued' AND j.run_at <= ")
        .bind::<sql_types::Timestamp, _>(instant(now))
        .sql(") OR (j.state = 'running' AND j.attempts < j.max_attempts AND j.leased_until < ")
        .bind::<sql_types::Timestamp, _>(clock)
        .sql(
            ")) AND (j.deposit_id IS NULL OR j.deposit_id NOT IN (SELECT f.deposit_id FROM jobs AS f \
                WHERE f.lane = 'follow' AND f.state = 'running' AND f.deposit_id IS NOT NULL AND f.leased_until > ",
        )
        .bind::<sql_types::Timestamp, _>(renewed)
        .sql(&format!(")) ORDER BY {turns} {aged}, j.run_at, j.id LIMIT 1{lock}"))
        .get_result(&mut **tx)
        .optional()
}

/// Notes that a school was given a slot of a lane.
fn note_turn(tx: &mut Tx<'_>, lane: Lane, school: SchoolId, at: NaiveDateTime) -> Result<()> {
    let row = (
        lane_turns::lane.eq(lane.as_str()),
        lane_turns::school_id.eq(school.to_string()),
        lane_turns::served_at.eq(at),
    );
    // Written per engine because diesel's combined backend has no `ON CONFLICT`.
    macro_rules! upsert {
        ($conn:expr) => {
            diesel::insert_into(lane_turns::table)
                .values(row)
                .on_conflict((lane_turns::lane, lane_turns::school_id))
                .do_update()
                .set(lane_turns::served_at.eq(at))
                .execute($conn)?
        };
    }
    match &mut **tx {
        Conn::Sqlite(conn) => upsert!(conn),
        Conn::Pg(conn) => upsert!(conn),
    };
    Ok(())
}

/// Declares dead the running jobs whose lease has ended (by the database's clock) and that have no attempt left:
/// their workers died every time. They are returned, for what waits for them to be told.
///
/// # Errors
/// When the database fails.
pub fn bury_exhausted(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Job>> {
    let clock = clock::now(tx)?;
    let target = jobs::table
        .filter(jobs::state.eq(JobState::Running.as_str()))
        .filter(jobs::leased_until.lt(instant(clock)))
        .filter(jobs::attempts.ge(jobs::max_attempts));
    let rows: Vec<JobRow> = diesel::update(target)
        .set((
            jobs::state.eq(JobState::Dead.as_str()),
            jobs::lease.eq(None::<String>),
            jobs::leased_until.eq(None::<NaiveDateTime>),
            jobs::last_error.eq(WORKER_DIED),
            jobs::finished_at.eq(instant(now)),
        ))
        .returning(jobs::all_columns)
        .get_results(&mut **tx)?;
    rows.into_iter().map(JobRow::into_entity).collect()
}

//! The database's clock: the one clock all machines share, used for leases and for nothing else.
//!
//! A worker whose own clock is an hour wrong must neither lose its job early nor keep it too long, so lease ends
//! are computed and compared with the time of the database. Everything else takes its time from the caller.

use crate::{Conn, Result, Tx};
use balado_domain::Timestamp;
use balado_domain::clock::to_millisecond;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types;

/// The database's current instant, plus the offset a test gave to its `Db`.
pub(crate) fn now(tx: &mut Tx<'_>) -> Result<Timestamp> {
    let statement = match &**tx {
        Conn::Sqlite(_) => "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')",
        // Not now(): that is the start of the transaction, which may have waited for a lock since.
        Conn::Pg(_) => "SELECT clock_timestamp() AT TIME ZONE 'UTC'",
    };
    let naive: NaiveDateTime = sql::<sql_types::Timestamp>(statement).get_result(&mut **tx)?;
    Ok(to_millisecond(naive.and_utc()) + tx.clock_offset())
}

/// The instant a lease taken now ends.
pub(crate) fn lease_end(now: Timestamp, lease_secs: u32) -> Timestamp {
    now + TimeDelta::seconds(i64::from(lease_secs))
}

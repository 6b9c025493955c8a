//! Deposits: a file given by a person and where it stands.
//!
//! Each step of a deposit is a statement that names the state it starts from; a deposit that has moved on
//! meanwhile answers with a conflict on `deposits(state)`. Whether a person may open one is decided by `app`.

use crate::column::{instant, row, texts};
use crate::conn::{Condition, constant};
use crate::schema::{assignments, deposits, feeds, submissions, uploads};
use crate::{Conn, Error, Result, Tx};
use balado_domain::deposit::{Deposit, DepositState, Family};
use balado_domain::feed::FeedKind;
use balado_domain::people::Role;
use balado_domain::viewer::TokenGrant;
use balado_domain::{DepositId, PersonId, Timestamp, Viewer};
use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// What a write answers when the deposit is not in the state it starts from.
pub const STATE_CONFLICT: &str = "deposits(state)";

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = deposits)]
    DepositRow of Deposit {
        id: String,
        school_id: String,
        school_year_id: String,
        owner_id: String,
        purpose: String,
        original_name: String,
        family: Option<String>,
        media_type: Option<String>,
        state: String,
        size_bytes: i64,
        sha256: Option<String>,
        failure_code: Option<String>,
        derived_from: Option<String>,
        created_at: NaiveDateTime,
        received_at: Option<NaiveDateTime>,
        ready_at: Option<NaiveDateTime>,
    }
}

/// Which deposits to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DepositFilter {
    /// Only those of that person.
    pub owner: Option<PersonId>,
    /// Only those in that state; without one, all but the abandoned: nothing is left of them.
    pub state: Option<DepositState>,
    /// Only those older than this one: the last of the page before.
    pub before: Option<(Timestamp, DepositId)>,
    /// At most that many.
    pub limit: i64,
}

/// What is known of an original once its last byte is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received<'a> {
    /// Bytes.
    pub size_bytes: i64,
    /// SHA-256, lower-case hex.
    pub sha256: &'a str,
    /// What it turned out to be.
    pub family: Option<Family>,
    /// Media type from our own table.
    pub media_type: Option<&'a str>,
    /// When.
    pub at: Timestamp,
}

/// Adds a deposit.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, deposit: &Deposit) -> Result<()> {
    diesel::insert_into(deposits::table).values(DepositRow::from(deposit)).execute(&mut **tx)?;
    Ok(())
}

/// One deposit the viewer may see.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or not for this viewer.
pub fn get_for(conn: &mut Conn, viewer: &Viewer, id: DepositId) -> Result<Deposit> {
    let row: Option<DepositRow> =
        deposits::table.find(id.to_string()).filter(visible(viewer)).first(conn).optional()?;
    row.ok_or(Error::NotFound("deposit"))?.into_entity()
}

/// The deposits with those ids that the viewer may see, oldest first.
///
/// # Errors
/// When the database fails.
pub fn get_many_for(conn: &mut Conn, viewer: &Viewer, ids: &[DepositId]) -> Result<Vec<Deposit>> {
    let rows: Vec<DepositRow> = deposits::table
        .filter(deposits::id.eq_any(texts(ids)))
        .filter(visible(viewer))
        .order((deposits::created_at, deposits::id))
        .load(conn)?;
    rows.into_iter().map(DepositRow::into_entity).collect()
}

/// The deposits the viewer may see, newest first.
///
/// # Errors
/// When the database fails.
pub fn list_for(conn: &mut Conn, viewer: &Viewer, filter: &DepositFilter) -> Result<Vec<Deposit>> {
    let mut query = deposits::table
        .filter(visible(viewer))
        .order((deposits::created_at.desc(), deposits::id.desc()))
        .limit(filter.limit)
        .into_boxed();
    if let Some(owner) = filter.owner {
        query = query.filter(deposits::owner_id.eq(owner.to_string()));
    }
    query = match filter.state {
        Some(state) => query.filter(deposits::state.eq(state.as_str())),
        None => query.filter(deposits::state.ne(DepositState::Abandoned.as_str())),
    };
    if let Some((at, id)) = filter.before {
        let older = deposits::created_at.lt(instant(at));
        let same = deposits::created_at.eq(instant(at)).and(deposits::id.lt(id.to_string()));
        query = query.filter(older.or(same));
    }
    let rows: Vec<DepositRow> = query.load(conn)?;
    rows.into_iter().map(DepositRow::into_entity).collect()
}

/// Bytes that count against a person's quota: the originals that are kept, and what running uploads reserve.
/// Renditions are the school's and count for nobody.
///
/// # Errors
/// When the database fails.
pub fn bytes_used(conn: &mut Conn, owner: PersonId) -> Result<i64> {
    // SQLite adds BIGINTs up to a BIGINT, PostgreSQL to a NUMERIC: the cast gives both the same type.
    const KEPT: &[DepositState] = &[DepositState::Received, DepositState::Ready, DepositState::Failed];
    let kept: i64 = deposits::table
        .filter(deposits::owner_id.eq(owner.to_string()))
        .filter(deposits::state.eq_any(texts(KEPT)))
        .select(sql::<BigInt>("CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT)"))
        .first(conn)?;
    let receiving = deposits::table
        .filter(deposits::state.eq(DepositState::Receiving.as_str()))
        .filter(deposits::owner_id.eq(owner.to_string()))
        .select(deposits::id);
    let reserved: i64 = uploads::table
        .filter(uploads::deposit_id.eq_any(receiving))
        .select(sql::<BigInt>("CAST(COALESCE(SUM(reserved_bytes), 0) AS BIGINT)"))
        .first(conn)?;
    Ok(kept.saturating_add(reserved))
}

/// Notes how many bytes are durable while the deposit is received.
///
/// # Errors
/// [`Error::Conflict`] on [`STATE_CONFLICT`] when it is no longer receiving.
pub fn set_receiving_size(tx: &mut Tx<'_>, id: DepositId, size_bytes: i64) -> Result<()> {
    let target = in_state(id, &[DepositState::Receiving]);
    moved(diesel::update(target).set(deposits::size_bytes.eq(size_bytes)).execute(&mut **tx)?)
}

/// Receiving to received: every byte is durable and known.
///
/// # Errors
/// [`Error::Conflict`] on [`STATE_CONFLICT`] when it is not receiving.
pub fn set_received(tx: &mut Tx<'_>, id: DepositId, received: &Received<'_>) -> Result<()> {
    let change = (
        deposits::state.eq(DepositState::Received.as_str()),
        deposits::size_bytes.eq(received.size_bytes),
        deposits::sha256.eq(received.sha256),
        deposits::family.eq(received.family.map(Family::as_str)),
        deposits::media_type.eq(received.media_type),
        deposits::received_at.eq(instant(received.at)),
    );
    moved(diesel::update(in_state(id, &[DepositState::Receiving])).set(change).execute(&mut **tx)?)
}

/// What the transcoder found the file to be, which may differ from what its first bytes suggested.
///
/// # Errors
/// When the database fails.
pub fn set_family(tx: &mut Tx<'_>, id: DepositId, family: Family) -> Result<()> {
    diesel::update(deposits::table.find(id.to_string()))
        .set(deposits::family.eq(family.as_str()))
        .execute(&mut **tx)?;
    Ok(())
}

/// Received to ready: the last required output was recorded.
///
/// # Errors
/// [`Error::Conflict`] on [`STATE_CONFLICT`] when it is not received.
pub fn set_ready(tx: &mut Tx<'_>, id: DepositId, at: Timestamp) -> Result<()> {
    let change = (deposits::state.eq(DepositState::Ready.as_str()), deposits::ready_at.eq(instant(at)));
    moved(diesel::update(in_state(id, &[DepositState::Received])).set(change).execute(&mut **tx)?)
}

/// Receiving or received to failed, with the stable code of what went wrong.
///
/// # Errors
/// [`Error::Conflict`] on [`STATE_CONFLICT`] when it is ready, failed or abandoned.
pub fn set_failed(tx: &mut Tx<'_>, id: DepositId, code: &str) -> Result<()> {
    let change = (deposits::state.eq(DepositState::Failed.as_str()), deposits::failure_code.eq(code));
    let target = in_state(id, &[DepositState::Receiving, DepositState::Received]);
    moved(diesel::update(target).set(change).execute(&mut **tx)?)
}

/// Receiving to abandoned: the sender gave up or never came back.
///
/// # Errors
/// [`Error::Conflict`] on [`STATE_CONFLICT`] when it is not receiving.
pub fn set_abandoned(tx: &mut Tx<'_>, id: DepositId) -> Result<()> {
    let change = deposits::state.eq(DepositState::Abandoned.as_str());
    moved(diesel::update(in_state(id, &[DepositState::Receiving])).set(change).execute(&mut **tx)?)
}

/// Received, ready or failed to abandoned: its owner takes it back. What its file was is forgotten.
///
/// # Errors
/// [`Error::Conflict`] on [`STATE_CONFLICT`] when it is receiving or abandoned.
pub fn set_discarded(tx: &mut Tx<'_>, id: DepositId) -> Result<()> {
    let change = (
        deposits::state.eq(DepositState::Abandoned.as_str()),
        deposits::sha256.eq(None::<String>),
        deposits::failure_code.eq(None::<String>),
    );
    let target = in_state(id, &[DepositState::Received, DepositState::Ready, DepositState::Failed]);
    moved(diesel::update(target).set(change).execute(&mut **tx)?)
}

/// Failed back to received, for another try.
///
/// # Errors
/// [`Error::Conflict`] on [`STATE_CONFLICT`] when it has not failed.
pub fn reset_failed(tx: &mut Tx<'_>, id: DepositId) -> Result<()> {
    let change =
        (deposits::state.eq(DepositState::Received.as_str()), deposits::failure_code.eq(None::<String>));
    moved(diesel::update(in_state(id, &[DepositState::Failed])).set(change).execute(&mut **tx)?)
}

type InState = diesel::dsl::Filter<
    diesel::dsl::Find<deposits::table, String>,
    diesel::dsl::EqAny<deposits::state, Vec<String>>,
>;

fn in_state(id: DepositId, states: &[DepositState]) -> InState {
    deposits::table.find(id.to_string()).filter(deposits::state.eq_any(texts(states)))
}

fn moved(changed: usize) -> Result<()> {
    if changed == 0 { Err(Error::stale(STATE_CONFLICT)) } else { Ok(()) }
}

/// Which deposits a viewer may see: their own; those handed in, and not replaced since, to an assignment they set in a
/// school where they still teach; Balado itself sees all.
/// The address of an assignment's feed opens what was handed in to that assignment, while it is its author's.
pub(crate) fn visible(viewer: &Viewer) -> Condition<deposits::table> {
    match viewer {
        Viewer::System => constant(true),
        Viewer::Anonymous | Viewer::Guardian { .. } => constant(false),
        Viewer::Person(person) | Viewer::ApiToken { person, .. } => {
            let set = assignments::table
                .filter(assignments::author_id.eq(person.id.to_string()))
                .filter(assignments::school_id.eq_any(texts(person.schools_as(Role::Teacher))))
                .select(assignments::id);
            let handed_in = submissions::table
                .filter(submissions::assignment_id.eq_any(set))
                .filter(submissions::replaced_at.is_null())
                .select(submissions::deposit_id);
            Box::new(deposits::owner_id.eq(person.id.to_string()).or(deposits::id.eq_any(handed_in)))
        }
        Viewer::FeedToken(grant) | Viewer::MediaKey(grant) => handed_in_to_feed(grant),
    }
}

fn handed_in_to_feed(grant: &TokenGrant) -> Condition<deposits::table> {
    let scope = feeds::table
        .filter(feeds::id.eq(grant.feed.to_string()))
        .filter(feeds::kind.eq(FeedKind::Assignment.as_str()))
        .select(feeds::scope_id);
    let set = assignments::table
        .filter(assignments::author_id.eq(grant.beneficiary.id.to_string()))
        .filter(assignments::school_id.eq_any(texts(grant.beneficiary.schools_as(Role::Teacher))))
        .filter(assignments::id.eq_any(scope))
        .select(assignments::id);
    let handed_in = submissions::table
        .filter(submissions::assignment_id.eq_any(set))
        .filter(submissions::replaced_at.is_null())
        .select(submissions::deposit_id);
    Box::new(deposits::id.eq_any(handed_in))
}

/// Whether the viewer may see that deposit.
pub(crate) fn is_visible(conn: &mut Conn, viewer: &Viewer, id: DepositId) -> Result<bool> {
    let found: Option<String> = deposits::table
        .find(id.to_string())
        .filter(visible(viewer))
        .select(deposits::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

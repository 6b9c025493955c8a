//! Subscriptions of a beneficiary to a feed, and the digests of their addresses.
//!
//! The addresses themselves are derived by `app` from the generation. Digests of every generation stay, so that an
//! old address can be told from an unknown one.

use crate::column::{parse, row};
use crate::conn::{Condition, constant};
use crate::feeds::FeedRow;
use crate::schema::{feeds, guardianships, subscription_tokens, subscriptions};
use crate::{Conn, Error, Result, Tx, column::instant};
use balado_domain::feed::{Feed, Subscription, TokenPurpose};
use balado_domain::{FeedId, PersonId, SubscriptionId, Timestamp, Viewer};
use chrono::NaiveDateTime;
use diesel::prelude::*;

row! {
    #[derive(Queryable, Insertable)]
    #[diesel(table_name = subscriptions)]
    SubscriptionRow of Subscription {
        id: String,
        school_id: String,
        holder_id: String,
        beneficiary_id: String,
        feed_id: String,
        label: String,
        generation: i64,
        created_at: NaiveDateTime,
        revoked_at: Option<NaiveDateTime>,
        last_polled_at: Option<NaiveDateTime>,
    }
}

/// What a token's digest stands for. Whether it is still good is for the caller to say: it is while the generation
/// is the subscription's and the subscription is not revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownToken {
    /// The subscription it belongs to.
    pub subscription: Subscription,
    /// The generation it was derived from.
    pub generation: i64,
    /// What it opens.
    pub purpose: TokenPurpose,
    /// The feed of the subscription.
    pub feed: Feed,
}

impl KnownToken {
    /// Whether the address is the current one of a subscription that was not revoked.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.generation == self.subscription.generation && self.subscription.revoked_at.is_none()
    }
}

/// Adds a subscription.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, subscription: &Subscription) -> Result<()> {
    diesel::insert_into(subscriptions::table)
        .values(SubscriptionRow::from(subscription))
        .execute(&mut **tx)?;
    Ok(())
}

/// One subscription, for its holder, its beneficiary or a guardian of the beneficiary.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or not for this viewer.
pub fn get_for(conn: &mut Conn, viewer: &Viewer, id: SubscriptionId) -> Result<Subscription> {
    let row: Option<SubscriptionRow> =
        subscriptions::table.find(id.to_string()).filter(visible(viewer)).first(conn).optional()?;
    row.ok_or(Error::NotFound("subscription"))?.into_entity()
}

/// Every subscription the viewer may see, revoked ones too, newest first.
///
/// # Errors
/// When the database fails.
pub fn list_for_viewer(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Subscription>> {
    load(conn, visible(viewer))
}

/// The subscriptions of a beneficiary that the viewer may see, revoked ones too, newest first.
///
/// # Errors
/// When the database fails.
pub fn list_of_beneficiary(
    conn: &mut Conn,
    viewer: &Viewer,
    beneficiary: PersonId,
) -> Result<Vec<Subscription>> {
    let theirs = subscriptions::beneficiary_id.eq(beneficiary.to_string());
    load(conn, Box::new(visible(viewer).and(theirs)))
}

/// The subscriptions to a feed that the viewer may see, revoked ones too, newest first.
///
/// # Errors
/// When the database fails.
pub fn list_of_feed(conn: &mut Conn, viewer: &Viewer, feed: FeedId) -> Result<Vec<Subscription>> {
    load(conn, Box::new(visible(viewer).and(subscriptions::feed_id.eq(feed.to_string()))))
}

fn load(conn: &mut Conn, condition: Condition<subscriptions::table>) -> Result<Vec<Subscription>> {
    let rows: Vec<SubscriptionRow> = subscriptions::table
        .filter(condition)
        .order((subscriptions::created_at.desc(), subscriptions::id.desc()))
        .load(conn)?;
    rows.into_iter().map(SubscriptionRow::into_entity).collect()
}

/// Starts the next generation of a subscription's addresses and gives its number.
///
/// # Errors
/// [`Error::Conflict`] on `subscriptions(revoked_at)` when it was revoked; [`Error::NotFound`].
pub fn rotate(tx: &mut Tx<'_>, id: SubscriptionId) -> Result<i64> {
    let live = subscriptions::table.find(id.to_string()).filter(subscriptions::revoked_at.is_null());
    let generation: Option<i64> = diesel::update(live)
        .set(subscriptions::generation.eq(subscriptions::generation + 1))
        .returning(subscriptions::generation)
        .get_result(&mut **tx)
        .optional()?;
    match generation {
        Some(generation) => Ok(generation),
        None => {
            get_for(tx, &Viewer::System, id)?;
            Err(Error::stale("subscriptions(revoked_at)"))
        }
    }
}

/// Stops a subscription for good. One that was revoked already keeps its date.
///
/// # Errors
/// [`Error::NotFound`].
pub fn revoke(tx: &mut Tx<'_>, id: SubscriptionId, at: Timestamp) -> Result<()> {
    let live = subscriptions::table.find(id.to_string()).filter(subscriptions::revoked_at.is_null());
    let changed = diesel::update(live).set(subscriptions::revoked_at.eq(instant(at))).execute(&mut **tx)?;
    if changed == 0 {
        get_for(tx, &Viewer::System, id)?;
    }
    Ok(())
}

/// Adds the digest (SHA-256, lower-case hex) of a token of one generation.
///
/// # Errors
/// [`Error::Conflict`] on `subscription_tokens(token_hash)`.
pub fn insert_token(
    tx: &mut Tx<'_>,
    token_hash: &str,
    purpose: TokenPurpose,
    subscription: SubscriptionId,
    generation: i64,
) -> Result<()> {
    diesel::insert_into(subscription_tokens::table)
        .values((
            subscription_tokens::token_hash.eq(token_hash),
            subscription_tokens::purpose.eq(purpose.as_str()),
            subscription_tokens::subscription_id.eq(subscription.to_string()),
            subscription_tokens::generation.eq(generation),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// What the token with that digest stands for, also when it is an old one or its subscription was revoked.
///
/// # Errors
/// When the database fails.
pub fn find_by_token(conn: &mut Conn, token_hash: &str) -> Result<Option<KnownToken>> {
    let found: Option<(String, i64, SubscriptionRow, FeedRow)> = subscription_tokens::table
        .inner_join(subscriptions::table.on(subscriptions::id.eq(subscription_tokens::subscription_id)))
        .inner_join(feeds::table.on(feeds::id.eq(subscriptions::feed_id)))
        .filter(subscription_tokens::token_hash.eq(token_hash))
        .select((
            subscription_tokens::purpose,
            subscription_tokens::generation,
            subscriptions::all_columns,
            feeds::all_columns,
        ))
        .first(conn)
        .optional()?;
    found
        .map(|(purpose, generation, subscription, feed)| {
            Ok(KnownToken {
                subscription: subscription.into_entity()?,
                generation,
                purpose: parse(purpose)?,
                feed: feed.into_entity()?,
            })
        })
        .transpose()
}

/// Notes when subscriptions were last polled; an earlier instant than the one noted changes nothing.
///
/// # Errors
/// When the database fails.
pub fn touch_polled(tx: &mut Tx<'_>, polls: &[(SubscriptionId, Timestamp)]) -> Result<()> {
    let mut polls = polls.to_vec();
    // In order of id, so that two batches wait for each other instead of deadlocking.
    polls.sort_unstable();
    for (id, at) in polls {
        let at = instant(at);
        let earlier = subscriptions::last_polled_at
            .is_null()
            .or(subscriptions::last_polled_at.assume_not_null().lt(at));
        diesel::update(subscriptions::table.find(id.to_string()).filter(earlier))
            .set(subscriptions::last_polled_at.eq(at))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Who may see a subscription: its holder, its beneficiary, the guardians of its beneficiary, Balado itself. An
/// address shows what is subscribed to, never who else subscribes.
fn visible(viewer: &Viewer) -> Condition<subscriptions::table> {
    match viewer {
        Viewer::System => constant(true),
        Viewer::Anonymous | Viewer::FeedToken(_) | Viewer::MediaKey(_) => constant(false),
        Viewer::Person(person) | Viewer::ApiToken { person, .. } => {
            let children = guardianships::table
                .filter(guardianships::guardian_id.eq(person.id.to_string()))
                .select(guardianships::pupil_id);
            Box::new(
                subscriptions::holder_id
                    .eq(person.id.to_string())
                    .or(subscriptions::beneficiary_id.eq(person.id.to_string()))
                    .or(subscriptions::beneficiary_id.eq_any(children)),
            )
        }
        Viewer::Guardian { guardian, pupil } => Box::new(
            subscriptions::holder_id
                .eq(guardian.to_string())
                .or(subscriptions::beneficiary_id.eq(pupil.id.to_string())),
        ),
    }
}

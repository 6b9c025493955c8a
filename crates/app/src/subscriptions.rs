//! Subscriptions: making one, showing its address, changing it, stopping it; and what a token presented by a podcast app
//! opens.

use crate::error::{Result, forbidden, gone, not_found};
use crate::secrets::{InstanceKey, Opens, hash_of};
use crate::sign_in::person_viewer;
use crate::start::App;
use balado_domain::event::Event;
use balado_domain::feed::{Feed, FeedScope, Subscription, TokenPurpose};
use balado_domain::people::{Group, Role};
use balado_domain::viewer::{PersonViewer, TokenGrant};
use balado_domain::{FeedId, PersonId, SubscriptionId, Timestamp, Viewer};
use balado_store::{Conn, Tx, feeds, homework, people, subscriptions};

/// Longest label of a subscription, in characters.
const LABEL_LENGTH: usize = 60;

/// A subscription as its holder sees it.
#[derive(Debug, Clone)]
pub struct SubscriptionView {
    /// The subscription.
    pub subscription: Subscription,
    /// The feed.
    pub feed: Feed,
    /// What the feed is called, e.g. `5eB`.
    pub feed_title: String,
    /// Its private address; absent once revoked.
    pub address: Option<String>,
}

/// A feed the viewer may subscribe to.
#[derive(Debug, Clone)]
pub struct FeedView {
    /// The feed.
    pub feed: Feed,
    /// What it is called.
    pub title: String,
    /// Its class or group, when it has one.
    pub group: Option<Group>,
}

/// What a live token opens.
#[derive(Debug, Clone)]
pub(crate) struct OpenedToken {
    pub(crate) subscription: Subscription,
    pub(crate) feed: Feed,
    pub(crate) beneficiary: PersonViewer,
}

impl OpenedToken {
    pub(crate) fn grant(&self) -> TokenGrant {
        TokenGrant {
            subscription: self.subscription.id,
            feed: self.feed.id,
            beneficiary: self.beneficiary.clone(),
        }
    }
}

/// The two derived tokens of a subscription.
pub(crate) fn tokens_of(key: &InstanceKey, subscription: &Subscription) -> (String, String) {
    let subject = subscription.id.to_string();
    (
        key.token(Opens::Feed, &subject, subscription.generation),
        key.token(Opens::Media, &subject, subscription.generation),
    )
}

impl App {
    /// The feeds a person may subscribe to: of classes attended, taught or read by role, and of assignments set.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn feeds(&self, viewer: &Viewer) -> Result<Vec<FeedView>> {
        let viewer = viewer.clone();
        let (app, now) = (self.clone(), self.now());
        self.database()
            .write(move |tx| {
                ensure_group_feeds(tx, &app, &viewer, now)?;
                let found = feeds::list_for_viewer(tx, &viewer)?;
                found.into_iter().map(|feed| feed_view(tx, feed, now)).collect()
            })
            .await
    }

    /// Subscribes the viewer (a guardian: their child) to a feed. Several subscriptions to one feed are fine: one per app
    /// or player.
    ///
    /// # Errors
    /// `not-found` for a feed the beneficiary may not read; `forbidden` unless the viewer is a person.
    pub async fn subscribe(&self, viewer: &Viewer, feed: FeedId, label: &str) -> Result<SubscriptionView> {
        let holder = viewer.actor().ok_or_else(|| forbidden("only a person subscribes"))?;
        let beneficiary = viewer.reader().ok_or_else(|| forbidden("only a person subscribes"))?.clone();
        let reader = viewer.clone();
        let found = self.database().read(move |c| Ok(feeds::get_for(c, &reader, feed)?)).await?;
        let now = self.now();
        let subscription = Subscription {
            id: SubscriptionId::generate(self.clock().as_ref()),
            school_id: found.school_id,
            holder_id: holder,
            beneficiary_id: beneficiary.id,
            feed_id: feed,
            label: label.trim().chars().take(LABEL_LENGTH).collect(),
            generation: 1,
            created_at: now,
            revoked_at: None,
            last_polled_at: None,
        };
        let scribe = self.scribe(viewer, found.school_id);
        let key = self.key().clone();
        let id = subscription.id;
        self.database()
            .write(move |tx| {
                subscriptions::insert(tx, &subscription)?;
                insert_tokens(tx, &key, &subscription)?;
                scribe.journal(tx, "subscription.create", "subscription", id.to_string())?;
                scribe.tell(tx, Event::SubscriptionCreated { subscription: id })?;
                Ok(())
            })
            .await?;
        self.subscription(viewer, id).await
    }

    /// One subscription of the viewer, of a child of theirs, or held by them.
    ///
    /// # Errors
    /// `not-found`.
    pub async fn subscription(&self, viewer: &Viewer, id: SubscriptionId) -> Result<SubscriptionView> {
        let (viewer, now) = (viewer.clone(), self.now());
        let (key, origin) = (self.key().clone(), self.configuration().server.origin.clone());
        self.database()
            .read(move |c| {
                let subscription = subscriptions::get_for(c, &viewer, id)?;
                view_of(c, &key, &origin, subscription, now)
            })
            .await
    }

    /// The subscriptions of a person: the viewer's own, or a child's for a guardian.
    ///
    /// # Errors
    /// `not-found` for anybody else's.
    pub async fn subscriptions(&self, viewer: &Viewer, person: PersonId) -> Result<Vec<SubscriptionView>> {
        let (viewer, now) = (viewer.clone(), self.now());
        let (key, origin) = (self.key().clone(), self.configuration().server.origin.clone());
        self.database()
            .read(move |c| {
                let found = subscriptions::list_of_beneficiary(c, &viewer, person)?;
                found.into_iter().map(|one| view_of(c, &key, &origin, one, now)).collect()
            })
            .await
    }

    /// Gives the subscription a new address; the old one, media included, is dead at once.
    ///
    /// # Errors
    /// `not-found`; `subscription-revoked` when it was stopped.
    pub async fn rotate_subscription(&self, viewer: &Viewer, id: SubscriptionId) -> Result<SubscriptionView> {
        let before = self.subscription(viewer, id).await?.subscription;
        if before.revoked_at.is_some() {
            return Err(gone("subscription-revoked"));
        }
        let scribe = self.scribe(viewer, before.school_id);
        let key = self.key().clone();
        self.database()
            .write(move |tx| {
                let generation = subscriptions::rotate(tx, id)?;
                insert_tokens(tx, &key, &Subscription { generation, ..before })?;
                scribe.journal(tx, "subscription.rotate", "subscription", id.to_string())?;
                scribe.tell(tx, Event::SubscriptionRotated { subscription: id })?;
                Ok(())
            })
            .await?;
        self.subscription(viewer, id).await
    }

    /// Stops a subscription for good; its addresses answer 410 from then on.
    ///
    /// # Errors
    /// `not-found`.
    pub async fn revoke_subscription(&self, viewer: &Viewer, id: SubscriptionId) -> Result<SubscriptionView> {
        let before = self.subscription(viewer, id).await?.subscription;
        let scribe = self.scribe(viewer, before.school_id);
        if before.revoked_at.is_none() {
            self.database()
                .write(move |tx| {
                    subscriptions::revoke(tx, id, scribe.now)?;
                    scribe.journal(tx, "subscription.revoke", "subscription", id.to_string())?;
                    scribe.tell(tx, Event::SubscriptionRevoked { subscription: id })?;
                    Ok(())
                })
                .await?;
        }
        self.subscription(viewer, id).await
    }

    /// What a token presented by an app opens: unknown is 404, rotated, revoked or no longer entitled is 410.
    pub(crate) async fn open_token(&self, token: &str, purpose: TokenPurpose) -> Result<OpenedToken> {
        let (hash, now) = (hash_of(token), self.now());
        self.database().read(move |c| opened(c, &hash, purpose, now)).await
    }
}

pub(crate) fn opened(c: &mut Conn, hash: &str, purpose: TokenPurpose, now: Timestamp) -> Result<OpenedToken> {
    let found = subscriptions::find_by_token(c, hash)?.filter(|found| found.purpose == purpose);
    let Some(found) = found else { return Err(not_found("token")) };
    let subscription = found.subscription;
    if subscription.revoked_at.is_some() || found.generation != subscription.generation {
        return Err(gone("subscription-revoked"));
    }
    let beneficiary = person_viewer(c, subscription.beneficiary_id, now)?;
    let holder = subscription.holder_id;
    let held = holder == beneficiary.id || people::is_guardian(c, holder, beneficiary.id)?;
    let disabled = is_disabled(c, beneficiary.id)? || is_disabled(c, holder)?;
    if !held || disabled || !is_entitled(c, &beneficiary, &found.feed, now)? {
        return Err(gone("subscription-revoked"));
    }
    Ok(OpenedToken { subscription, feed: found.feed, beneficiary })
}

fn is_disabled(c: &mut Conn, person: PersonId) -> Result<bool> {
    Ok(people::get_person(c, person)?.disabled_at.is_some())
}

/// Whether the person may still read the feed: a pupil who left the class may not.
fn is_entitled(c: &mut Conn, person: &PersonViewer, feed: &Feed, now: Timestamp) -> Result<bool> {
    match feed.scope {
        FeedScope::Group(group) => {
            Ok(person.reading_groups().contains(&group) || person.reading_schools().contains(&feed.school_id))
        }
        FeedScope::Assignment(assignment) => {
            let viewer = Viewer::Person(person.clone());
            let found = homework::get_assignment_for(c, &viewer, assignment, now);
            let teaches = person.has_role(feed.school_id, Role::Teacher);
            Ok(teaches && found.is_ok_and(|assignment| assignment.author_id == person.id))
        }
    }
}

fn insert_tokens(tx: &mut Tx<'_>, key: &InstanceKey, subscription: &Subscription) -> Result<()> {
    let (feed, media) = tokens_of(key, subscription);
    for (token, purpose) in [(feed, TokenPurpose::Feed), (media, TokenPurpose::Media)] {
        subscriptions::insert_token(tx, &hash_of(&token), purpose, subscription.id, subscription.generation)?;
    }
    Ok(())
}

/// A class has its feed from the moment somebody could subscribe to it.
fn ensure_group_feeds(tx: &mut Tx<'_>, app: &App, viewer: &Viewer, now: Timestamp) -> Result<()> {
    let Some(reader) = viewer.reader() else { return Ok(()) };
    let mut groups = people::list_groups(tx, &reader.reading_groups())?;
    for school in reader.reading_schools() {
        if let Some(year) = people::find_current_school_year(tx, school, now.date_naive())? {
            groups.extend(people::list_groups_of_school(tx, year.id)?);
        }
    }
    for group in groups {
        app.scribe(&Viewer::System, group.school_id).ensure_feed(tx, FeedScope::Group(group.id))?;
    }
    Ok(())
}

fn view_of(
    c: &mut Conn,
    key: &InstanceKey,
    origin: &str,
    subscription: Subscription,
    now: Timestamp,
) -> Result<SubscriptionView> {
    let feed = feeds::get_for(c, &Viewer::System, subscription.feed_id)?;
    let feed_title = title_of(c, &feed, now)?;
    let (token, _) = tokens_of(key, &subscription);
    let address = subscription.revoked_at.is_none().then(|| format!("{origin}/f/{token}/feed.xml"));
    Ok(SubscriptionView { subscription, feed, feed_title, address })
}

fn feed_view(c: &mut Conn, feed: Feed, now: Timestamp) -> Result<FeedView> {
    let group = match feed.scope {
        FeedScope::Group(id) => people::list_groups(c, &[id])?.pop(),
        FeedScope::Assignment(_) => None,
    };
    Ok(FeedView { title: title_of(c, &feed, now)?, group, feed })
}

/// What a feed is called: the class, or the assignment.
pub(crate) fn title_of(c: &mut Conn, feed: &Feed, now: Timestamp) -> Result<String> {
    match feed.scope {
        FeedScope::Group(id) => {
            people::list_groups(c, &[id])?.pop().map(|group| group.name).ok_or_else(|| not_found("group"))
        }
        FeedScope::Assignment(id) => Ok(homework::get_assignment_for(c, &Viewer::System, id, now)?.title),
    }
}

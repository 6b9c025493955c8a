//! Feeds, the subscriptions that hold their tokens, and counted downloads.

use crate::deposit::RenditionKind;
use crate::{
    AssignmentId, CalendarId, FeedId, FetchId, GroupId, PersonId, PublicationId, SchoolId, SubscriptionId,
    Timestamp, text_enum,
};
use uuid::Uuid;

text_enum! {
    /// The kinds of feed, as stored.
    pub enum FeedKind {
        /// What is published to one class or group.
        Group = "group",
        /// The answers to one assignment, for its teacher.
        Assignment = "assignment",
    }
}

/// What a feed shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedScope {
    /// Publications addressed to a class or group.
    Group(GroupId),
    /// Submissions to an assignment.
    Assignment(AssignmentId),
}

/// A feed: an ordered view of items, with a revision that grows with each change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Its id.
    pub id: FeedId,
    /// Its school.
    pub school_id: SchoolId,
    /// What it shows.
    pub scope: FeedScope,
    /// `podcast:guid`, assigned once.
    pub guid: Uuid,
    /// Grows by one in every transaction that changes what the feed shows.
    pub revision: i64,
    /// When the revision last grew.
    pub revised_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A subscription: who holds it, for whom, to what, and the generation of its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Its school.
    pub school_id: SchoolId,
    /// Who manages it: the pupil, a guardian, a teacher.
    pub holder_id: PersonId,
    /// For whom it is: whose rights bound what it shows.
    pub beneficiary_id: PersonId,
    /// The feed.
    pub feed_id: FeedId,
    /// What its holder calls it, e.g. `Téléphone`.
    pub label: String,
    /// Grows with each rotation; enters the derivation of both tokens.
    pub generation: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked for good.
    pub revoked_at: Option<Timestamp>,
    /// When an app last asked for the feed (batched, so up to 10 s late).
    pub last_polled_at: Option<Timestamp>,
}

text_enum! {
    /// What a stored token hash opens.
    pub enum TokenPurpose {
        /// The feed itself.
        Feed = "feed",
        /// Enclosures, covers and transcripts of its items.
        Media = "media",
    }
}

/// One counted download: all bytes of a rendition were sent to a subscription or a signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Its id.
    pub id: FetchId,
    /// The school of the publication.
    pub school_id: SchoolId,
    /// Through which subscription; absent for a page.
    pub subscription_id: Option<SubscriptionId>,
    /// For whom.
    pub beneficiary_id: PersonId,
    /// What.
    pub publication_id: PublicationId,
    /// Which output.
    pub kind: RenditionKind,
    /// When the last byte was sent.
    pub fetched_at: Timestamp,
}

/// A person's private calendar address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarAddress {
    /// Its id.
    pub id: CalendarId,
    /// Whose calendar.
    pub person_id: PersonId,
    /// Grows with each rotation.
    pub generation: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

//! Identifiers: UUID version 7, one type per entity so that they cannot be mixed up.

use crate::clock::Clock;
use uuid::{NoContext, Uuid};

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh id whose leading bits are the clock's milliseconds, the rest random.
            pub fn generate(clock: &dyn Clock) -> Self { Self(fresh(clock)) }

            /// Wraps an existing UUID.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }

            /// The UUID inside.
            #[must_use]
            pub const fn uuid(self) -> Uuid { self.0 }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.as_hyphenated().fmt(f) }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { Uuid::parse_str(text).map(Self) }
        }
    )+};
}

fn fresh(clock: &dyn Clock) -> Uuid {
    let now = clock.now();
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

ids! {
    /// A school (établissement).
    SchoolId,
    /// A school year of one school.
    SchoolYearId,
    /// A class or group of one school year.
    GroupId,
    /// A person of the instance.
    PersonId,
    /// One way a person proves who they are.
    IdentityId,
    /// A person's role in a school.
    MembershipId,
    /// A signed-in browser.
    SessionId,
    /// A bearer token for scripts.
    ApiTokenId,
    /// A file given by a person, and its fate. Also names its upload.
    DepositId,
    /// A request for new deposits made of pieces of one.
    CutId,
    /// One output of a deposit.
    RenditionId,
    /// One unit of queued work.
    JobId,
    /// One claim of a job by a worker: the fence of every write that worker makes.
    LeaseId,
    /// A deposit shown to an audience.
    PublicationId,
    /// A feed (flux).
    FeedId,
    /// A subscription of a beneficiary to a feed.
    SubscriptionId,
    /// One counted download.
    FetchId,
    /// A homework assignment (devoir).
    AssignmentId,
    /// A pupil's answer to an assignment (copie).
    SubmissionId,
    /// Something that happened.
    EventId,
    /// A line of the audit journal.
    AuditId,
    /// A notice to one recipient through one channel.
    NoticeId,
    /// A person's private calendar address.
    CalendarId,
}

//! How a domain value becomes a column value and back, and the macro that writes row structs.
//!
//! Rows never leave this package: a stored text that no longer parses becomes `Error::Corrupt` here, not a panic
//! or a default further up.

use crate::{Error, Result};
use balado_domain::audience::AudienceKind;
use balado_domain::clock::to_millisecond;
use balado_domain::cut::CutState;
use balado_domain::deposit::{DepositState, Family, Purpose, RenditionKind};
use balado_domain::event::EventKind;
use balado_domain::feed::{FeedKind, TokenPurpose};
use balado_domain::job::{JobState, Lane};
use balado_domain::notice::{Channel, NoticeTopic};
use balado_domain::people::{GroupKind, Role};
use balado_domain::publication::Stage;
use balado_domain::{
    ApiTokenId, AssignmentId, AuditId, CalendarId, CutId, DepositId, EventId, FeedId, FetchId, GroupId,
    IdentityId, JobId, LeaseId, MembershipId, NoticeId, PersonId, PublicationId, RenditionId, SchoolId,
    SchoolYearId, SessionId, SubmissionId, SubscriptionId, Timestamp,
};
use chrono::{NaiveDate, NaiveDateTime};
use uuid::Uuid;

/// A column type that can hold a `D`.
pub(crate) trait Column<D>: Sized {
    /// The value to store.
    fn store(value: &D) -> Self;
    /// The value read back.
    fn load(self) -> Result<D>;
}

macro_rules! as_they_are {
    ($($type:ty),+) => {$(
        impl Column<$type> for $type {
            fn store(value: &$type) -> Self { value.clone() }
            fn load(self) -> Result<$type> { Ok(self) }
        }
    )+};
}

macro_rules! as_text {
    ($($type:ty),+ $(,)?) => {$(
        impl Column<$type> for String {
            fn store(value: &$type) -> Self { value.to_string() }
            fn load(self) -> Result<$type> {
                self.parse().map_err(|_| Error::Corrupt { what: stringify!($type), value: self })
            }
        }
    )+};
}

as_they_are!(String, i64, i32, bool, NaiveDate);
as_text!(
    ApiTokenId,
    AssignmentId,
    AuditId,
    CalendarId,
    CutId,
    DepositId,
    EventId,
    FeedId,
    FetchId,
    GroupId,
    IdentityId,
    JobId,
    LeaseId,
    MembershipId,
    NoticeId,
    PersonId,
    PublicationId,
    RenditionId,
    SchoolId,
    SchoolYearId,
    SessionId,
    SubmissionId,
    SubscriptionId,
    Uuid,
    AudienceKind,
    Channel,
    CutState,
    DepositState,
    EventKind,
    Family,
    FeedKind,
    GroupKind,
    JobState,
    Lane,
    NoticeTopic,
    Purpose,
    RenditionKind,
    Role,
    Stage,
    TokenPurpose,
);

impl Column<Timestamp> for NaiveDateTime {
    fn store(value: &Timestamp) -> Self {
        to_millisecond(*value).naive_utc()
    }

    fn load(self) -> Result<Timestamp> {
        Ok(self.and_utc())
    }
}

impl<C: Column<D>, D> Column<Option<D>> for Option<C> {
    fn store(value: &Option<D>) -> Self {
        value.as_ref().map(C::store)
    }

    fn load(self) -> Result<Option<D>> {
        self.map(C::load).transpose()
    }
}

/// The instant as both engines keep it: UTC, cut to the millisecond.
pub(crate) fn instant(at: Timestamp) -> NaiveDateTime {
    <NaiveDateTime as Column<Timestamp>>::store(&at)
}

/// Parses one text column.
pub(crate) fn parse<D>(text: String) -> Result<D>
where
    String: Column<D>,
{
    text.load()
}

/// The texts of many values, for `IN` lists.
pub(crate) fn texts<T: ToString>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}

/// Declares a row struct whose fields carry the names of the entity's fields, and the way there and back.
///
/// Fields must be in the order of the table's columns: `Queryable` reads by position.
macro_rules! row {
    ($(#[$meta:meta])* $row:ident of $entity:ident { $($field:ident: $type:ty),+ $(,)? }) => {
        $(#[$meta])*
        pub(crate) struct $row { $($field: $type),+ }

        impl From<&$entity> for $row {
            fn from(entity: &$entity) -> Self {
                Self { $($field: <$type as $crate::column::Column<_>>::store(&entity.$field)),+ }
            }
        }

        impl $row {
            /// The entity this row holds.
            pub(crate) fn into_entity(self) -> $crate::Result<$entity> {
                Ok($entity { $($field: $crate::column::Column::load(self.$field)?),+ })
            }
        }
    };
}
pub(crate) use row;

/// Inserts a row unless it collides with one that is there. Gives the number of rows inserted.
///
/// Written per engine because diesel's combined backend has no `ON CONFLICT`; and needed, rather than catching the
/// collision, because a failed statement ends a PostgreSQL transaction.
macro_rules! insert_unless_present {
    ($tx:expr, $table:expr, $values:expr) => {
        match &mut **$tx {
            $crate::Conn::Sqlite(conn) => {
                diesel::insert_into($table).values($values).on_conflict_do_nothing().execute(conn)
            }
            $crate::Conn::Pg(conn) => {
                diesel::insert_into($table).values($values).on_conflict_do_nothing().execute(conn)
            }
        }
    };
}
pub(crate) use insert_unless_present;

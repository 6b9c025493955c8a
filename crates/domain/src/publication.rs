//! Publications: a deposit shown to an audience, between two dates.

use crate::audience::Audience;
use crate::deposit::RenditionKind;
use crate::{DepositId, PersonId, PublicationId, RenditionId, SchoolId, SchoolYearId, Timestamp, text_enum};

text_enum! {
    /// What is stored of a publication's state; dates decide the rest (see [`Publication::state_at`]).
    pub enum Stage {
        /// Not offered yet.
        Draft = "draft",
        /// A module's gate holds it back.
        Held = "held",
        /// Offered; waiting for the output that will be its enclosure.
        AwaitingMedia = "awaiting-media",
        /// Offered and playable; its dates say whether it is visible.
        Offered = "offered",
        /// Taken back by its author or a moderator.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// Where a publication stands at one instant.
    pub enum PublicationState {
        /// Not offered yet.
        Draft = "draft",
        /// A module's gate holds it back.
        Held = "held",
        /// Waiting for its enclosure.
        AwaitingMedia = "awaiting-media",
        /// Visible from a later instant.
        Scheduled = "scheduled",
        /// Visible now.
        Published = "published",
        /// Taken back.
        Withdrawn = "withdrawn",
        /// Its end date has passed.
        Expired = "expired",
    }
}

/// A link attached to a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Absolute `http` or `https` address.
    pub url: String,
    /// What to show; the address itself when empty.
    pub label: String,
}

/// The rendition a publication's feed items point at. Chosen once; never changes after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Which rendition.
    pub rendition_id: RenditionId,
    /// Its kind.
    pub kind: RenditionKind,
    /// Exact bytes a GET returns.
    pub size_bytes: i64,
    /// Playing time.
    pub duration_ms: Option<i64>,
    /// SHA-256 of the bytes, lower-case hex.
    pub sha256: String,
}

/// A deposit shown to an audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Its id; also the guid of its feed items, for ever.
    pub id: PublicationId,
    /// Its school.
    pub school_id: SchoolId,
    /// Its school year.
    pub school_year_id: SchoolYearId,
    /// What is shown.
    pub deposit_id: DepositId,
    /// Who shows it.
    pub author_id: PersonId,
    /// Title.
    pub title: String,
    /// Plain text, may be empty.
    pub description: String,
    /// ISO 639 language of the content, e.g. `fr`.
    pub language: String,
    /// What is stored of its state.
    pub stage: Stage,
    /// Why a gate holds it, when held: a stable code.
    pub hold_reason: Option<String>,
    /// Visible from.
    pub publish_at: Timestamp,
    /// Visible until, exclusive.
    pub until: Option<Timestamp>,
    /// When it entered the feed: its enclosure's recording or `publish_at`, whichever is later.
    pub pub_date: Option<Timestamp>,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
    /// What feeds point at, once it exists.
    pub enclosure: Option<Enclosure>,
    /// FAT32-safe name with extension, unique in the school year, assigned once with the enclosure.
    pub file_name: Option<String>,
    /// Counts every change that feeds show.
    pub revision: i64,
    /// To whom.
    pub audience: Audience,
    /// Free keywords, lower-case, each once.
    pub tags: Vec<String>,
    /// Links, in order.
    pub links: Vec<Link>,
    /// Companion deposits (documents d'accompagnement), in order.
    pub companions: Vec<DepositId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Publication {
    /// Where it stands at `now`. The one rule of visibility; every query in `store` says the same (DESIGN §3.8).
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> PublicationState {
        match self.stage {
            Stage::Draft => PublicationState::Draft,
            Stage::Held => PublicationState::Held,
            Stage::Withdrawn => PublicationState::Withdrawn,
            _ if self.until.is_some_and(|until| until <= now) => PublicationState::Expired,
            Stage::AwaitingMedia => PublicationState::AwaitingMedia,
            Stage::Offered if now < self.publish_at => PublicationState::Scheduled,
            Stage::Offered => PublicationState::Published,
        }
    }
}

//! Things that happened. Events hold ids only, never names, titles or tokens (DESIGN §3.12).

use crate::deposit::RenditionKind;
use crate::{
    AssignmentId, DepositId, EventId, PersonId, PublicationId, RenditionId, SchoolId, SubmissionId,
    SubscriptionId, Timestamp, text_enum,
};
use serde::{Deserialize, Serialize};

text_enum! {
    /// The kinds of event, as stored and as modules declare interest in them.
    pub enum EventKind {
        /// All bytes of a deposit are durable.
        DepositReceived = "deposit-received",
        /// One output exists.
        RenditionReady = "rendition-ready",
        /// All required outputs exist.
        DepositReady = "deposit-ready",
        /// A deposit cannot be converted.
        DepositFailed = "deposit-failed",
        /// A publication was offered and has its enclosure.
        PublicationOffered = "publication-offered",
        /// What a publication shows changed.
        PublicationUpdated = "publication-updated",
        /// A publication was taken back.
        PublicationWithdrawn = "publication-withdrawn",
        /// A subscription was made.
        SubscriptionCreated = "subscription-created",
        /// A subscription's address changed.
        SubscriptionRotated = "subscription-rotated",
        /// A subscription was stopped.
        SubscriptionRevoked = "subscription-revoked",
        /// An assignment was set.
        AssignmentCreated = "assignment-created",
        /// A pupil handed in.
        SubmissionReceived = "submission-received",
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Event {
    /// All bytes of a deposit are durable.
    DepositReceived {
        /// Which.
        deposit: DepositId,
    },
    /// One output exists.
    RenditionReady {
        /// Of which deposit.
        deposit: DepositId,
        /// Which output.
        rendition: RenditionId,
        /// Its kind.
        output: RenditionKind,
    },
    /// All required outputs exist.
    DepositReady {
        /// Which.
        deposit: DepositId,
    },
    /// A deposit cannot be converted.
    DepositFailed {
        /// Which.
        deposit: DepositId,
    },
    /// A publication was offered and has its enclosure.
    PublicationOffered {
        /// Which.
        publication: PublicationId,
    },
    /// What a publication shows changed.
    PublicationUpdated {
        /// Which.
        publication: PublicationId,
    },
    /// A publication was taken back.
    PublicationWithdrawn {
        /// Which.
        publication: PublicationId,
    },
    /// A subscription was made.
    SubscriptionCreated {
        /// Which.
        subscription: SubscriptionId,
    },
    /// A subscription's address changed.
    SubscriptionRotated {
        /// Which.
        subscription: SubscriptionId,
    },
    /// A subscription was stopped.
    SubscriptionRevoked {
        /// Which.
        subscription: SubscriptionId,
    },
    /// An assignment was set.
    AssignmentCreated {
        /// Which.
        assignment: AssignmentId,
    },
    /// A pupil handed in.
    SubmissionReceived {
        /// Which.
        submission: SubmissionId,
        /// Answering what.
        assignment: AssignmentId,
    },
}

impl Event {
    /// The kind, for interests and storage.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Self::DepositReceived { .. } => EventKind::DepositReceived,
            Self::RenditionReady { .. } => EventKind::RenditionReady,
            Self::DepositReady { .. } => EventKind::DepositReady,
            Self::DepositFailed { .. } => EventKind::DepositFailed,
            Self::PublicationOffered { .. } => EventKind::PublicationOffered,
            Self::PublicationUpdated { .. } => EventKind::PublicationUpdated,
            Self::PublicationWithdrawn { .. } => EventKind::PublicationWithdrawn,
            Self::SubscriptionCreated { .. } => EventKind::SubscriptionCreated,
            Self::SubscriptionRotated { .. } => EventKind::SubscriptionRotated,
            Self::SubscriptionRevoked { .. } => EventKind::SubscriptionRevoked,
            Self::AssignmentCreated { .. } => EventKind::AssignmentCreated,
            Self::SubmissionReceived { .. } => EventKind::SubmissionReceived,
        }
    }
}

/// An event as it is stored and delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventEnvelope {
    /// Its id.
    pub id: EventId,
    /// The school it happened in.
    pub school_id: SchoolId,
    /// Who did it, when a person did.
    pub actor_id: Option<PersonId>,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

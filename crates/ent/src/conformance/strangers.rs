//! Events, drafts and scopes that name things no world has.

use crate::draft::Draft;
use crate::entry::Scope;
use balado_domain::deposit::RenditionKind;
use balado_domain::event::{Event, EventEnvelope, EventKind};
use balado_domain::{
    AssignmentId, DepositId, EventId, PersonId, PublicationId, RenditionId, SchoolId, SubmissionId,
    SubscriptionId,
};
use uuid::Uuid;

/// An id nothing has: RFC 9562 §5.10, the Max UUID.
const NOTHING: Uuid = Uuid::max();

/// An event of that kind, in the school of `known`, about something that does not exist.
pub(super) fn of_kind(kind: EventKind, known: &EventEnvelope) -> EventEnvelope {
    EventEnvelope { id: EventId::from_uuid(NOTHING), event: about_nothing(kind), ..known.clone() }
}

/// The same event in a school that does not exist.
pub(super) fn of_another_school(known: &EventEnvelope) -> EventEnvelope {
    EventEnvelope {
        id: EventId::from_uuid(NOTHING),
        school_id: SchoolId::from_uuid(NOTHING),
        ..known.clone()
    }
}

/// The same draft in a school that does not exist.
pub(super) fn draft_of_another_school(known: &Draft) -> Draft {
    let mut draft = known.clone();
    match &mut draft {
        Draft::Publication(publication) => publication.school = SchoolId::from_uuid(NOTHING),
        Draft::Submission(submission) => submission.school = SchoolId::from_uuid(NOTHING),
    }
    draft
}

/// The known person in an unknown school, and an unknown person in the known one.
pub(super) fn scopes(known: Scope) -> [Scope; 2] {
    [
        Scope { school: SchoolId::from_uuid(NOTHING), ..known },
        Scope { person: PersonId::from_uuid(NOTHING), ..known },
    ]
}

fn about_nothing(kind: EventKind) -> Event {
    let deposit = DepositId::from_uuid(NOTHING);
    let publication = PublicationId::from_uuid(NOTHING);
    let subscription = SubscriptionId::from_uuid(NOTHING);
    let assignment = AssignmentId::from_uuid(NOTHING);
    match kind {
        EventKind::DepositReceived => Event::DepositReceived { deposit },
        EventKind::RenditionReady => Event::RenditionReady {
            deposit,
            rendition: RenditionId::from_uuid(NOTHING),
            output: RenditionKind::Mp3,
        },
        EventKind::DepositReady => Event::DepositReady { deposit },
        EventKind::DepositFailed => Event::DepositFailed { deposit },
        EventKind::PublicationOffered => Event::PublicationOffered { publication },
        EventKind::PublicationUpdated => Event::PublicationUpdated { publication },
        EventKind::PublicationWithdrawn => Event::PublicationWithdrawn { publication },
        EventKind::SubscriptionCreated => Event::SubscriptionCreated { subscription },
        EventKind::SubscriptionRotated => Event::SubscriptionRotated { subscription },
        EventKind::SubscriptionRevoked => Event::SubscriptionRevoked { subscription },
        EventKind::AssignmentCreated => Event::AssignmentCreated { assignment },
        EventKind::SubmissionReceived => {
            Event::SubmissionReceived { submission: SubmissionId::from_uuid(NOTHING), assignment }
        }
    }
}

//! Notices: what a module tells one recipient through one channel.

use crate::{EventId, NoticeId, PersonId, SchoolId, Timestamp, text_enum};

text_enum! {
    /// How a notice reaches its reader.
    pub enum Channel {
        /// The reader's inbox page.
        Inbox = "inbox",
        /// E-mail through the relay.
        Email = "email",
    }
}

text_enum! {
    /// What a notice is about; `web` and the mail templates word it.
    pub enum NoticeTopic {
        /// Something new to listen to; the subject is a publication.
        PublicationOffered = "publication-offered",
        /// Work to hand in; the subject is an assignment.
        AssignmentCreated = "assignment-created",
        /// A pupil handed in; the subject is a submission.
        SubmissionReceived = "submission-received",
        /// A deposit could not be converted; the subject is a deposit.
        DepositFailed = "deposit-failed",
    }
}

/// One notice to one recipient through one channel; unique on (event, module, recipient, channel).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// The school.
    pub school_id: SchoolId,
    /// The module that wrote it.
    pub module: String,
    /// The event it tells of.
    pub event_id: EventId,
    /// To whom.
    pub recipient_id: PersonId,
    /// How.
    pub channel: Channel,
    /// About what.
    pub topic: NoticeTopic,
    /// Id of the publication, assignment, submission or deposit.
    pub subject_id: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// Not shown or sent before this instant.
    pub due_at: Timestamp,
    /// When the relay took it (e-mail).
    pub sent_at: Option<Timestamp>,
    /// When the reader saw it (inbox).
    pub read_at: Option<Timestamp>,
}

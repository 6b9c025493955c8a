//! What a module may know and do. `app` implements both traits over one transaction; the data is plain and
//! serialisable, so that a module could one day live in another process.
//!
//! Everything asked about is asked by id and may be gone: `None` is an answer, not a failure.

use crate::entry::{DateRange, Scope};
use crate::error::ModuleError;
use crate::locale::Locale;
use crate::manifest::Manifest;
use crate::module::ModuleId;
use balado_domain::deposit::Family;
use balado_domain::notice::{Channel, NoticeTopic};
use balado_domain::people::Role;
use balado_domain::{AssignmentId, Audience, PersonId, PublicationId, SchoolId, SubmissionId, Timestamp};
use serde::{Deserialize, Serialize};

/// A school, as modules see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchoolInfo {
    /// Its id.
    pub id: SchoolId,
    /// Name as shown.
    pub name: String,
    /// Default language of what it sends.
    pub locale: Locale,
    /// IANA time zone, e.g. `Europe/Paris`.
    pub timezone: String,
}

/// A publication, as modules see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicationInfo {
    /// Its id.
    pub id: PublicationId,
    /// Its school.
    pub school: SchoolId,
    /// Who shows it.
    pub author: PersonId,
    /// Title.
    pub title: String,
    /// Visible from.
    pub publish_at: Timestamp,
    /// Visible until, exclusive.
    pub until: Option<Timestamp>,
    /// Whether it is offered and has its enclosure; dates alone then say whether it is visible.
    pub offered: bool,
    /// To whom.
    pub audience: Audience,
    /// When what it shows last changed.
    pub updated_at: Timestamp,
}

/// An assignment, as modules see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentInfo {
    /// Its id.
    pub id: AssignmentId,
    /// Its school.
    pub school: SchoolId,
    /// The teacher who set it.
    pub author: PersonId,
    /// Title.
    pub title: String,
    /// From when pupils see it and may hand in.
    pub opens_at: Timestamp,
    /// When it is due.
    pub due_at: Timestamp,
    /// When the box closes; `None` means never.
    pub closes_at: Option<Timestamp>,
    /// Families of file it takes.
    pub accepts: Vec<Family>,
    /// To whom.
    pub audience: Audience,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
}

/// An answer handed in, as modules see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionInfo {
    /// Its id.
    pub id: SubmissionId,
    /// What it answers.
    pub assignment: AssignmentId,
    /// Its school.
    pub school: SchoolId,
    /// The pupil.
    pub pupil: PersonId,
    /// Who pressed the button.
    pub submitted_by: PersonId,
    /// When.
    pub submitted_at: Timestamp,
}

/// A person, as modules see them: no family name, no address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonInfo {
    /// Their id.
    pub id: PersonId,
    /// `Lou M.`
    pub short_name: String,
    /// The language they read, or their school's.
    pub locale: Locale,
    /// Whether mail can reach them: they have an address and their account is not switched off.
    pub has_email: bool,
}

/// A notice a module wants written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeDraft {
    /// To whom.
    pub recipient: PersonId,
    /// How.
    pub channel: Channel,
    /// About what.
    pub topic: NoticeTopic,
    /// Id of the publication, assignment, submission or deposit.
    pub subject_id: String,
    /// Not shown or sent before this instant.
    pub due_at: Timestamp,
}

/// What became of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notified {
    /// It was written now.
    Written,
    /// An earlier delivery of the same event wrote it.
    AlreadyThere,
}

/// What a module may know. Every function fails only when the host itself does.
///
/// # Errors
/// [`ModuleError::Host`] from every function that returns a `Result`.
pub trait HostRead {
    /// The current instant: the same all through one review or delivery.
    fn now(&self) -> Timestamp;

    /// The school, if there is one.
    fn school(&self, id: SchoolId) -> Result<Option<SchoolInfo>, ModuleError>;

    /// Whether a school has a module: its own choice, else what the manifest says. An unknown school has none.
    fn module_enabled(
        &self,
        school: SchoolId,
        module: ModuleId,
        manifest: &Manifest,
    ) -> Result<bool, ModuleError>;

    /// The settings a school stored for a module; JSON `null` when it stored none. Read with [`Manifest::is_on`].
    fn settings(&self, school: SchoolId, module: ModuleId) -> Result<serde_json::Value, ModuleError>;

    /// The publication, whatever its state.
    fn publication(&self, id: PublicationId) -> Result<Option<PublicationInfo>, ModuleError>;

    /// The assignment, whatever its state.
    fn assignment(&self, id: AssignmentId) -> Result<Option<AssignmentInfo>, ModuleError>;

    /// The submission, replaced or not.
    fn submission(&self, id: SubmissionId) -> Result<Option<SubmissionInfo>, ModuleError>;

    /// The person, unless erased.
    fn person(&self, id: PersonId) -> Result<Option<PersonInfo>, ModuleError>;

    /// People of that school whom the audience reaches and who have one of those roles there now; each once. Targets of
    /// another school, and `Public`, reach nobody.
    fn people_in(
        &self,
        school: SchoolId,
        audience: &Audience,
        roles: &[Role],
    ) -> Result<Vec<PersonId>, ModuleError>;

    /// Publications of the school that the person may see now and whose `publish_at` is in the range. An author also sees
    /// what they scheduled.
    fn publications_in(&self, scope: &Scope, range: DateRange) -> Result<Vec<PublicationInfo>, ModuleError>;

    /// Assignments of the school that the person may see now and whose `due_at` is in the range.
    fn assignments_in(&self, scope: &Scope, range: DateRange) -> Result<Vec<AssignmentInfo>, ModuleError>;

    /// Whether there is a relay to send mail through.
    fn relay_configured(&self) -> bool;
}

/// What a module may do while it handles one event. The host knows which module and which event.
pub trait Host: HostRead {
    /// Writes a notice, once: a second notice of this module about this event to the same recipient through the same
    /// channel is dropped. A notice by e-mail also gets its `Deliver` job, due with it.
    ///
    /// # Errors
    /// [`ModuleError::Host`] when it cannot be written.
    fn notify(&mut self, notice: NoticeDraft) -> Result<Notified, ModuleError>;
}

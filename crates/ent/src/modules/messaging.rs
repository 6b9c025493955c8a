//! Messaging (messagerie): tells people what is new for them, in their inbox and by mail.

use crate::draft::{Draft, Review};
use crate::entry::{DateRange, Entry, Scope};
use crate::error::ModuleError;
use crate::host::{Host, HostRead, NoticeDraft};
use crate::manifest::{Label, Manifest, Setting};
use crate::module::{EntModule, ModuleId};
use balado_domain::event::{Event, EventEnvelope, EventKind};
use balado_domain::notice::{Channel, NoticeTopic};
use balado_domain::people::Role;
use balado_domain::{AssignmentId, PersonId, PublicationId, SubmissionId, Timestamp};

/// Whether pupils are also written to by mail.
const MAIL_PUPILS: &str = "mail-pupils";
/// Whether a teacher also gets a mail for each answer handed in: thirty for a class, so a school may switch it off.
const MAIL_SUBMISSIONS: &str = "mail-submissions";

const SETTINGS: &[Setting] = &[
    Setting {
        key: MAIL_PUPILS,
        label: Label {
            fr: "Prévenir aussi par courriel les élèves qui ont une adresse",
            en: "Also write to pupils who have an e-mail address",
        },
        on_by_default: true,
    },
    Setting {
        key: MAIL_SUBMISSIONS,
        label: Label {
            fr: "Envoyer aussi un courriel à l’enseignant pour chaque travail rendu",
            en: "Also send the teacher an e-mail for each answer handed in",
        },
        on_by_default: true,
    },
];

/// Messaging.
#[derive(Debug, Clone, Copy)]
pub struct Messaging;

impl EntModule for Messaging {
    fn id(&self) -> ModuleId {
        ModuleId::new("messaging")
    }

    fn manifest(&self) -> Manifest {
        Manifest {
            label: Label { fr: "Messagerie", en: "Messages" },
            summary: Label {
                fr: "Prévenir chacun de ce qui est nouveau pour lui.",
                en: "Tell everyone what is new for them.",
            },
            icon: "inbox",
            enabled_by_default: true,
            settings: SETTINGS,
        }
    }

    fn interests(&self) -> &[EventKind] {
        &[EventKind::PublicationOffered, EventKind::AssignmentCreated, EventKind::SubmissionReceived]
    }

    fn review(&self, _draft: &Draft, _host: &dyn HostRead) -> Review {
        Review::Allow
    }

    fn handle(&self, event: &EventEnvelope, host: &mut dyn Host) -> Result<(), ModuleError> {
        let news = match event.event {
            Event::PublicationOffered { publication } => offered(event, publication, host)?,
            Event::AssignmentCreated { assignment } => set(event, assignment, host)?,
            Event::SubmissionReceived { submission, .. } => handed_in(event, submission, host)?,
            _ => None,
        };
        match news {
            Some(news) => self.tell(event, &news, host),
            None => Ok(()),
        }
    }

    fn entries(
        &self,
        _scope: &Scope,
        _range: DateRange,
        _host: &dyn HostRead,
    ) -> Result<Vec<Entry>, ModuleError> {
        Ok(Vec::new())
    }
}

/// What there is to tell, and to whom.
struct News {
    topic: NoticeTopic,
    subject_id: String,
    readers: Vec<PersonId>,
    due_at: Timestamp,
    mail_setting: &'static str,
}

impl Messaging {
    fn tell(&self, event: &EventEnvelope, news: &News, host: &mut dyn Host) -> Result<(), ModuleError> {
        let stored = host.settings(event.school_id, self.id())?;
        let by_mail = host.relay_configured() && self.manifest().is_on(&stored, news.mail_setting);
        for reader in &news.readers {
            host.notify(news.notice(*reader, Channel::Inbox))?;
            if by_mail && host.person(*reader)?.is_some_and(|person| person.has_email) {
                host.notify(news.notice(*reader, Channel::Email))?;
            }
        }
        Ok(())
    }
}

impl News {
    fn notice(&self, recipient: PersonId, channel: Channel) -> NoticeDraft {
        NoticeDraft {
            recipient,
            channel,
            topic: self.topic,
            subject_id: self.subject_id.clone(),
            due_at: self.due_at,
        }
    }
}

/// Something new to listen to, for the pupils it is addressed to, once it shows.
fn offered(
    event: &EventEnvelope,
    id: PublicationId,
    host: &dyn HostRead,
) -> Result<Option<News>, ModuleError> {
    let Some(publication) = host.publication(id)?.filter(|found| found.school == event.school_id) else {
        return Ok(None);
    };
    let is_over = publication.until.is_some_and(|until| until <= host.now());
    if !publication.offered || is_over {
        return Ok(None);
    }
    let mut readers = host.people_in(publication.school, &publication.audience, &[Role::Pupil])?;
    readers.retain(|reader| *reader != publication.author);
    Ok(Some(News {
        topic: NoticeTopic::PublicationOffered,
        subject_id: id.to_string(),
        readers,
        due_at: publication.publish_at.max(event.at),
        mail_setting: MAIL_PUPILS,
    }))
}

/// Work to hand in, for the pupils it is set to, once the box opens.
fn set(event: &EventEnvelope, id: AssignmentId, host: &dyn HostRead) -> Result<Option<News>, ModuleError> {
    let Some(assignment) = host.assignment(id)?.filter(|found| found.school == event.school_id) else {
        return Ok(None);
    };
    let is_over = assignment.closes_at.is_some_and(|closes| closes <= host.now());
    if assignment.withdrawn_at.is_some() || is_over {
        return Ok(None);
    }
    let readers = host.people_in(assignment.school, &assignment.audience, &[Role::Pupil])?;
    Ok(Some(News {
        topic: NoticeTopic::AssignmentCreated,
        subject_id: id.to_string(),
        readers,
        due_at: assignment.opens_at.max(event.at),
        mail_setting: MAIL_PUPILS,
    }))
}

/// A pupil handed in: their teacher hears of it, unless the teacher pressed the button.
fn handed_in(
    event: &EventEnvelope,
    id: SubmissionId,
    host: &dyn HostRead,
) -> Result<Option<News>, ModuleError> {
    let Some(submission) = host.submission(id)?.filter(|found| found.school == event.school_id) else {
        return Ok(None);
    };
    let Some(assignment) = host.assignment(submission.assignment)? else {
        return Ok(None);
    };
    let readers =
        if submission.submitted_by == assignment.author { Vec::new() } else { vec![assignment.author] };
    Ok(Some(News {
        topic: NoticeTopic::SubmissionReceived,
        subject_id: id.to_string(),
        readers,
        due_at: event.at,
        mail_setting: MAIL_SUBMISSIONS,
    }))
}

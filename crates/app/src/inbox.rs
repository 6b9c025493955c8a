//! The reader's inbox: what portal modules wrote to one person.

use crate::error::{Result, forbidden, not_found};
use crate::sign_in::person_viewer;
use crate::start::App;
use balado_domain::notice::{Notice, NoticeTopic};
use balado_domain::publication::PublicationState;
use balado_domain::{ErrorKind, NoticeId, Timestamp, Viewer};
use balado_store::{Conn, deposits, homework, notices, people, publications};
use std::str::FromStr;

/// A notice with what it speaks of, as it is now.
#[derive(Debug, Clone)]
pub struct InboxItem {
    /// The notice.
    pub notice: Notice,
    /// What it speaks of.
    pub subject: Subject,
}

/// What a notice speaks of.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Title of the publication or assignment; name of the file for a deposit.
    pub title: String,
    /// Short name of who published, set or handed in.
    pub by: String,
    /// Path of its page.
    pub path: String,
    /// When work is due, for an assignment.
    pub due_at: Option<Timestamp>,
}

impl App {
    /// The viewer's notices that are due, newest first. Those whose subject is gone are left out.
    ///
    /// # Errors
    /// `forbidden` unless the viewer is a person.
    pub async fn inbox(&self, viewer: &Viewer, limit: i64) -> Result<Vec<InboxItem>> {
        let person = viewer.person().ok_or_else(|| forbidden("only a person has an inbox"))?.id;
        let now = self.now();
        self.database()
            .read(move |c| {
                let mut items = Vec::new();
                for notice in notices::list_inbox(c, person, now, limit.clamp(1, 200))? {
                    if let Some(subject) = subject_of(c, &notice, now)? {
                        items.push(InboxItem { notice, subject });
                    }
                }
                Ok(items)
            })
            .await
    }

    /// How many due notices the viewer has not read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unread_notices(&self, viewer: &Viewer) -> Result<i64> {
        let Some(person) = viewer.person().map(|person| person.id) else { return Ok(0) };
        let now = self.now();
        self.database().read(move |c| Ok(notices::count_unread(c, person, now)?)).await
    }

    /// Marks a notice of the viewer as read.
    ///
    /// # Errors
    /// `not-found` for somebody else's.
    pub async fn read_notice(&self, viewer: &Viewer, id: NoticeId) -> Result<()> {
        let person = viewer.person().map(|person| person.id);
        let now = self.now();
        self.database()
            .write(move |tx| {
                let notice = notices::get(tx, id)?;
                if Some(notice.recipient_id) != person {
                    return Err(not_found("notice"));
                }
                notices::mark_read(tx, notice.recipient_id, &[id], now)?;
                Ok(())
            })
            .await
    }
}

/// What a notice speaks of, or `None` when it no longer exists or is no longer shown.
pub(crate) fn subject_of(c: &mut Conn, notice: &Notice, now: Timestamp) -> Result<Option<Subject>> {
    match found(c, notice, now) {
        Ok(subject) => Ok(subject),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn found(c: &mut Conn, notice: &Notice, now: Timestamp) -> Result<Option<Subject>> {
    let id = &notice.subject_id;
    let reader = Viewer::Person(person_viewer(c, notice.recipient_id, now)?);
    Ok(match notice.topic {
        NoticeTopic::PublicationOffered => {
            let publication = publications::get_for(c, &reader, parsed(id)?, now)?;
            (publication.state_at(now) == PublicationState::Published).then_some(Subject {
                by: short_name(c, publication.author_id)?,
                path: format!("/publications/{id}"),
                title: publication.title,
                due_at: None,
            })
        }
        NoticeTopic::AssignmentCreated => {
            let assignment = homework::get_assignment_for(c, &reader, parsed(id)?, now)?;
            assignment.withdrawn_at.is_none().then_some(Subject {
                by: short_name(c, assignment.author_id)?,
                path: format!("/assignments/{id}"),
                title: assignment.title,
                due_at: Some(assignment.due_at),
            })
        }
        NoticeTopic::SubmissionReceived => {
            let submission = homework::get_submission_for(c, &reader, parsed(id)?)?;
            let assignment = homework::get_assignment_for(c, &Viewer::System, submission.assignment_id, now)?;
            Some(Subject {
                by: short_name(c, submission.pupil_id)?,
                path: format!("/assignments/{}", assignment.id),
                title: assignment.title,
                due_at: None,
            })
        }
        NoticeTopic::DepositFailed => {
            let deposit = deposits::get_for(c, &reader, parsed(id)?)?;
            Some(Subject {
                by: String::new(),
                path: format!("/deposits/{id}"),
                title: deposit.original_name,
                due_at: None,
            })
        }
    })
}

fn parsed<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| not_found("subject"))
}

fn short_name(c: &mut Conn, person: balado_domain::PersonId) -> Result<String> {
    Ok(people::get_person(c, person)?.short_name())
}

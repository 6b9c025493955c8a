//! What modules may know and do, on a connection of ours (DESIGN §3.9): they never see the database itself.

use crate::error::Result;
use balado_domain::audience::Audience;
use balado_domain::job::{NewJob, Work};
use balado_domain::notice::{Channel, Notice};
use balado_domain::people::Role;
use balado_domain::publication::{Publication, Stage};
use balado_domain::{
    AssignmentId, Clock, ErrorKind, EventId, Failure, JobId, NoticeId, PersonId, PublicationId, SchoolId,
    SubmissionId, Timestamp, Viewer,
};
use balado_ent::{
    AssignmentInfo, DateRange, Host, HostRead, Locale, Manifest, ModuleError, ModuleId, NoticeDraft,
    Notified, PersonInfo, PublicationInfo, SchoolInfo, Scope, SubmissionInfo,
};
use balado_store::{Conn, Tx, homework, jobs, notices, people, portal, publications};
use std::cell::RefCell;
use std::sync::Arc;

/// Priority of mail: nobody waits for it on a screen.
const DELIVER_PRIORITY: i32 = 40;

/// What identifies the notices of one delivery.
pub(super) struct Pen {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) module: String,
    pub(super) event: EventId,
    pub(super) school: SchoolId,
}

enum Line<'c, 't> {
    Reading(RefCell<&'c mut Conn>),
    Writing(RefCell<&'c mut Tx<'t>>, Pen),
}

/// A host on one connection, for one review, delivery or listing.
pub(crate) struct StoreHost<'c, 't> {
    line: Line<'c, 't>,
    now: Timestamp,
    has_relay: bool,
}

impl<'c, 't> StoreHost<'c, 't> {
    pub(crate) fn reading(c: &'c mut Conn, now: Timestamp, has_relay: bool) -> Self {
        Self { line: Line::Reading(RefCell::new(c)), now, has_relay }
    }

    pub(super) fn writing(tx: &'c mut Tx<'t>, now: Timestamp, has_relay: bool, pen: Pen) -> Self {
        Self { line: Line::Writing(RefCell::new(tx), pen), now, has_relay }
    }

    /// Runs a read; a missing row is `None`, any other failure the host's.
    fn find<T>(
        &self,
        read: impl FnOnce(&mut Conn) -> Result<T, balado_store::Error>,
    ) -> Result<Option<T>, ModuleError> {
        match self.with(read) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&mut Conn) -> Result<T, balado_store::Error>,
    ) -> Result<T, ModuleError> {
        self.with(read).map_err(failed)
    }

    fn with<T>(
        &self,
        read: impl FnOnce(&mut Conn) -> Result<T, balado_store::Error>,
    ) -> Result<T, balado_store::Error> {
        match &self.line {
            Line::Reading(conn) => read(&mut conn.borrow_mut()),
            Line::Writing(tx, _) => read(&mut tx.borrow_mut()),
        }
    }

    /// The viewer a person is, with the memberships that hold now.
    fn viewer(&self, person: PersonId) -> Result<Viewer, ModuleError> {
        let memberships = self.read(|c| people::list_memberships(c, person))?;
        Ok(Viewer::Person(balado_domain::viewer::PersonViewer::new(person, memberships, self.now)))
    }
}

fn failed(error: balado_store::Error) -> ModuleError {
    ModuleError::Host(Failure::new(error.kind(), error.code(), error.to_string()))
}

impl HostRead for StoreHost<'_, '_> {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn school(&self, id: SchoolId) -> Result<Option<SchoolInfo>, ModuleError> {
        let school = self.find(|c| people::get_school(c, id))?;
        Ok(school.map(|school| SchoolInfo {
            id,
            name: school.name,
            locale: Locale::from_tag(&school.locale),
            timezone: school.timezone,
        }))
    }

    fn module_enabled(
        &self,
        school: SchoolId,
        module: ModuleId,
        manifest: &Manifest,
    ) -> Result<bool, ModuleError> {
        if self.find(|c| people::get_school(c, school))?.is_none() {
            return Ok(false);
        }
        let chosen = self.read(|c| portal::module_enabled(c, school, module.as_str()))?;
        Ok(chosen.unwrap_or(manifest.enabled_by_default))
    }

    fn settings(&self, school: SchoolId, module: ModuleId) -> Result<serde_json::Value, ModuleError> {
        let chosen = self.read(|c| portal::get_settings(c, school, module.as_str()))?;
        Ok(chosen.map_or(serde_json::Value::Null, |choice| choice.settings))
    }

    fn publication(&self, id: PublicationId) -> Result<Option<PublicationInfo>, ModuleError> {
        let found = self.find(|c| publications::get_for(c, &Viewer::System, id, self.now))?;
        Ok(found.map(publication_info))
    }

    fn assignment(&self, id: AssignmentId) -> Result<Option<AssignmentInfo>, ModuleError> {
        let found = self.find(|c| homework::get_assignment_for(c, &Viewer::System, id, self.now))?;
        Ok(found.map(assignment_info))
    }

    fn submission(&self, id: SubmissionId) -> Result<Option<SubmissionInfo>, ModuleError> {
        let found = self.find(|c| homework::get_submission_for(c, &Viewer::System, id))?;
        Ok(found.map(|one| SubmissionInfo {
            id,
            assignment: one.assignment_id,
            school: one.school_id,
            pupil: one.pupil_id,
            submitted_by: one.submitted_by,
            submitted_at: one.submitted_at,
        }))
    }

    fn person(&self, id: PersonId) -> Result<Option<PersonInfo>, ModuleError> {
        let Some(person) = self.find(|c| people::get_person(c, id))? else { return Ok(None) };
        let locale = match &person.locale {
            Some(locale) => Locale::from_tag(locale),
            None => self.locale_of_school(id)?,
        };
        Ok(Some(PersonInfo {
            id,
            short_name: person.short_name(),
            locale,
            has_email: person.email.is_some() && person.disabled_at.is_none(),
        }))
    }

    fn people_in(
        &self,
        school: SchoolId,
        audience: &Audience,
        roles: &[Role],
    ) -> Result<Vec<PersonId>, ModuleError> {
        let reached = self.read(|c| people::people_in_audience(c, audience, roles, self.now))?;
        let mut there = Vec::new();
        for role in roles {
            there.extend(self.read(|c| people::list_school_members(c, school, *role, self.now))?);
        }
        Ok(reached.into_iter().filter(|id| there.iter().any(|person| person.id == *id)).collect())
    }

    fn publications_in(&self, scope: &Scope, range: DateRange) -> Result<Vec<PublicationInfo>, ModuleError> {
        let viewer = self.viewer(scope.person)?;
        let filter = publications::PublicationFilter {
            school: Some(scope.school),
            since: Some(range.from),
            group: None,
        };
        let mut found =
            self.read(|c| publications::list_visible(c, &viewer, &filter, 500, None, self.now))?;
        let own = self.read(|c| publications::list_for_author(c, &viewer, 500, None))?;
        found.extend(own.into_iter().filter(|p| p.school_id == scope.school && p.stage == Stage::Offered));
        found.retain(|publication| range.contains(publication.publish_at));
        found.sort_by_key(|publication| publication.id);
        found.dedup_by_key(|publication| publication.id);
        Ok(found.into_iter().map(publication_info).collect())
    }

    fn assignments_in(&self, scope: &Scope, range: DateRange) -> Result<Vec<AssignmentInfo>, ModuleError> {
        let viewer = self.viewer(scope.person)?;
        let mut found = self.read(|c| homework::list_assignments_for(c, &viewer, self.now))?;
        found.retain(|one| one.school_id == scope.school && range.contains(one.due_at));
        Ok(found.into_iter().map(assignment_info).collect())
    }

    fn relay_configured(&self) -> bool {
        self.has_relay
    }
}

impl StoreHost<'_, '_> {
    fn locale_of_school(&self, person: PersonId) -> Result<Locale, ModuleError> {
        let memberships = self.read(|c| people::list_memberships(c, person))?;
        match memberships.first() {
            Some(membership) => {
                Ok(self.school(membership.school_id)?.map_or(Locale::French, |school| school.locale))
            }
            None => Ok(Locale::French),
        }
    }
}

impl Host for StoreHost<'_, '_> {
    fn notify(&mut self, draft: NoticeDraft) -> Result<Notified, ModuleError> {
        let Line::Writing(tx, pen) = &self.line else {
            return Err(ModuleError::Host(Failure::new(
                ErrorKind::Internal,
                "internal",
                "a review cannot write",
            )));
        };
        let notice = Notice {
            id: NoticeId::generate(pen.clock.as_ref()),
            school_id: pen.school,
            module: pen.module.clone(),
            event_id: pen.event,
            recipient_id: draft.recipient,
            channel: draft.channel,
            topic: draft.topic,
            subject_id: draft.subject_id,
            created_at: self.now,
            due_at: draft.due_at,
            sent_at: None,
            read_at: None,
        };
        let mut tx = tx.borrow_mut();
        if !notices::insert(&mut tx, &notice).map_err(failed)? {
            return Ok(Notified::AlreadyThere);
        }
        if notice.channel == Channel::Email {
            let job = NewJob {
                id: JobId::generate(pen.clock.as_ref()),
                school_id: Some(pen.school),
                deposit_id: None,
                work: Work::Deliver { notice: notice.id },
                priority: DELIVER_PRIORITY,
                run_at: notice.due_at,
            };
            jobs::enqueue(&mut tx, &job, self.now).map_err(failed)?;
        }
        Ok(Notified::Written)
    }
}

fn publication_info(publication: Publication) -> PublicationInfo {
    PublicationInfo {
        id: publication.id,
        school: publication.school_id,
        author: publication.author_id,
        title: publication.title,
        publish_at: publication.publish_at,
        until: publication.until,
        offered: publication.stage == Stage::Offered,
        audience: publication.audience,
        updated_at: publication.updated_at,
    }
}

fn assignment_info(assignment: balado_domain::homework::Assignment) -> AssignmentInfo {
    AssignmentInfo {
        id: assignment.id,
        school: assignment.school_id,
        author: assignment.author_id,
        title: assignment.title,
        opens_at: assignment.opens_at,
        due_at: assignment.due_at,
        closes_at: assignment.closes_at,
        accepts: assignment.accepts,
        audience: assignment.audience,
        created_at: assignment.created_at,
        withdrawn_at: assignment.withdrawn_at,
    }
}

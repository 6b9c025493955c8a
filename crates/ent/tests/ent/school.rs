//! A school in memory that is a host to modules, and the roles tests talk in.

use balado_domain::deposit::Family;
use balado_domain::event::{Event, EventEnvelope};
use balado_domain::people::Role;
use balado_domain::*;
use balado_ent::conformance::World;
use balado_ent::*;
use chrono::TimeDelta;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// One person, with what they are in the school.
#[derive(Clone)]
struct Member {
    info: PersonInfo,
    role: Role,
    groups: Vec<GroupId>,
}

/// A notice as it was written: by which module, about which event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Written {
    pub(crate) module: ModuleId,
    pub(crate) event: EventId,
    pub(crate) notice: NoticeDraft,
}

/// The school, and the host of whatever is being delivered.
pub(crate) struct School {
    pub(crate) info: SchoolInfo,
    pub(crate) now: Timestamp,
    pub(crate) relay: bool,
    pub(crate) switches: BTreeMap<ModuleId, bool>,
    pub(crate) settings: BTreeMap<ModuleId, Value>,
    pub(crate) publications: BTreeMap<PublicationId, PublicationInfo>,
    pub(crate) assignments: BTreeMap<AssignmentId, AssignmentInfo>,
    pub(crate) submissions: BTreeMap<SubmissionId, SubmissionInfo>,
    pub(crate) notices: Vec<Written>,
    members: BTreeMap<PersonId, Member>,
    delivering: Option<(ModuleId, EventId)>,
    next_id: u128,
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl School {
    /// A collège on a Monday of November at 9, without anybody.
    pub(crate) fn empty() -> Self {
        Self {
            info: SchoolInfo {
                id: SchoolId::from_uuid(Uuid::from_u128(1)),
                name: "Collège Exemple".to_owned(),
                locale: Locale::French,
                timezone: "Europe/Paris".to_owned(),
            },
            now: at("2026-11-23T08:00:00Z"),
            relay: true,
            switches: BTreeMap::new(),
            settings: BTreeMap::new(),
            publications: BTreeMap::new(),
            assignments: BTreeMap::new(),
            submissions: BTreeMap::new(),
            notices: Vec::new(),
            members: BTreeMap::new(),
            delivering: None,
            next_id: 100,
        }
    }

    pub(crate) fn fresh(&mut self) -> Uuid {
        self.next_id += 1;
        Uuid::from_u128(self.next_id)
    }

    pub(crate) fn class(&mut self) -> GroupId {
        GroupId::from_uuid(self.fresh())
    }

    pub(crate) fn enrol(&mut self, name: &str, role: Role, groups: &[GroupId]) -> PersonId {
        let id = PersonId::from_uuid(self.fresh());
        let info = PersonInfo { id, short_name: name.to_owned(), locale: Locale::French, has_email: false };
        self.members.insert(id, Member { info, role, groups: groups.to_vec() });
        id
    }

    pub(crate) fn give_address(&mut self, person: PersonId) {
        self.members.get_mut(&person).unwrap().info.has_email = true;
    }

    /// A publication offered to classes, visible from now on.
    pub(crate) fn publish(&mut self, author: PersonId, title: &str, groups: &[GroupId]) -> PublicationId {
        let id = PublicationId::from_uuid(self.fresh());
        let publication = PublicationInfo {
            id,
            school: self.info.id,
            author,
            title: title.to_owned(),
            publish_at: self.now,
            until: None,
            offered: true,
            audience: Audience::groups(groups.iter().copied()),
            updated_at: self.now,
        };
        self.publications.insert(id, publication);
        id
    }

    /// An assignment open from now on, due in three days, that takes sound.
    pub(crate) fn set_work(&mut self, author: PersonId, title: &str, groups: &[GroupId]) -> AssignmentId {
        let id = AssignmentId::from_uuid(self.fresh());
        let assignment = AssignmentInfo {
            id,
            school: self.info.id,
            author,
            title: title.to_owned(),
            opens_at: self.now,
            due_at: self.now + TimeDelta::days(3),
            closes_at: None,
            accepts: vec![Family::Audio],
            audience: Audience::groups(groups.iter().copied()),
            created_at: self.now,
            withdrawn_at: None,
        };
        self.assignments.insert(id, assignment);
        id
    }

    pub(crate) fn hand_in(
        &mut self,
        assignment: AssignmentId,
        pupil: PersonId,
        by: PersonId,
    ) -> SubmissionId {
        let id = SubmissionId::from_uuid(self.fresh());
        let submission = SubmissionInfo {
            id,
            assignment,
            school: self.info.id,
            pupil,
            submitted_by: by,
            submitted_at: self.now,
        };
        self.submissions.insert(id, submission);
        id
    }

    /// Something that happens now in this school.
    pub(crate) fn happens(&mut self, event: Event) -> EventEnvelope {
        let id = EventId::from_uuid(self.fresh());
        EventEnvelope { id, school_id: self.info.id, actor_id: None, at: self.now, event }
    }

    /// Delivers an event to a module, as `app` does.
    pub(crate) fn dispatch(&mut self, module: &dyn EntModule, event: &EventEnvelope) {
        let answer = self.deliver(module.id(), event, &mut |host| module.handle(event, host));
        assert_eq!(answer, Ok(()));
    }

    fn reaches(&self, audience: &Audience, person: PersonId) -> bool {
        let Some(member) = self.members.get(&person) else { return false };
        audience.targets.iter().any(|target| match target {
            AudienceTarget::Group(group) => member.groups.contains(group),
            AudienceTarget::Person(named) => *named == person,
            AudienceTarget::School(school) => *school == self.info.id,
            AudienceTarget::Public => false,
        })
    }

    fn has(&self, scope: &Scope) -> bool {
        scope.school == self.info.id && self.members.contains_key(&scope.person)
    }
}

impl HostRead for School {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn school(&self, id: SchoolId) -> Result<Option<SchoolInfo>, ModuleError> {
        Ok((id == self.info.id).then(|| self.info.clone()))
    }

    fn module_enabled(
        &self,
        school: SchoolId,
        module: ModuleId,
        manifest: &Manifest,
    ) -> Result<bool, ModuleError> {
        let chosen = self.switches.get(&module).copied();
        Ok(school == self.info.id && chosen.unwrap_or(manifest.enabled_by_default))
    }

    fn settings(&self, school: SchoolId, module: ModuleId) -> Result<Value, ModuleError> {
        let stored = self.settings.get(&module).filter(|_| school == self.info.id);
        Ok(stored.cloned().unwrap_or(Value::Null))
    }

    fn publication(&self, id: PublicationId) -> Result<Option<PublicationInfo>, ModuleError> {
        Ok(self.publications.get(&id).cloned())
    }

    fn assignment(&self, id: AssignmentId) -> Result<Option<AssignmentInfo>, ModuleError> {
        Ok(self.assignments.get(&id).cloned())
    }

    fn submission(&self, id: SubmissionId) -> Result<Option<SubmissionInfo>, ModuleError> {
        Ok(self.submissions.get(&id).cloned())
    }

    fn person(&self, id: PersonId) -> Result<Option<PersonInfo>, ModuleError> {
        Ok(self.members.get(&id).map(|member| member.info.clone()))
    }

    fn people_in(
        &self,
        school: SchoolId,
        audience: &Audience,
        roles: &[Role],
    ) -> Result<Vec<PersonId>, ModuleError> {
        let reached = self.members.iter().filter(|(id, member)| {
            school == self.info.id && roles.contains(&member.role) && self.reaches(audience, **id)
        });
        Ok(reached.map(|(id, _)| *id).collect())
    }

    fn publications_in(&self, scope: &Scope, range: DateRange) -> Result<Vec<PublicationInfo>, ModuleError> {
        let shown = self.publications.values().filter(|publication| {
            let is_visible = publication.publish_at <= self.now
                && publication.until.is_none_or(|until| self.now < until)
                && self.reaches(&publication.audience, scope.person);
            self.has(scope)
                && publication.offered
                && range.contains(publication.publish_at)
                && (is_visible || publication.author == scope.person)
        });
        Ok(shown.cloned().collect())
    }

    fn assignments_in(&self, scope: &Scope, range: DateRange) -> Result<Vec<AssignmentInfo>, ModuleError> {
        let shown = self.assignments.values().filter(|assignment| {
            self.has(scope)
                && assignment.withdrawn_at.is_none()
                && range.contains(assignment.due_at)
                && (assignment.author == scope.person
                    || assignment.opens_at <= self.now && self.reaches(&assignment.audience, scope.person))
        });
        Ok(shown.cloned().collect())
    }

    fn relay_configured(&self) -> bool {
        self.relay
    }
}

impl Host for School {
    fn notify(&mut self, notice: NoticeDraft) -> Result<Notified, ModuleError> {
        let (module, event) = self.delivering.expect("nothing is being delivered");
        let is_there = self.notices.iter().any(|written| {
            (written.module, written.event) == (module, event)
                && written.notice.recipient == notice.recipient
                && written.notice.channel == notice.channel
        });
        if is_there {
            return Ok(Notified::AlreadyThere);
        }
        self.notices.push(Written { module, event, notice });
        Ok(Notified::Written)
    }
}

/// The school of the conformance suite: one class, a teacher, a pupil with an address, one of everything.
pub(crate) struct Trial {
    pub(crate) school: School,
    pupil: PersonId,
    events: Vec<EventEnvelope>,
    drafts: Vec<Draft>,
}

impl Trial {
    pub(crate) fn new() -> Self {
        let mut school = School::empty();
        let class = school.class();
        let teacher = school.enrol("Alix D.", Role::Teacher, &[class]);
        let pupil = school.enrol("Camille M.", Role::Pupil, &[class]);
        school.give_address(pupil);
        let publication = school.publish(teacher, "Lecture", &[class]);
        let assignment = school.set_work(teacher, "Poème", &[class]);
        let submission = school.hand_in(assignment, pupil, pupil);
        let deposit = DepositId::from_uuid(school.fresh());
        let events = [
            Event::DepositReceived { deposit },
            Event::DepositReady { deposit },
            Event::PublicationOffered { publication },
            Event::PublicationWithdrawn { publication },
            Event::AssignmentCreated { assignment },
            Event::SubmissionReceived { submission, assignment },
        ]
        .map(|event| school.happens(event));
        let drafts = vec![
            Draft::Publication(PublicationDraft {
                id: publication,
                school: school.info.id,
                author: teacher,
                title: "Lecture".to_owned(),
                publish_at: school.now,
                until: None,
                audience: Audience::groups([class]),
            }),
            Draft::Submission(SubmissionDraft {
                assignment,
                school: school.info.id,
                pupil,
                submitted_by: pupil,
                family: Some(Family::Audio),
            }),
        ];
        Self { school, pupil, events: events.to_vec(), drafts }
    }
}

impl World for Trial {
    fn reader(&self) -> Scope {
        Scope { school: self.school.info.id, person: self.pupil }
    }

    fn busy_range(&self) -> DateRange {
        DateRange { from: self.school.now - TimeDelta::days(7), until: self.school.now + TimeDelta::days(7) }
    }

    fn events(&self) -> Vec<EventEnvelope> {
        self.events.clone()
    }

    fn drafts(&self) -> Vec<Draft> {
        self.drafts.clone()
    }

    fn deliver(
        &mut self,
        module: ModuleId,
        event: &EventEnvelope,
        handle: &mut dyn FnMut(&mut dyn Host) -> Result<(), ModuleError>,
    ) -> Result<(), ModuleError> {
        self.school.deliver(module, event, handle)
    }

    fn look(&self, look: &mut dyn FnMut(&dyn HostRead)) {
        look(&self.school);
    }

    fn rows(&self) -> Vec<String> {
        let rows: BTreeSet<_> = self.school.notices.iter().map(|row| format!("{row:?}")).collect();
        rows.into_iter().collect()
    }
}

impl School {
    fn deliver(
        &mut self,
        module: ModuleId,
        event: &EventEnvelope,
        handle: &mut dyn FnMut(&mut dyn Host) -> Result<(), ModuleError>,
    ) -> Result<(), ModuleError> {
        let before = self.notices.clone();
        self.delivering = Some((module, event.id));
        let answer = handle(self);
        self.delivering = None;
        if answer.is_err() {
            self.notices = before;
        }
        answer
    }
}

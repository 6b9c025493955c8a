//! Who is told what, how and when.

use crate::school::{School, at};
use balado_domain::event::{Event, EventEnvelope};
use balado_domain::notice::{Channel, NoticeTopic};
use balado_domain::people::Role;
use balado_domain::{Audience, AudienceTarget, PersonId};
use balado_ent::modules::Messaging;
use balado_ent::{EntModule, NoticeDraft};
use chrono::TimeDelta;
use serde_json::json;

struct Class {
    school: School,
    teacher: PersonId,
    pupils: [PersonId; 2],
    group: balado_domain::GroupId,
}

/// A teacher, two pupils of their class, the first with an address, and a pupil of another class.
fn class() -> Class {
    let mut school = School::empty();
    let group = school.class();
    let other = school.class();
    let teacher = school.enrol("Alix D.", Role::Teacher, &[group]);
    school.give_address(teacher);
    let pupils = ["Camille M.", "Lou P."].map(|name| school.enrol(name, Role::Pupil, &[group]));
    school.give_address(pupils[0]);
    school.enrol("Sacha R.", Role::Pupil, &[other]);
    Class { school, teacher, pupils, group }
}

impl Class {
    fn tell(&mut self, event: Event) -> EventEnvelope {
        let event = self.school.happens(event);
        self.school.dispatch(&Messaging, &event);
        event
    }

    fn told(&self) -> Vec<(PersonId, Channel)> {
        self.notices().map(|notice| (notice.recipient, notice.channel)).collect()
    }

    fn notices(&self) -> impl Iterator<Item = &NoticeDraft> {
        self.school.notices.iter().map(|written| &written.notice)
    }
}

#[test]
fn the_pupils_of_the_class_hear_of_a_publication_and_nobody_else() {
    let mut class = class();
    let publication = class.school.publish(class.teacher, "Lecture", &[class.group]);
    class.tell(Event::PublicationOffered { publication });
    let [first, second] = class.pupils;
    assert_eq!(class.told(), [(first, Channel::Inbox), (first, Channel::Email), (second, Channel::Inbox)]);
    for notice in class.notices() {
        assert_eq!(notice.topic, NoticeTopic::PublicationOffered);
        assert_eq!(notice.subject_id, publication.to_string());
    }
}

#[test]
fn a_publication_to_several_classes_tells_each_pupil_once() {
    let mut class = class();
    let publication = class.school.publish(class.teacher, "Lecture", &[class.group]);
    let both = class.school.publications.get_mut(&publication).unwrap();
    both.audience.add(AudienceTarget::Person(class.pupils[0]));
    both.audience.add(AudienceTarget::School(both.school));
    class.tell(Event::PublicationOffered { publication });
    let inboxes = class.told().into_iter().filter(|(_, channel)| *channel == Channel::Inbox).count();
    assert_eq!(inboxes, 3);
}

#[test]
fn a_scheduled_publication_is_told_when_it_shows() {
    let mut class = class();
    let publication = class.school.publish(class.teacher, "Lecture", &[class.group]);
    let monday = at("2026-11-30T07:00:00Z");
    class.school.publications.get_mut(&publication).unwrap().publish_at = monday;
    class.tell(Event::PublicationOffered { publication });
    assert!(class.notices().count() > 0 && class.notices().all(|notice| notice.due_at == monday));
}

#[test]
fn a_publication_that_waited_for_its_sound_is_told_when_it_can_be_heard() {
    let mut class = class();
    let publication = class.school.publish(class.teacher, "Lecture", &[class.group]);
    class.school.now += TimeDelta::minutes(20);
    let event = class.tell(Event::PublicationOffered { publication });
    assert!(class.notices().all(|notice| notice.due_at == event.at));
}

#[test]
fn what_was_taken_back_or_is_over_is_not_told() {
    let mut class = class();
    let withdrawn = class.school.publish(class.teacher, "Lecture", &[class.group]);
    class.school.publications.get_mut(&withdrawn).unwrap().offered = false;
    let over = class.school.publish(class.teacher, "Lecture", &[class.group]);
    class.school.publications.get_mut(&over).unwrap().until = Some(class.school.now);
    let assignment = class.school.set_work(class.teacher, "Poème", &[class.group]);
    class.school.assignments.get_mut(&assignment).unwrap().withdrawn_at = Some(class.school.now);
    class.tell(Event::PublicationOffered { publication: withdrawn });
    class.tell(Event::PublicationOffered { publication: over });
    class.tell(Event::AssignmentCreated { assignment });
    assert_eq!(class.told(), []);
}

#[test]
fn a_pupil_who_publishes_is_not_told_of_it() {
    let mut class = class();
    let publication = class.school.publish(class.pupils[1], "Notre journal", &[class.group]);
    class.tell(Event::PublicationOffered { publication });
    assert!(class.told().iter().all(|(reader, _)| *reader == class.pupils[0]));
}

#[test]
fn a_public_audience_tells_nobody_in_particular() {
    let mut class = class();
    let publication = class.school.publish(class.teacher, "Journal", &[]);
    class.school.publications.get_mut(&publication).unwrap().audience =
        Audience { targets: vec![AudienceTarget::Public] };
    class.tell(Event::PublicationOffered { publication });
    assert_eq!(class.told(), []);
}

#[test]
fn no_mail_is_written_without_a_relay_or_when_the_school_says_so() {
    for prepare in [
        |school: &mut School| school.relay = false,
        |school: &mut School| {
            school.settings.insert(Messaging.id(), json!({"mail-pupils": false}));
        },
    ] {
        let mut class = class();
        prepare(&mut class.school);
        let publication = class.school.publish(class.teacher, "Lecture", &[class.group]);
        class.tell(Event::PublicationOffered { publication });
        assert_eq!(class.told(), class.pupils.map(|pupil| (pupil, Channel::Inbox)));
    }
}

#[test]
fn an_assignment_is_told_to_its_pupils_when_the_box_opens() {
    let mut class = class();
    let assignment = class.school.set_work(class.teacher, "Poème", &[class.group]);
    let opens = at("2026-11-24T07:00:00Z");
    class.school.assignments.get_mut(&assignment).unwrap().opens_at = opens;
    class.tell(Event::AssignmentCreated { assignment });
    let [first, second] = class.pupils;
    assert_eq!(class.told(), [(first, Channel::Inbox), (first, Channel::Email), (second, Channel::Inbox)]);
    assert!(class.notices().all(|n| n.due_at == opens && n.topic == NoticeTopic::AssignmentCreated));
}

#[test]
fn an_answer_is_told_to_the_teacher_who_set_the_work() {
    let mut class = class();
    let assignment = class.school.set_work(class.teacher, "Poème", &[class.group]);
    let submission = class.school.hand_in(assignment, class.pupils[0], class.pupils[0]);
    class.tell(Event::SubmissionReceived { submission, assignment });
    assert_eq!(class.told(), [(class.teacher, Channel::Inbox), (class.teacher, Channel::Email)]);
    assert!(class.notices().all(|notice| notice.subject_id == submission.to_string()));
}

#[test]
fn a_school_can_spare_its_teachers_a_mail_per_answer() {
    let mut class = class();
    class.school.settings.insert(Messaging.id(), json!({"mail-submissions": false}));
    let assignment = class.school.set_work(class.teacher, "Poème", &[class.group]);
    let submission = class.school.hand_in(assignment, class.pupils[0], class.pupils[0]);
    class.tell(Event::SubmissionReceived { submission, assignment });
    assert_eq!(class.told(), [(class.teacher, Channel::Inbox)]);
}

#[test]
fn a_teacher_who_hands_in_for_a_pupil_is_not_told_of_it() {
    let mut class = class();
    let assignment = class.school.set_work(class.teacher, "Poème", &[class.group]);
    let submission = class.school.hand_in(assignment, class.pupils[0], class.teacher);
    class.tell(Event::SubmissionReceived { submission, assignment });
    assert_eq!(class.told(), []);
}

#[test]
fn a_second_publication_is_told_again() {
    let mut class = class();
    for title in ["Un", "Deux"] {
        let publication = class.school.publish(class.teacher, title, &[class.group]);
        class.tell(Event::PublicationOffered { publication });
    }
    assert_eq!(class.told().len(), 6);
}

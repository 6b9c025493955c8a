//! What the homework box takes, from whom, and when.

use crate::school::{School, at};
use balado_domain::deposit::Family;
use balado_domain::people::Role;
use balado_domain::{AssignmentId, PersonId};
use balado_ent::modules::Homework;
use balado_ent::*;
use chrono::TimeDelta;

struct Lesson {
    school: School,
    teacher: PersonId,
    pupil: PersonId,
    assignment: AssignmentId,
}

fn lesson() -> Lesson {
    let mut school = School::empty();
    let group = school.class();
    let teacher = school.enrol("Alix D.", Role::Teacher, &[group]);
    let pupil = school.enrol("Camille M.", Role::Pupil, &[group]);
    let assignment = school.set_work(teacher, "Poème", &[group]);
    Lesson { school, teacher, pupil, assignment }
}

impl Lesson {
    fn change(&mut self, change: impl FnOnce(&mut AssignmentInfo)) {
        change(self.school.assignments.get_mut(&self.assignment).unwrap());
    }

    fn draft(&self) -> SubmissionDraft {
        SubmissionDraft {
            assignment: self.assignment,
            school: self.school.info.id,
            pupil: self.pupil,
            submitted_by: self.pupil,
            family: Some(Family::Audio),
        }
    }

    fn review(&self, draft: SubmissionDraft) -> Review {
        Homework.review(&Draft::Submission(draft), &self.school)
    }
}

#[test]
fn a_recording_by_a_pupil_of_the_class_is_taken() {
    let lesson = lesson();
    assert_eq!(lesson.review(lesson.draft()), Review::Allow);
}

#[test]
fn an_adult_may_hand_in_for_a_pupil_of_the_class() {
    let lesson = lesson();
    assert_eq!(
        lesson.review(SubmissionDraft { submitted_by: lesson.teacher, ..lesson.draft() }),
        Review::Allow
    );
}

#[test]
fn a_late_answer_is_taken_while_the_box_is_open() {
    let mut lesson = lesson();
    lesson.school.now += TimeDelta::days(4);
    assert_eq!(lesson.review(lesson.draft()), Review::Allow);
    let now = lesson.school.now;
    lesson.change(|assignment| assignment.closes_at = Some(now));
    assert_eq!(lesson.review(lesson.draft()), Review::Refuse("assignment-closed"));
}

#[test]
fn a_box_that_is_not_open_yet_or_taken_back_refuses() {
    let mut lesson = lesson();
    let now = lesson.school.now;
    lesson.change(|assignment| assignment.opens_at = now + TimeDelta::milliseconds(1));
    assert_eq!(lesson.review(lesson.draft()), Review::Refuse("assignment-not-open"));
    lesson.change(|assignment| assignment.withdrawn_at = Some(now));
    assert_eq!(lesson.review(lesson.draft()), Review::Refuse("assignment-withdrawn"));
}

#[test]
fn a_pupil_of_another_class_learns_nothing_of_the_assignment() {
    let mut lesson = lesson();
    let other = lesson.school.class();
    let stranger = lesson.school.enrol("Sacha R.", Role::Pupil, &[other]);
    let now = lesson.school.now;
    lesson.change(|assignment| assignment.closes_at = Some(now));
    let answer = lesson.review(SubmissionDraft { pupil: stranger, ..lesson.draft() });
    assert_eq!(answer, Review::Refuse("assignment-unknown"));
}

#[test]
fn a_file_of_another_family_is_refused_and_an_unknown_one_waits() {
    let lesson = lesson();
    let video = SubmissionDraft { family: Some(Family::Video), ..lesson.draft() };
    assert_eq!(lesson.review(video), Review::Refuse("assignment-family-refused"));
    let unknown = SubmissionDraft { family: None, ..lesson.draft() };
    assert_eq!(lesson.review(unknown), Review::Hold("deposit-not-known-yet"));
}

#[test]
fn work_shows_on_the_calendar_until_the_very_minute_it_is_due() {
    let mut lesson = lesson();
    lesson.change(|assignment| assignment.due_at = at("2026-11-26T22:59:00Z"));
    let scope = Scope { school: lesson.school.info.id, person: lesson.pupil };
    let range = DateRange { from: at("2026-11-26T00:00:00Z"), until: at("2026-11-27T00:00:00Z") };
    let entries = Homework.entries(&scope, range, &lesson.school).unwrap();
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((entry.starts_at, entry.ends_at), (at("2026-11-26T22:44:00Z"), at("2026-11-26T22:59:00Z")));
    assert_eq!(
        (entry.by.as_str(), entry.path.as_str()),
        ("Alix D.", &*format!("/assignments/{}", lesson.assignment))
    );
    let before = DateRange { until: at("2026-11-26T22:59:00Z"), ..range };
    assert_eq!(Homework.entries(&scope, before, &lesson.school), Ok(Vec::new()));
}

//! The calendar as a reader gets it: judged by python3-icalendar, and by arbitrary titles.

use crate::school::{School, Trial, at};
use balado_domain::people::Role;
use balado_ent::agenda::render_calendar;
use balado_ent::conformance::World;
use balado_ent::modules::Agenda;
use balado_ent::*;
use proptest::prelude::*;
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

const ORIGIN: &str = "https://balado.example";

fn entries(trial: &Trial) -> Vec<Entry> {
    Registry::built_in().entries(&trial.reader(), trial.busy_range(), &trial.school).unwrap()
}

fn render(entries: &[Entry]) -> String {
    render_calendar(entries, &School::empty().info, Locale::French, ORIGIN)
}

/// What python3-icalendar reads: the calendar's name, and each event's fields as text.
fn read_by_python(calendar: &str) -> Value {
    let mut reader = Command::new("/usr/bin/python3")
        .args(["-c", include_str!("read_calendar.py")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Debian's python3 with python3-icalendar");
    reader.stdin.take().unwrap().write_all(calendar.as_bytes()).unwrap();
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success(), "python3-icalendar refused:\n{calendar}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn another_reader_finds_every_entry_with_its_dates_and_link() {
    let trial = Trial::new();
    let read = read_by_python(&render(&entries(&trial)));
    assert_eq!(read["name"], "Balado · Collège Exemple");
    assert_eq!(read["events"].as_array().unwrap().len(), 2);
    let (publication, due) = (&read["events"][0], &read["events"][1]);
    assert_eq!(publication["summary"], "À écouter : Lecture");
    assert_eq!(publication["start"], "2026-11-23T08:00:00+00:00");
    assert_eq!(publication["end"], "2026-11-23T08:15:00+00:00");
    assert_eq!(due["summary"], "À rendre : Poème");
    assert_eq!(due["end"], "2026-11-26T08:00:00+00:00");
    let id = trial.school.assignments.keys().next().unwrap();
    assert_eq!(due["uid"], format!("due-{id}@balado.example"));
    assert_eq!(due["url"], format!("{ORIGIN}/assignments/{id}"));
    assert_eq!(due["description"], format!("Alix D.\n{ORIGIN}/assignments/{id}"));
}

#[test]
fn an_awkward_title_reaches_another_reader_whole() {
    let mut trial = Trial::new();
    let awkward = "Virgule, point-virgule ; barre \\ et \"guillemets\" : l’été — 5eB/5eC, 日本語のタイトル, et une \
                   phrase assez longue pour être pliée plus d’une fois sur des accents éééééééééééééééééééééé";
    for publication in trial.school.publications.values_mut() {
        awkward.clone_into(&mut publication.title);
    }
    let read = read_by_python(&render(&entries(&trial)));
    assert_eq!(read["events"][0]["summary"], format!("À écouter : {awkward}"));
}

#[test]
fn the_same_entries_give_the_same_bytes_and_portals_find_nothing_they_reject() {
    let trial = Trial::new();
    let calendar = render(&entries(&trial));
    assert_eq!(calendar, render(&entries(&trial)));
    for rejected in ["RRULE", "VTODO", "VALARM", "METHOD", "TZID"] {
        assert!(!calendar.contains(rejected), "{rejected} in:\n{calendar}");
    }
    assert!(calendar.contains("DTSTAMP:20261123T080000Z\r\n"));
}

#[test]
fn a_calendar_without_entries_is_still_one() {
    assert_eq!(read_by_python(&render(&[]))["events"], Value::Array(Vec::new()));
}

#[test]
fn the_calendar_speaks_the_reader_s_language() {
    let trial = Trial::new();
    let calendar = render_calendar(&entries(&trial), &trial.school.info, Locale::English, ORIGIN);
    assert!(calendar.contains("SUMMARY:To listen to: Lecture"));
    assert!(calendar.contains("SUMMARY:Due: Poème"));
}

#[test]
fn a_pupil_sees_what_is_published_to_them_and_not_what_is_still_to_come() {
    let mut school = School::empty();
    let class = school.class();
    let teacher = school.enrol("Alix D.", Role::Teacher, &[class]);
    let pupil = school.enrol("Camille M.", Role::Pupil, &[class]);
    let later = school.publish(teacher, "Surprise", &[class]);
    school.publications.get_mut(&later).unwrap().publish_at = at("2026-11-24T08:00:00Z");
    let range = DateRange { from: at("2026-11-01T00:00:00Z"), until: at("2026-12-01T00:00:00Z") };
    let shown_to =
        |person| Agenda.entries(&Scope { school: school.info.id, person }, range, &school).unwrap().len();
    assert_eq!((shown_to(pupil), shown_to(teacher)), (0, 1));
}

fn entry(title: String, by: String) -> Entry {
    Entry {
        module: Agenda.id(),
        kind: EntryKind::Publication,
        subject_id: "0198".to_owned(),
        title,
        by,
        starts_at: at("2026-11-23T08:00:00Z"),
        ends_at: at("2026-11-23T08:00:00Z"),
        revised_at: at("2026-11-22T08:00:00Z"),
        path: "/publications/0198".to_owned(),
    }
}

proptest! {
    #[test]
    fn whatever_is_typed_the_lines_stay_lines(title in "\\PC{0,200}|.{0,60}|[ \\t,;\\\\\"é\\r\\n]{0,200}", by in ".{0,40}") {
        let calendar = render(&[entry(title.clone(), by)]);
        prop_assert!(calendar.ends_with("END:VCALENDAR\r\n"));
        for line in calendar.trim_end_matches("\r\n").split("\r\n") {
            prop_assert!(line.len() <= 75, "{} octets: {line:?}", line.len());
            prop_assert!(!line.contains(['\r', '\n']) && !line.chars().any(|c| c.is_control()));
        }
        let unfolded = calendar.replace("\r\n ", "");
        let names: Vec<&str> = unfolded.lines().filter_map(|line| line.split([':', ';']).next()).collect();
        prop_assert_eq!(names.iter().filter(|name| **name == "BEGIN").count(), 2);
        prop_assert_eq!(names.iter().filter(|name| **name == "SUMMARY").count(), 1);
        prop_assert!(unfolded.contains("DTEND:20261123T080001Z"));
    }
}

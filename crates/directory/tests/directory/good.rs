//! What is read from good files, however a spreadsheet wrote them.

use crate::sample::{HEADER, SCHOOL, roster, with_header};
use balado_directory::{GroupRef, PersonRef, RosterGuardianship, RosterMembership, SchoolRef, YearRef};
use balado_domain::people::{GroupKind, Role};
use encoding_rs::WINDOWS_1252;

#[test]
fn a_school_is_read_whole() {
    let roster = with_header(SCHOOL);
    assert_eq!(roster.schools.len(), 1);
    assert_eq!(roster.schools[0].name, "Collège L’Été");
    assert_eq!(roster.schools[0].uai.as_deref(), Some("0541234X"));
    let year = &roster.years[0];
    assert_eq!((year.school, year.label.as_str()), (SchoolRef(0), "2026-2027"));
    assert_eq!(
        (year.starts_on.to_string(), year.ends_on.to_string()),
        ("2026-08-01".into(), "2027-07-31".into())
    );
    let groups: Vec<_> = roster.groups.iter().map(|group| (group.name.as_str(), group.kind)).collect();
    assert_eq!(
        groups,
        [("5eB", GroupKind::Class), ("Chorale", GroupKind::Teaching), ("5eC", GroupKind::Class)]
    );
    let pupil = &roster.people[0];
    assert_eq!((pupil.line, pupil.login.as_str()), (2, "lou.martin"));
    assert_eq!((pupil.given_name.as_str(), pupil.family_name.as_str()), ("Lou", "Martin"));
    assert_eq!(pupil.initial_password.as_ref().unwrap().reveal(), "fraise-42-lapin");
    assert_eq!(pupil.groups, [GroupRef(0), GroupRef(1)]);
    let teacher = &roster.people[1];
    assert_eq!(teacher.email.as_deref(), Some("amina.diallo@ac-nancy.fr"));
    assert_eq!((teacher.subjects.join("+"), &teacher.initial_password), ("Anglais+Musique".into(), &None));
    assert_eq!(roster.people[4].roles, [Role::Principal, Role::Administrator]);
    let link = RosterGuardianship { guardian: PersonRef(2), pupil: PersonRef(0) };
    assert_eq!(roster.guardianships, [link]);
}

#[test]
fn memberships_are_one_per_class_and_subject_and_outlast_the_year_outside_classes() {
    let roster = with_header(SCHOOL);
    let year = Some(YearRef(0));
    let in_group = |role, group, subject: Option<&str>| RosterMembership {
        role,
        year,
        group: Some(GroupRef(group)),
        subject: subject.map(str::to_owned),
    };
    assert_eq!(
        roster.people[0].memberships(),
        [in_group(Role::Pupil, 0, None), in_group(Role::Pupil, 1, None)]
    );
    let teacher = roster.people[1].memberships();
    assert_eq!(teacher.len(), 6);
    assert!(teacher.contains(&in_group(Role::Teacher, 2, Some("Anglais"))));
    let whole_school = |role| RosterMembership { role, year: None, group: None, subject: None };
    assert_eq!(roster.people[3].memberships(), [whole_school(Role::Assistant)]);
    assert_eq!(
        roster.people[4].memberships(),
        [whole_school(Role::Principal), whole_school(Role::Administrator)]
    );
}

#[test]
fn a_teacher_or_pupil_without_a_class_belongs_to_the_year() {
    let roster = with_header("A;;2026-2027;teacher;t;T;T;;;;;;\nA;;2026-2027;pupil;p;P;P;;;;;;\n");
    for person in &roster.people {
        let memberships = person.memberships();
        assert_eq!(memberships.len(), 1);
        assert_eq!((memberships[0].year, memberships[0].group), (Some(YearRef(0)), None));
    }
}

#[test]
fn every_encoding_delimiter_and_line_end_gives_the_same_roster() {
    let expected = with_header(SCHOOL);
    let file = format!("{HEADER}{SCHOOL}");
    let excel = file.replace('\n', "\r\n");
    assert_eq!(roster(&excel), expected);
    assert_eq!(roster(&format!("\u{feff}{excel}")), expected);
    let (bytes, _, lossy) = WINDOWS_1252.encode(&excel);
    assert!(!lossy && std::str::from_utf8(&bytes).is_err());
    assert_eq!(balado_directory::read_csv(&*bytes).unwrap(), expected);
    assert_eq!(roster(&file.replace(';', "\t")), expected);
    let commas = file.replace("principal, administrateur", "principal|administrateur").replace(';', ",");
    assert_eq!(roster(&commas), expected);
    assert_eq!(roster(file.trim_end()), expected);
}

#[test]
fn english_headers_in_any_order_and_writing_give_the_same_people() {
    let file = "Family name,FIRST NAME,user_name,Role,School,School code,School year,Class,Subject,E-mail,Children,Password\n\
                Diallo,Amina,amina.diallo,Teacher,Lycée A,0541234X,2026/2027,2de1,English,a@b.fr,,\n";
    let person = &roster(file).people[0];
    assert_eq!((person.given_name.as_str(), person.family_name.as_str()), ("Amina", "Diallo"));
    assert_eq!(
        (person.roles.as_slice(), person.subjects.join("")),
        ([Role::Teacher].as_slice(), "English".into())
    );
}

#[test]
fn only_the_six_columns_that_matter_are_needed() {
    let file =
        "Établissement;Année scolaire;Profil;Identifiant;Prénom;Nom\nA;2026-2027;Élève;lou;Lou;Martin\n";
    assert_eq!(roster(file).people.len(), 1);
}

#[test]
fn blank_lines_a_spreadsheet_hint_and_empty_columns_do_no_harm() {
    let file = format!(
        "sep=;\n\n{}{}",
        HEADER.replace('\n', ";;\n"),
        SCHOOL.replace('\n', ";;\n\n;;;;;;;;;;;;;;\n")
    );
    let read = roster(&file);
    assert_eq!(read.people.len(), 5);
    assert_eq!(read.people[1].line, 7, "lines are counted as the administrator sees them");
}

#[test]
fn the_same_class_typed_differently_is_one_class_and_the_same_name_in_two_schools_is_two() {
    let lines = "A;;2026-2027;pupil;a;A;A;5e  b;;;;;\nA;;2026-2027;pupil;b;B;B;5E B;;;;;\nB;;2026-2027;pupil;c;C;C;5e b;;;;;\n";
    let roster = with_header(lines);
    assert_eq!((roster.schools.len(), roster.groups.len()), (2, 2));
    assert_eq!(roster.people[0].groups, roster.people[1].groups);
    assert_eq!(roster.groups[0].name, "5e b");
}

#[test]
fn a_line_without_a_code_finds_the_school_of_that_name() {
    let roster = with_header("A;;2026-2027;pupil;a;A;A;;;;;;\nA;0541234X;2026-2027;pupil;b;B;B;;;;;;\n");
    assert_eq!(roster.schools.len(), 1);
    assert_eq!(roster.schools[0].uai.as_deref(), Some("0541234X"));
}

#[test]
fn two_years_in_one_file_keep_their_classes_apart() {
    let roster = with_header("A;;2026-2027;pupil;a;A;A;5eB;;;;;\nA;;2027-2028;pupil;b;B;B;5eB;;;;;\n");
    assert_eq!((roster.schools.len(), roster.years.len(), roster.groups.len()), (1, 2, 2));
}

#[test]
fn a_formula_is_a_name_like_another() {
    let roster = with_header("A;;2026-2027;pupil;a;=1+1;@SUM(A1);-5eB;;;;;\n");
    assert_eq!(
        (roster.people[0].given_name.as_str(), roster.people[0].family_name.as_str()),
        ("=1+1", "@SUM(A1)")
    );
}

#[test]
fn a_parent_may_come_before_the_child_and_have_several() {
    let lines = "A;;2026-2027;parent;p;P;P;;;;;B|c|b;\nA;;2026-2027;pupil;b;B;B;;;;;;\nA;;2026-2027;pupil;c;C;C;;;;;;\n";
    let pupils: Vec<_> = with_header(lines).guardianships.iter().map(|link| link.pupil).collect();
    assert_eq!(pupils, [PersonRef(1), PersonRef(2)]);
}

//! What is said of bad files: all of it at once, and nothing taken.

use crate::sample::{HEADER, SCHOOL, codes, faults};
use balado_directory::error::MAX_FAULTS;
use balado_directory::{Error, read_csv};
use balado_domain::{ErrorKind, Failure};
use std::collections::HashSet;
use std::io::Read;

fn fault(line: u64, column: &str, code: &'static str) -> (u64, String, &'static str) {
    (line, column.to_owned(), code)
}

#[test]
fn every_bad_line_is_named_with_its_columns_in_order() {
    let lines = format!(
        "{SCHOOL}A;123;2026;magicien;jo sé;;Dupont;;;;x;;\n\
         A;;2026-2027;pupil;ok;O;K;;;;;;\n\
         A;;2026-2027;pupil;;B;B;;;;;;\n"
    );
    assert_eq!(
        codes(&lines),
        [
            fault(7, "uai", "uai-malformed"),
            fault(7, "annee", "year-malformed"),
            fault(7, "profil", "role-unknown"),
            fault(7, "login", "login-malformed"),
            fault(7, "prenom", "value-missing"),
            fault(7, "email", "email-malformed"),
            fault(9, "login", "value-missing"),
        ]
    );
}

#[test]
fn the_fault_shows_what_was_read_in_the_words_of_the_file() {
    let file =
        format!("{}A;2026-2027;{};a;A;A\n", "School;Year;ROLE;Login;First name;Last name\n", "x".repeat(200));
    let fault = &faults(file)[0];
    assert_eq!(
        (fault.line, fault.column.as_str(), fault.value.as_str()),
        (2, "ROLE", "x".repeat(80).as_str())
    );
}

#[test]
fn a_login_given_twice_is_refused_and_the_first_line_named() {
    let lines = "A;;2026-2027;pupil;Lou;A;A;;;;;;\nB;;2026-2027;teacher;lou;B;B;;;;;;\n";
    assert_eq!(codes(lines), [fault(3, "login", "login-repeated")]);
    assert_eq!(faults(format!("{HEADER}{lines}"))[0].value, "lou = 2");
}

#[test]
fn a_child_must_be_a_pupil_of_the_file() {
    let lines = "A;;2026-2027;parent;p;P;P;;;;;nobody|t;\nA;;2026-2027;teacher;t;T;T;;;;;;\n";
    assert_eq!(
        codes(lines),
        [fault(2, "enfants", "child-unknown"), fault(2, "enfants", "child-not-a-pupil")]
    );
}

#[test]
fn the_parent_of_a_pupil_whose_line_is_bad_is_not_blamed() {
    let lines = "A;;2026-2027;parent;p;P;P;;;;;b;\nA;;2026-2027;pupil;b;B;B;;;;not-mail;;\n";
    assert_eq!(codes(lines), [fault(3, "email", "email-malformed")]);
}

#[test]
fn cells_that_mean_nothing_for_the_role_are_slips() {
    let lines = "A;;2026-2027;parent;p;P;P;5eB;;;;;\nA;;2026-2027;pupil;b;B;B;;;Anglais;;p;\nA;;2026-2027;aed;c;C;C;;G1;;;;\n";
    assert_eq!(
        codes(lines),
        [
            fault(2, "classes", "class-without-role"),
            fault(3, "matiere", "subject-without-role"),
            fault(3, "enfants", "child-without-role"),
            fault(4, "groupes", "class-without-role"),
        ]
    );
}

#[test]
fn schools_and_groups_that_contradict_each_other_are_refused() {
    let lines = "A;0541234X;2026-2027;pupil;a;A;A;G;;;;;\nB;0541234X;2026-2027;pupil;b;B;B;;;;;;\n\
                 A;0541235Y;2026-2027;pupil;c;C;C;;;;;;\nA;;2026-2027;pupil;d;D;D;;;;;;\n\
                 A;0541234X;2026-2027;pupil;e;E;E;;g;;;;\n";
    assert_eq!(
        codes(lines),
        [
            fault(3, "etablissement", "school-name-differs"),
            fault(5, "etablissement", "school-ambiguous"),
            fault(6, "groupes", "class-and-group"),
        ]
    );
}

#[test]
fn a_header_is_judged_before_any_person() {
    let file = "etablissement;annee;profil;login;prenom;prénom;age\nA;x;x;x;x;x;x\n";
    let found: Vec<_> =
        faults(file).into_iter().map(|fault| (fault.line, fault.column, fault.code)).collect();
    assert_eq!(
        found,
        [
            fault(1, "prénom", "column-repeated"),
            fault(1, "age", "column-unknown"),
            fault(1, "nom", "column-missing")
        ]
    );
}

#[test]
fn a_stray_quote_or_too_many_cells_spoil_one_line_only() {
    let lines = "A;;2026-2027;pupil;a;\"A;A;;;;;;\nA;;2026-2027;pupil;b;B;B;;;;;;;secret\nA;;2026-2027;pupil;c;C;;;;;;;\n";
    assert_eq!(
        codes(lines),
        [fault(2, "", "quote-open"), fault(3, "", "cell-without-column"), fault(4, "nom", "value-missing")]
    );
}

#[test]
fn a_password_is_never_shown_back() {
    let secret = "s3cret".repeat(40);
    let found = faults(format!("{HEADER}A;;2026-2027;pupil;a;A;A;;;;;;{secret}\n"));
    assert_eq!((found[0].code, found[0].value.as_str()), ("value-too-long", ""));
    let roster = crate::sample::with_header("A;;2026-2027;pupil;a;A;A;;;;;;s3cret\n");
    assert!(!format!("{roster:?}").contains("s3cret"));
}

#[test]
fn lines_too_long_or_in_another_encoding_than_the_file_says_are_named() {
    let long = format!("{HEADER}{}\nA;;2026-2027;pupil;;C;C;;;;;;\n", "x".repeat(20_000));
    let found: Vec<_> = faults(long).into_iter().map(|fault| (fault.line, fault.code)).collect();
    assert_eq!(found, [(2, "line-too-long"), (3, "value-missing")]);
    let mut mixed = format!("\u{feff}{HEADER}").into_bytes();
    mixed.extend_from_slice(b"A;;2026-2027;pupil;a;Zo\xe9;A;;;;;;\n");
    assert_eq!(faults(mixed)[0].code, "line-not-utf-8");
}

#[test]
fn faults_beyond_the_cap_are_counted() {
    let file = format!("{HEADER}{}", "A;;2026-2027;pupil;;A;A;;;;;;\n".repeat(MAX_FAULTS + 7));
    let Err(Error::Lines(error)) = read_csv(file.as_bytes()) else { panic!("expected faults") };
    assert_eq!((error.lines.len(), error.omitted), (MAX_FAULTS, 7));
}

#[test]
fn what_is_not_a_directory_says_so() {
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(HEADER.bytes().flat_map(|b| [b, 0])).collect();
    assert!(matches!(read_csv(utf16.as_slice()), Err(Error::NotCsv)));
    assert!(matches!(read_csv(b"PK\x03\x04rest".as_slice()), Err(Error::NotCsv)));
    assert!(matches!(read_csv(b"".as_slice()), Err(Error::Empty)));
    assert!(matches!(read_csv(b"\n\n".as_slice()), Err(Error::Empty)));
    assert!(matches!(read_csv(HEADER.as_bytes()), Err(Error::Empty)));
    assert_eq!(faults("<html><body>Bonjour</body></html>")[0].code, "column-unknown");
}

#[test]
fn an_endless_file_is_given_up() {
    let endless = std::io::repeat(b'x');
    assert!(matches!(read_csv(endless), Err(Error::TooLarge)));
    let lines = HEADER.as_bytes().chain(std::io::repeat(b'\n'));
    assert!(matches!(read_csv(lines), Err(Error::TooLarge)));
}

#[test]
fn a_directory_of_several_large_schools_is_read() {
    const PUPILS: usize = 20_000;
    let mut file = HEADER.to_owned();
    for number in 0..PUPILS {
        file.push_str(&format!("A;;2026-2027;pupil;p{number};P;P;c{};;;;;\n", number % 40));
    }
    let roster = read_csv(file.as_bytes()).unwrap();
    assert_eq!((roster.people.len(), roster.groups.len()), (PUPILS, 40));
}

#[test]
fn a_broken_disk_is_not_the_administrator_s_fault() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    let error = read_csv(Broken).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unavailable, "directory-unreadable"));
}

#[test]
fn the_log_gets_codes_and_no_names() {
    let error =
        read_csv(format!("{HEADER}A;;2026-2027;pupil;Zoé Martin;Z;M;;;;;;\n").as_bytes()).unwrap_err();
    let failure = Failure::from(error);
    assert_eq!((failure.kind, failure.code), (ErrorKind::Invalid, "directory-lines-refused"));
    assert_eq!(failure.detail, "1 faults, the first on line 2: login-malformed");
    let codes = [Error::NotCsv, Error::Empty, Error::TooLarge].map(|error| error.code());
    assert_eq!(codes.iter().collect::<HashSet<_>>().len(), 3);
}

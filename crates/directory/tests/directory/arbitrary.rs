//! Whatever the file holds, it is read whole or refused whole, and never panics.

use crate::sample::HEADER;
use balado_directory::{Error, read_csv};
use balado_domain::people::Role;
use proptest::collection::vec;
use proptest::prelude::*;

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        prop_oneof![
            Just(""),
            Just("A"),
            Just("2026-2027"),
            Just("pupil"),
            Just("parent|teacher"),
            Just("a"),
            Just("b"),
            Just("a,b|a"),
            Just("0541234X"),
            Just("a@b.fr"),
            Just("\""),
            Just("\"\""),
            Just("=cmd()"),
            Just("\r"),
        ]
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..2000)) {
        let _ = read_csv(bytes.as_slice());
        let _ = read_csv([HEADER.as_bytes(), &bytes].concat().as_slice());
    }

    #[test]
    fn any_cells_give_a_roster_that_holds_together_or_faults(rows in vec(vec(cell(), 13), 1..12)) {
        let lines: Vec<String> = rows.iter().map(|row| row.join(";")).collect();
        match read_csv(format!("{HEADER}{}", lines.join("\n")).as_bytes()) {
            Ok(roster) => {
                for person in &roster.people {
                    prop_assert!(!person.roles.is_empty() && !person.memberships().is_empty());
                    prop_assert!(person.school.0 < roster.schools.len() && person.year.0 < roster.years.len());
                    prop_assert!(person.groups.iter().all(|group| group.0 < roster.groups.len()));
                }
                for link in &roster.guardianships {
                    prop_assert!(roster.people[link.pupil.0].roles.contains(&Role::Pupil));
                    prop_assert!(roster.people[link.guardian.0].roles.contains(&Role::Guardian));
                }
            }
            Err(Error::Lines(error)) => {
                prop_assert!(!error.lines.is_empty());
                prop_assert!(error.lines.is_sorted_by_key(|fault| fault.line));
            }
            Err(error) => prop_assert!(matches!(error, Error::Empty | Error::NotCsv), "{error}"),
        }
    }

    #[test]
    fn names_written_as_csv_come_back(given in "[^\\p{C}\\p{Z}\u{fffd}]{1,40}", family in "[^\\p{C}\\p{Z}\u{fffd}]{1,40}") {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let file = format!("{HEADER}A;;2026-2027;pupil;a;{};{};;;;;;\n", quoted(&given), quoted(&family));
        let roster = read_csv(file.as_bytes()).unwrap();
        prop_assert_eq!(&roster.people[0].given_name, &given);
        prop_assert_eq!(&roster.people[0].family_name, &family);
    }
}

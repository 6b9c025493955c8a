//! Turns the text of one cell into a value, or names what is wrong with it. For `read`.
//!
//! A cell is never a formula here: `=1+1` is those four characters.

use crate::fold::{fold_name, fold_word};
use balado_domain::people::Role;

/// Longest name of a person, school, class or subject, in characters.
const NAME_CHARS: usize = 100;
/// Longest login, in characters.
const LOGIN_CHARS: usize = 64;
/// Longest address for mail, in bytes (RFC 5321).
const EMAIL_BYTES: usize = 254;
/// Longest password, in bytes: hashing more would be a burden and no gain.
const PASSWORD_BYTES: usize = 128;
/// Most parts of a list.
const LIST_PARTS: usize = 64;

/// Words for each role, folded. The README lists the same.
const ROLES: &[(Role, &[&str])] = &[
    (Role::Pupil, &["eleve", "pupil", "student"]),
    (Role::Teacher, &["enseignant", "enseignante", "professeur", "professeure", "prof", "teacher"]),
    (
        Role::Assistant,
        &["assistanteducation", "assistantdeducation", "assistantededucation", "aed", "assistant"],
    ),
    (Role::Librarian, &["documentaliste", "professeurdocumentaliste", "librarian"]),
    (Role::Guardian, &["parent", "responsable", "responsablelegal", "responsablelegale", "guardian"]),
    (Role::Inspector, &["inspecteur", "inspectrice", "inspector"]),
    (
        Role::Principal,
        &[
            "chefdetablissement",
            "principal",
            "principale",
            "proviseur",
            "proviseure",
            "directeur",
            "directrice",
        ],
    ),
    (Role::Administrator, &["administrateur", "administratrice", "admin", "administrator"]),
];

/// A name as shown: something, on one line, without control characters.
pub(crate) fn name(text: &str) -> Result<String, &'static str> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        Err("value-missing")
    } else if line.chars().any(|c| c.is_control() || c == '\u{fffd}') {
        Err("value-unreadable")
    } else if line.chars().count() > NAME_CHARS {
        Err("value-too-long")
    } else {
        Ok(line)
    }
}

/// A login: ASCII letters, digits and `. _ - @`, without regard to case.
pub(crate) fn login(text: &str) -> Result<String, &'static str> {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@');
    if text.is_empty() {
        Err("value-missing")
    } else if text.len() > LOGIN_CHARS {
        Err("value-too-long")
    } else if !text.bytes().all(is_part) || !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        Err("login-malformed")
    } else {
        Ok(text.to_ascii_lowercase())
    }
}

/// A national school code: seven digits and a letter.
pub(crate) fn uai(text: &str) -> Result<Option<String>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let code = text.to_ascii_uppercase();
    match code.as_bytes().split_last() {
        Some((letter, digits))
            if digits.len() == 7 && digits.iter().all(u8::is_ascii_digit) && letter.is_ascii_uppercase() =>
        {
            Ok(Some(code))
        }
        _ => Err("uai-malformed"),
    }
}

/// The year in which a school year begins: `2026-2027`, `2026/2027` or `2026 2027`.
pub(crate) fn first_year(text: &str) -> Result<i32, &'static str> {
    if text.is_empty() {
        return Err("value-missing");
    }
    let mut years = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let mut next = || years.next().filter(|part| part.len() == 4).and_then(|part| part.parse::<i32>().ok());
    match (next(), next(), years.next()) {
        (Some(first), Some(second), None) if first >= 2000 && second == first + 1 => Ok(first),
        _ => Err("year-malformed"),
    }
}

/// The roles a cell lists, each once.
pub(crate) fn roles(text: &str) -> Result<Vec<Role>, &'static str> {
    let mut roles = Vec::new();
    for part in parts(text)? {
        let word = fold_word(&part);
        let role = ROLES.iter().find(|(_, words)| words.contains(&word.as_str()));
        let (role, _) = role.ok_or("role-unknown")?;
        if !roles.contains(role) {
            roles.push(*role);
        }
    }
    if roles.is_empty() { Err("value-missing") } else { Ok(roles) }
}

/// The names a cell lists, each once whatever its case or accents; may be none.
pub(crate) fn names(text: &str) -> Result<Vec<String>, &'static str> {
    let mut names: Vec<String> = Vec::new();
    for part in parts(text)? {
        let part = name(&part)?;
        if !names.iter().any(|other| fold_name(other) == fold_name(&part)) {
            names.push(part);
        }
    }
    Ok(names)
}

/// The logins a cell lists, each once; may be none.
pub(crate) fn logins(text: &str) -> Result<Vec<String>, &'static str> {
    let mut logins = Vec::new();
    for part in parts(text)? {
        let part = login(&part)?;
        if !logins.contains(&part) {
            logins.push(part);
        }
    }
    Ok(logins)
}

/// An address for mail, if any. Only what is surely wrong is refused: sending is the real test.
pub(crate) fn email(text: &str) -> Result<Option<String>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let is_text =
        |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';' | '"');
    match text.split_once('@') {
        Some((local, domain))
            if text.len() <= EMAIL_BYTES
                && text.chars().all(is_text)
                && local.starts_with(|c: char| c.is_alphanumeric() || c == '_')
                && !domain.contains('@')
                && domain.contains('.')
                && !domain.starts_with('.')
                && !domain.ends_with('.') =>
        {
            Ok(Some(text.to_owned()))
        }
        _ => Err("email-malformed"),
    }
}

/// A first password, if any. Whether it is strong enough is decided where it is hashed.
pub(crate) fn password(text: &str) -> Result<Option<String>, &'static str> {
    match text {
        "" => Ok(None),
        _ if text.len() > PASSWORD_BYTES => Err("value-too-long"),
        _ if text.chars().any(char::is_control) => Err("value-unreadable"),
        _ => Ok(Some(text.to_owned())),
    }
}

/// The parts of a list, split at `,` and `|`, empty ones left out.
fn parts(text: &str) -> Result<Vec<String>, &'static str> {
    let parts: Vec<String> =
        text.split([',', '|']).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
    if parts.len() > LIST_PARTS { Err("list-too-long") } else { Ok(parts) }
}

#[cfg(test)]
mod tests {
    use super::{email, first_year, login, name, names, roles, uai};
    use balado_domain::people::Role;

    #[test]
    fn roles_are_read_in_both_languages_and_however_they_are_typed() {
        assert_eq!(roles("Élève").unwrap(), [Role::Pupil]);
        assert_eq!(
            roles("CHEF D’ÉTABLISSEMENT | administrator,Administrateur").unwrap(),
            [Role::Principal, Role::Administrator]
        );
        assert_eq!(roles("Assistant d'éducation").unwrap(), [Role::Assistant]);
        assert_eq!(roles("responsable légal").unwrap(), [Role::Guardian]);
        for role in Role::ALL {
            assert_eq!(roles(role.as_str()).unwrap(), [*role], "the permanent name of {role}");
        }
        assert_eq!(roles("élève, magicien"), Err("role-unknown"));
        assert_eq!(roles(" , "), Err("value-missing"));
    }

    #[test]
    fn a_formula_is_plain_text_in_a_name_and_refused_where_it_cannot_be_one() {
        assert_eq!(name("=cmd|' /C calc'!A0").unwrap(), "=cmd|' /C calc'!A0");
        assert_eq!(login("=cmd"), Err("login-malformed"));
        assert_eq!(login("-1+1"), Err("login-malformed"));
        assert_eq!(email("=A1@b.fr"), Err("email-malformed"));
    }

    #[test]
    fn school_years_take_the_usual_writings() {
        for text in ["2026-2027", "2026/2027", "2026 – 2027"] {
            assert_eq!(first_year(text), Ok(2026), "{text}");
        }
        for text in ["2026", "2026-2028", "2026-27", "1926-1927", "2026-2027-2028", "an"] {
            assert_eq!(first_year(text), Err("year-malformed"), "{text}");
        }
    }

    #[test]
    fn codes_logins_and_lists_are_brought_to_one_writing() {
        assert_eq!(uai("0541234x").unwrap().as_deref(), Some("0541234X"));
        assert_eq!(uai("541234X"), Err("uai-malformed"));
        assert_eq!(uai("054123éX"), Err("uai-malformed"));
        assert_eq!(login("Lou.Martin").unwrap(), "lou.martin");
        assert_eq!(names("5eB|5eC, 5EB ,").unwrap(), ["5eB", "5eC"]);
        assert_eq!(names(&"a,".repeat(65)), Err("list-too-long"));
    }

    #[test]
    fn only_addresses_that_are_surely_wrong_are_refused() {
        assert_eq!(email("zoé.martin+x@ac-nancy.fr").unwrap().as_deref(), Some("zoé.martin+x@ac-nancy.fr"));
        for text in ["a@b", "a b@c.fr", "@c.fr", "a@c.fr,b@c.fr", "a@c@d.fr", "a@.fr", "a@c."] {
            assert_eq!(email(text), Err("email-malformed"), "{text}");
        }
    }
}

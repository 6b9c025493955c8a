//! The file name of a publication: readable on FAT32 and by the oldest player, unique in the school year, for ever.

use crate::error::Result;
use balado_domain::publication::Publication;
use balado_store::{Conn, publications};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest stem, in characters: leaves room for a number, an extension and a folder on small displays.
const STEM_LENGTH: usize = 60;
/// Names FAT32 systems keep for devices.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "com", "lpt"];

/// The first free name for a publication.
pub(super) fn assign(c: &mut Conn, publication: &Publication, extension: &str) -> Result<String> {
    let stem = stem_of(&publication.title);
    let mut name = format!("{stem}.{extension}");
    let mut number = 1;
    while publications::file_name_taken(c, publication.school_year_id, &name)? {
        number += 1;
        name = format!("{stem}-{number}.{extension}");
    }
    Ok(name)
}

/// `L'été à Nîmes !` becomes `L-ete-a-Nimes`.
fn stem_of(title: &str) -> String {
    let mut stem = String::new();
    for c in title.nfd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'œ' => stem.push_str("oe"),
            'Œ' => stem.push_str("OE"),
            'æ' => stem.push_str("ae"),
            'ß' => stem.push_str("ss"),
            c if c.is_ascii_alphanumeric() || c == '_' => stem.push(c),
            _ if stem.ends_with('-') || stem.is_empty() => {}
            _ => stem.push('-'),
        }
        if stem.len() >= STEM_LENGTH {
            break;
        }
    }
    let stem = stem.trim_end_matches('-');
    let lower = stem.to_ascii_lowercase();
    let device = DEVICES.iter().any(|d| lower.strip_prefix(d).is_some_and(|rest| rest.len() <= 1));
    if stem.is_empty() || device {
        format!("balado-{lower}").trim_end_matches('-').to_owned()
    } else {
        stem.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::stem_of;

    #[test]
    fn names_are_plain_ascii() {
        assert_eq!(stem_of("L'été à Nîmes !"), "L-ete-a-Nimes");
        assert_eq!(stem_of("Cœur & sœur"), "Coeur-soeur");
        assert_eq!(stem_of("../../x"), "x");
        assert_eq!(stem_of("日本語"), "balado");
        assert_eq!(stem_of("CON"), "balado-con");
        assert!(stem_of(&"é".repeat(500)).len() <= 60);
    }
}

//! A small school, and short ways to read a file, for the tests beside this.

use balado_directory::{Error, LineFault, Roster, read_csv};

pub(crate) const HEADER: &str =
    "etablissement;uai;annee;profil;login;prenom;nom;classes;groupes;matiere;email;enfants;mot_de_passe\n";

/// A small school in which everything occurs.
pub(crate) const SCHOOL: &str = "\
Collège L’Été;0541234X;2026-2027;élève;lou.martin;Lou;Martin;5eB;Chorale;;;;fraise-42-lapin\n\
Collège L’Été;0541234X;2026-2027;enseignante;amina.diallo;Amina;Diallo;5eB|5eC;Chorale;Anglais|Musique;amina.diallo@ac-nancy.fr;;\n\
Collège L’Été;0541234X;2026-2027;parent;p.martin;Paul;Martin;;;;;lou.martin;\n\
Collège L’Été;0541234X;2026-2027;AED;k.weber;Karim;Weber;;;;;;\n\
Collège L’Été;0541234X;2026-2027;principal, administrateur;m.roy;Marie;Roy;;;;;;\n";

pub(crate) fn roster(file: &str) -> Roster {
    read_csv(file.as_bytes()).unwrap()
}

/// The roster of those lines under the French header.
pub(crate) fn with_header(lines: &str) -> Roster {
    roster(&format!("{HEADER}{lines}"))
}

pub(crate) fn faults(file: impl AsRef<[u8]>) -> Vec<LineFault> {
    match read_csv(file.as_ref()) {
        Err(Error::Lines(error)) => error.lines,
        other => panic!("expected faults, got {other:?}"),
    }
}

/// Line, column and code of each fault of those lines under the French header.
pub(crate) fn codes(lines: &str) -> Vec<(u64, String, &'static str)> {
    let faults = faults(format!("{HEADER}{lines}"));
    faults.into_iter().map(|fault| (fault.line, fault.column, fault.code)).collect()
}

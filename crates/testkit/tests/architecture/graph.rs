//! Rules over manifests: which package of ours may use which, and who alone may use a given outside package.
//!
//! The table is the one of the design: rooms, arrows, sole owners. Dev-dependencies are free: tests may ask anybody.

use super::workspace::{self, Need, Package};
use super::{Breach, assert_kept};
use std::collections::{BTreeMap, BTreeSet};

/// Who may use whom. A package that is not listed here is itself a breach.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("store", &["domain"]),
    ("objects", &["domain"]),
    ("media", &["domain"]),
    ("feeds", &["domain"]),
    ("directory", &["domain"]),
    ("sso", &["domain"]),
    ("ent", &["domain"]),
    ("app", &["domain", "store", "objects", "media", "feeds", "directory", "sso", "ent"]),
    ("worker", &["app", "media", "domain"]),
    ("transcoder", &["media", "domain"]),
    ("web", &["app", "domain"]),
    ("balado", &["web", "worker", "app", "domain"]),
];

/// Packages that exist for tests and measurements: they may use anybody, and nobody's program uses them.
const BESIDE_THE_PROGRAM: &[&str] = &["testkit", "benches"];

/// Outside packages with owners. `media` owns the readers of media files; `transcoder` may use the same image reader.
const OWNERS: &[(&str, &[&str])] = &[
    ("diesel", &["store"]),
    ("diesel_migrations", &["store"]),
    ("libsqlite3-sys", &["store"]),
    ("pq-sys", &["store"]),
    ("object_store", &["objects"]),
    ("symphonia", &["media"]),
    ("mp4", &["media"]),
    ("id3", &["media"]),
    ("image", &["media", "transcoder"]),
    ("openidconnect", &["sso"]),
    ("ldap3", &["sso"]),
    ("argon2", &["sso"]),
    ("lettre", &["ent"]),
    ("icalendar", &["ent"]),
    ("ffmpeg-next", &["transcoder"]),
    ("ffmpeg-sys-next", &["transcoder"]),
    ("actix-web", &["web"]),
    ("actix-http", &["web"]),
    ("actix-files", &["web"]),
    ("clap", &["balado"]),
    // Judges of our output: nobody's program holds them.
    ("rss", &[]),
    ("feed-rs", &[]),
    ("s3s", &[]),
    ("s3s-fs", &[]),
];

/// What must not be linked into a package, however deep it hides.
const UNREACHABLE: &[(&str, &[&str])] = &[
    ("domain", &["tokio", "diesel", "reqwest", "hyper"]),
    ("feeds", &["tokio", "diesel", "reqwest", "hyper"]),
    (
        "transcoder",
        &[
            "diesel",
            "libsqlite3-sys",
            "pq-sys",
            "object_store",
            "reqwest",
            "hyper",
            "rustls",
            "lettre",
            "actix-web",
        ],
    ),
];

/// Only the transcoder may link libav, so that a file that crashes it crashes nothing else.
const LIBAV: &str = "ffmpeg-sys-next";

fn arrows(packages: &[Package]) -> Vec<Breach> {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut breaches = Vec::new();
    for package in packages.iter().filter(|package| !BESIDE_THE_PROGRAM.contains(&package.name.as_str())) {
        let Some(may_use) = allowed.get(package.name.as_str()) else {
            breaches
                .push(Breach::new(&package.name, "is not in the table of rooms; add it to the design first"));
            continue;
        };
        for need in
            linked_needs(package).filter(|need| need.is_ours && !may_use.contains(&need.name.as_str()))
        {
            let message = format!("uses `{}`; it may use only {may_use:?}", need.name);
            breaches.push(Breach::new(&package.name, message));
        }
    }
    breaches
}

fn owners(packages: &[Package]) -> Vec<Breach> {
    let owners: BTreeMap<&str, &[&str]> = OWNERS.iter().copied().collect();
    let mut breaches = Vec::new();
    for package in packages.iter().filter(|package| !BESIDE_THE_PROGRAM.contains(&package.name.as_str())) {
        for need in linked_needs(package) {
            let owner = owners.get(need.name.as_str());
            if owner.is_some_and(|owner| !owner.contains(&package.name.as_str())) {
                let message = format!(
                    "depends on `{}`, which belongs to {:?} alone",
                    need.name,
                    owner.unwrap_or(&&[][..])
                );
                breaches.push(Breach::new(&package.name, message));
            }
        }
    }
    breaches
}

fn linked_needs(package: &Package) -> impl Iterator<Item = &Need> {
    package.needs.iter().filter(|need| !need.is_dev)
}

/// Codecs sit behind a feature of `media` that only the transcoder turns on.
fn codecs(packages: &[Package]) -> Vec<Breach> {
    let turns_on =
        |need: &&Need| need.name == "media" && need.features.iter().any(|feature| feature == "codecs");
    packages
        .iter()
        .filter(|package| {
            package.name != "transcoder" && !BESIDE_THE_PROGRAM.contains(&package.name.as_str())
        })
        .filter(|package| linked_needs(package).any(|need| turns_on(&need)))
        .map(|package| {
            Breach::new(&package.name, "turns on the `codecs` feature of media; only transcoder may")
        })
        .collect()
}

fn reachable(linked: &BTreeMap<String, BTreeSet<String>>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (package, forbidden) in UNREACHABLE {
        let Some(reached) = linked.get(*package) else {
            breaches.push(Breach::new(*package, "is named by a rule and does not exist"));
            continue;
        };
        for name in forbidden.iter().filter(|name| reached.contains(**name)) {
            breaches.push(Breach::new(
                *package,
                format!("ends up linked with `{name}`, which it must never hold"),
            ));
        }
    }
    for (package, _) in
        linked.iter().filter(|(package, reached)| *package != "transcoder" && reached.contains(LIBAV))
    {
        breaches.push(Breach::new(package, "ends up linked with libav; only transcoder may"));
    }
    breaches
}

#[test]
fn packages_use_each_other_only_along_the_arrows() {
    assert_kept(arrows(&workspace::packages()));
}

#[test]
fn an_outside_package_with_an_owner_is_used_by_its_owner_alone() {
    assert_kept(owners(&workspace::packages()));
}

#[test]
fn codecs_are_switched_on_by_the_transcoder_alone() {
    assert_kept(codecs(&workspace::packages()));
}

#[test]
fn the_transcoder_holds_no_client_and_nobody_else_holds_libav() {
    assert_kept(reachable(&workspace::linked()));
}

mod proofs {
    use super::*;

    fn package(name: &str, needs: &[(&str, bool, bool)]) -> Package {
        let need = |(name, is_ours, is_dev): &(&str, bool, bool)| Need {
            name: (*name).into(),
            is_ours: *is_ours,
            is_dev: *is_dev,
            features: vec!["codecs".into()],
        };
        Package {
            name: name.into(),
            folder: format!("crates/{name}"),
            needs: needs.iter().map(need).collect(),
        }
    }

    #[test]
    fn a_sideways_arrow_is_a_breach() {
        assert_eq!(arrows(&[package("feeds", &[("store", true, false)])]).len(), 1);
        assert_eq!(arrows(&[package("feeds", &[("store", true, true), ("domain", true, false)])]), []);
        assert_eq!(arrows(&[package("app", &[("testkit", true, false)])]).len(), 1);
    }

    #[test]
    fn a_room_outside_the_plan_is_a_breach() {
        assert_eq!(arrows(&[package("cellar", &[])]).len(), 1);
    }

    #[test]
    fn somebody_elses_outside_package_is_a_breach() {
        assert_eq!(owners(&[package("app", &[("diesel", false, false)])]).len(), 1);
        assert_eq!(owners(&[package("feeds", &[("rss", false, false)])]).len(), 1);
        assert_eq!(
            owners(&[
                package("feeds", &[("rss", false, true)]),
                package("store", &[("diesel", false, false)])
            ]),
            []
        );
    }

    #[test]
    fn codecs_in_the_web_are_a_breach() {
        assert_eq!(codecs(&[package("app", &[("media", true, false)])]).len(), 1);
        assert_eq!(codecs(&[package("transcoder", &[("media", true, false)])]), []);
    }

    #[test]
    fn a_deeply_hidden_client_is_a_breach() {
        let linked = |package: &str, name: &str| (package.to_owned(), BTreeSet::from([name.to_owned()]));
        let clean = [linked("domain", "serde"), linked("feeds", "serde"), linked("transcoder", LIBAV)];
        assert_eq!(reachable(&clean.clone().into()), []);
        assert_eq!(
            reachable(&[clean[0].clone(), clean[1].clone(), linked("transcoder", "rustls")].into()).len(),
            1
        );
        assert_eq!(reachable(&[clean[0].clone(), linked("feeds", LIBAV), clean[2].clone()].into()).len(), 1);
    }
}

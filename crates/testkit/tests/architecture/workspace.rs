//! What the rules look at: the packages of the workspace as cargo knows them, and the text of every source file.

use super::tokens::{self, Token};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A package of ours and what its manifest asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Package {
    /// Its short name: `store` for `balado-store`, `balado` for the program.
    pub(crate) name: String,
    /// Its folder, relative to the workspace, with `/`.
    pub(crate) folder: String,
    pub(crate) needs: Vec<Need>,
}

/// One line of a manifest's dependencies.
#[derive(Debug, Clone)]
pub(crate) struct Need {
    /// The package asked for; our own by their short name.
    pub(crate) name: String,
    pub(crate) is_ours: bool,
    /// True when only tests, benches and examples get it.
    pub(crate) is_dev: bool,
    pub(crate) features: Vec<String>,
}

/// One text file of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Short name of the package it belongs to, or empty.
    pub(crate) package: String,
    /// Path relative to the workspace, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// Tokens of a Rust file without its tests; empty for test files and other languages.
    pub(crate) tokens: Vec<Token>,
    pub(crate) is_test: bool,
    test_modules: Vec<String>,
}

impl Source {
    pub(crate) fn new(package: &str, path: &str, text: &str) -> Self {
        let read = if path.ends_with(".rs") { tokens::read(path, text) } else { tokens::Tokens::default() };
        let mut source = Self {
            package: package.into(),
            path: path.into(),
            text: text.into(),
            tokens: read.product,
            is_test: false,
            test_modules: read.test_modules,
        };
        if is_test_path(path) || matches!(package, "testkit" | "benches") {
            source.set_test();
        }
        source
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    pub(crate) fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.path)
    }

    fn set_test(&mut self) {
        self.is_test = true;
        self.tokens.clear();
    }

    /// Paths, without `.rs`, of the modules this file declares for tests only.
    fn test_module_paths(&self) -> Vec<String> {
        let stem = self.path.trim_end_matches(".rs");
        let folder = match stem.rsplit_once('/') {
            Some((folder, "lib" | "main")) => folder,
            _ => stem,
        };
        self.test_modules.iter().map(|name| format!("{folder}/{name}")).collect()
    }
}

fn is_test_path(path: &str) -> bool {
    path.split('/')
        .any(|part| matches!(part, "tests" | "benches" | "examples" | "e2e" | "tests.rs" | "build.rs"))
}

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("testkit lies two folders deep")
        .to_path_buf()
}

fn short(name: &str) -> String {
    name.strip_prefix("balado-").unwrap_or(name).to_owned()
}

/// Our packages, from their manifests.
pub(crate) fn packages() -> Vec<Package> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo describes the workspace");
    let ours: BTreeSet<String> = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    metadata.packages.iter().map(|package| describe(package, &ours)).collect()
}

fn describe(package: &cargo_metadata::Package, ours: &BTreeSet<String>) -> Package {
    let folder = package.manifest_path.parent().expect("a manifest lies in a folder");
    let needs = package.dependencies.iter().map(|dependency| {
        let is_ours = ours.contains(&dependency.name);
        Need {
            name: if is_ours { short(&dependency.name) } else { dependency.name.clone() },
            is_ours,
            is_dev: dependency.kind == DependencyKind::Development,
            features: dependency.features.clone(),
        }
    });
    Package {
        name: short(&package.name),
        folder: folder.as_str().trim_start_matches(&*root().to_string_lossy()).trim_start_matches('/').into(),
        needs: needs.collect(),
    }
}

/// For each package of ours, every package that is linked into it, however deep. Tests and build scripts apart.
pub(crate) fn linked() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(["--offline", "--filter-platform", "x86_64-unknown-linux-gnu"].map(String::from))
        .exec()
        .expect("cargo resolves the workspace from the lock file, offline");
    let names: BTreeMap<_, _> =
        metadata.packages.iter().map(|package| (&package.id, package.name.as_str())).collect();
    let edges = normal_edges(&metadata);
    metadata
        .workspace_members
        .iter()
        .map(|member| {
            let reached = reach(member, &edges);
            (short(names[member]), reached.into_iter().map(|id| names[id].to_owned()).collect())
        })
        .collect()
}

type Edges<'a> = BTreeMap<&'a cargo_metadata::PackageId, Vec<&'a cargo_metadata::PackageId>>;

fn normal_edges(metadata: &Metadata) -> Edges<'_> {
    let resolve = metadata.resolve.as_ref().expect("cargo resolved the workspace");
    resolve
        .nodes
        .iter()
        .map(|node| {
            let normal = node.deps.iter().filter(|dependency| {
                dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
            });
            (&node.id, normal.map(|dependency| &dependency.pkg).collect())
        })
        .collect()
}

fn reach<'a>(
    from: &'a cargo_metadata::PackageId,
    edges: &Edges<'a>,
) -> BTreeSet<&'a cargo_metadata::PackageId> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(id) = waiting.pop() {
        for next in edges.get(id).into_iter().flatten() {
            if reached.insert(*next) {
                waiting.push(next);
            }
        }
    }
    reached
}

/// Where people write sources.
const TREES: &[&str] = &["crates", "transcoder", "feeds", "web", "benches", "scripts"];

/// Folders that tools fill.
const BUILT: &[&str] = &["target", "node_modules", "dist"];

/// Every source file of the workspace.
pub(crate) fn sources() -> Vec<Source> {
    let root = root();
    let mut paths = Vec::new();
    for tree in TREES {
        walk(&root.join(tree), &mut paths);
    }
    paths.sort();
    let packages = packages();
    let mut sources: Vec<Source> = paths
        .iter()
        .map(|path| {
            let relative =
                path.strip_prefix(&root).expect("a walked path is inside").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{relative}: {error}"));
            Source::new(package_of(&relative, &packages), &relative, &text)
        })
        .collect();
    mark_test_modules(&mut sources);
    sources
}

/// A module declared `#[cfg(test)] mod name;` makes its file, and the folder of the same name, test code.
pub(crate) fn mark_test_modules(sources: &mut [Source]) {
    let declared: Vec<String> = sources.iter().flat_map(Source::test_module_paths).collect();
    for source in sources {
        let is_declared = |path: &String| {
            source.path.strip_prefix(path.as_str()).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        if declared.iter().any(is_declared) {
            source.set_test();
        }
    }
}

fn package_of<'a>(path: &str, packages: &'a [Package]) -> &'a str {
    let holds =
        |package: &&Package| path.strip_prefix(&package.folder).is_some_and(|rest| rest.starts_with('/'));
    packages.iter().find(holds).map_or("", |package| package.name.as_str())
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let entry = entry.expect("a folder of the workspace is readable");
        let name = entry.file_name().to_string_lossy().into_owned();
        // A link is neither: following it could leave the workspace.
        let kind = entry.file_type().expect("an entry has a type");
        if kind.is_dir() && !name.starts_with('.') && !BUILT.contains(&name.as_str()) {
            walk(&entry.path(), into);
        } else if kind.is_file() && is_source(&entry.path()) {
            into.push(entry.path());
        }
    }
}

/// Languages people write here, and the scripts, which carry no extension.
fn is_source(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned());
    match extension.as_deref() {
        Some("rs" | "ts" | "mjs" | "js" | "css" | "html" | "sql" | "ftl" | "sh" | "py") => true,
        None => path.parent().is_some_and(|folder| folder.ends_with("scripts")),
        Some(_) => false,
    }
}

#[test]
fn a_module_declared_for_tests_is_test_code_in_its_own_file() {
    let mut sources = [
        Source::new("app", "crates/app/src/jobs.rs", "#[cfg(test)]\nmod proofs;\n"),
        Source::new("app", "crates/app/src/jobs/proofs.rs", "fn now() { Utc::now(); }"),
        Source::new("app", "crates/app/src/jobs/claim.rs", "fn claim() {}"),
    ];
    mark_test_modules(&mut sources);
    assert_eq!(sources.map(|source| source.is_test), [false, true, false]);
}

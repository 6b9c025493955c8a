//! Landlock: which files this process and its converters may touch, and that they may open no TCP port.

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
};

/// Programs, libraries, fonts and what they read to start. Nothing of a person, nothing of Balado.
pub(super) const READABLE: [&str; 15] = [
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/libreoffice",
    "/etc/localtime",
    "/etc/papersize",
    "/var/lib/libreoffice",
    "/var/spool/libreoffice",
    "/var/cache/fontconfig",
    "/dev/urandom",
    "/dev/zero",
];

/// Confines this process to the current folder and to [`READABLE`]. Gives the status and the kernel's ABI.
///
/// # Errors
/// When files are not confined at all.
pub(super) fn confine() -> Result<String, String> {
    let status = ruleset().map_err(|e| e.to_string())?.restrict_self().map_err(|e| e.to_string())?;
    let abi = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => format!("{effective_abi:?}"),
        other => format!("{other:?}"),
    };
    match status.ruleset {
        RulesetStatus::FullyEnforced => Ok(format!("fully ({abi})")),
        // Kernels before 6.7 know files but not ports; the system call filter closes those.
        RulesetStatus::PartiallyEnforced => Ok(format!("partially ({abi})")),
        RulesetStatus::NotEnforced => Err(format!("not enforced ({abi})")),
    }
}

fn ruleset() -> Result<RulesetCreated, landlock::RulesetError> {
    let abi = ABI::V7;
    let read = AccessFs::from_read(abi);
    let work = AccessFs::from_all(abi) & !BitFlags::from(AccessFs::Execute);
    let device = AccessFs::ReadFile | AccessFs::WriteFile;
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?;
    for path in READABLE {
        ruleset = allow(ruleset, path, read)?;
    }
    ruleset = allow(ruleset, "/dev/null", device)?;
    // Its own entry alone: that of the worker would give away the worker's environment.
    ruleset = allow(ruleset, "/proc/self", AccessFs::ReadFile | AccessFs::ReadDir)?;
    allow(ruleset, ".", work)
}

/// A path this machine does not have needs no rule.
fn allow(
    ruleset: RulesetCreated,
    path: &str,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, landlock::RulesetError> {
    let Ok(folder) = PathFd::new(path) else { return Ok(ruleset) };
    let access =
        if std::path::Path::new(path).is_dir() { access } else { access & AccessFs::from_file(ABI::V7) };
    ruleset.add_rule(PathBeneath::new(folder, access))
}

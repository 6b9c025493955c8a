//! Whose process this is. The kernel counts no process of root, so root steps down to nobody: then the limits hold, and
//! what gets out of a decoder is nobody.

use nix::unistd::{Gid, Uid, chown, geteuid, setgroups, setresgid, setresuid};
use std::path::Path;

/// Owns nothing on any Linux (`nobody`, `nogroup`).
const NOBODY: u32 = 65_534;

/// What root needs to step down, and to come back if this machine gives it no ground to stand on as nobody.
pub(super) struct Identity {
    was_root: bool,
}

impl Identity {
    /// Steps down when this is root. The way back stays open until [`Identity::settle`].
    ///
    /// # Errors
    /// When root cannot step down.
    pub(super) fn step_down() -> Result<Self, String> {
        let was_root = geteuid().is_root();
        if was_root {
            give_scratch_to(NOBODY)?;
            let (user, group, root) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY), Uid::from_raw(0));
            setgroups(&[group])
                .and_then(|()| setresgid(group, group, Gid::from_raw(0)))
                .and_then(|()| setresuid(user, user, root))
                .map_err(|e| e.to_string())?;
            // A change of user closes /proc/self, which the maps of a user namespace are written to.
            nix::sys::prctl::set_dumpable(true).map_err(|e| e.to_string())?;
        }
        Ok(Self { was_root })
    }

    /// Takes root's rights up again: without a user namespace, only they make the other ones.
    pub(super) fn step_up(&self) -> Result<(), String> {
        if self.was_root {
            let root = (Uid::from_raw(0), Gid::from_raw(0));
            setresuid(root.0, root.0, root.0)
                .and_then(|()| setresgid(root.1, root.1, root.1))
                .map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    /// Stays root: nobody could not reach a scratch folder that lies in folders of root.
    pub(super) fn stay(&self) -> Result<(), String> {
        if self.was_root { give_scratch_to(0) } else { Ok(()) }
    }

    /// Whether nobody can work where root was started.
    pub(super) fn refuse_if_root(&self, why: String) -> Result<(), String> {
        if self.was_root { Err(format!("{why}; run as another user than root")) } else { Ok(()) }
    }

    /// Closes the way back.
    pub(super) fn settle(&self) -> Result<(), String> {
        if self.was_root {
            let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
            setresgid(group, group, group)
                .and_then(|()| setresuid(user, user, user))
                .map_err(|e| e.to_string())?;
        }
        Ok(())
    }
}

/// The scratch folder and what already lies in it.
fn give_scratch_to(user: u32) -> Result<(), String> {
    let give = |path: &Path| {
        let link = std::fs::symlink_metadata(path).is_ok_and(|facts| facts.file_type().is_symlink());
        if link { Ok(()) } else { chown(path, Some(Uid::from_raw(user)), Some(Gid::from_raw(user))) }
    };
    give(Path::new(".")).map_err(|e| e.to_string())?;
    for entry in std::fs::read_dir(".").map_err(|e| e.to_string())? {
        give(&entry.map_err(|e| e.to_string())?.path()).map_err(|e| e.to_string())?;
    }
    Ok(())
}

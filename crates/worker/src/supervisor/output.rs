//! Takes what a child says it made out of its reach, then checks it, before anybody else touches it.

use balado_domain::deposit::RenditionKind;
use balado_media::wire::Output;
use balado_media::{Peaks, Waveform, readback};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

/// What a child made, checked.
#[derive(Debug, Clone)]
pub struct Made {
    /// What it is.
    pub output: Output,
    /// Its bytes, in a file that has no name: whatever the child does to its own, these stay as they were checked.
    pub file: Arc<File>,
}

impl Made {
    /// Copies it to `to`, over what is there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, to: &Path) -> std::io::Result<()> {
        let mut from = self.file.as_ref();
        from.rewind()?;
        std::io::copy(&mut from, &mut File::create(to)?)?;
        Ok(())
    }
}

/// Opens an output of a child. A name with a folder in it, a link or anything but a file is an attack, not an output.
///
/// # Errors
/// When it is such, or its size is not the one told.
fn open_output(scratch: &Path, output: &Output) -> std::io::Result<File> {
    let plain =
        !output.path.is_empty() && !output.path.contains(['/', '\0']) && !output.path.starts_with('.');
    if !plain {
        return Err(std::io::Error::other("an output's name is not plain"));
    }
    let flags = nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK | nix::libc::O_CLOEXEC;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(scratch.join(&output.path))?;
    let facts = file.metadata()?;
    if !facts.is_file() || i64::try_from(facts.len()).ok() != Some(output.size_bytes) {
        return Err(std::io::Error::other("an output is not the file it was told to be"));
    }
    Ok(file)
}

/// Copies an output to a file without a name, beside the folder of the child, and checks that it reads back as what it
/// should be.
pub(super) async fn take(scratch: &Path, output: Output) -> Result<Made, String> {
    let scratch = scratch.to_owned();
    let taken = tokio::task::spawn_blocking(move || {
        let mut file = copy_of(&scratch, &output).map_err(|error| error.to_string())?;
        reads_back(&file, &output)?;
        file.rewind().map_err(|error| error.to_string())?;
        Ok(Made { output, file: Arc::new(file) })
    });
    taken.await.map_err(|error| error.to_string())?
}

fn copy_of(scratch: &Path, output: &Output) -> std::io::Result<File> {
    let size = u64::try_from(output.size_bytes).unwrap_or(0);
    let mut from = open_output(scratch, output)?.take(size);
    let mut copy = tempfile::tempfile_in(scratch.parent().unwrap_or(scratch))?;
    if std::io::copy(&mut from, &mut copy)? != size {
        return Err(std::io::Error::other("an output shrank while it was taken"));
    }
    copy.rewind()?;
    Ok(copy)
}

fn reads_back(file: &File, output: &Output) -> Result<(), String> {
    if output.media_type != output.kind.media_type() {
        return Err(format!("an output of kind {} claims to be {}", output.kind, output.media_type));
    }
    let size = u64::try_from(output.size_bytes).unwrap_or(0);
    let result = match output.kind {
        RenditionKind::Mp3 => readback::read_mp3(file).map(|_| ()),
        RenditionKind::Mp4 | RenditionKind::Light | RenditionKind::Aac => {
            readback::read_mp4(BufReader::new(file), size).map(|_| ())
        }
        RenditionKind::Jpeg | RenditionKind::Poster | RenditionKind::Sprite => {
            readback::read_jpeg(&whole(file)?).map(|_| ())
        }
        RenditionKind::Waveform => Waveform::from_json(&whole(file)?).map(|_| ()),
        RenditionKind::Peaks => Peaks::from_bytes(&whole(file)?).map(|_| ()),
        RenditionKind::Text => {
            return std::str::from_utf8(&whole(file)?).map(|_| ()).map_err(|error| error.to_string());
        }
        RenditionKind::Pdf => {
            let mut start = [0_u8; 5];
            let is_pdf = BufReader::new(file).read_exact(&mut start).is_ok() && &start == b"%PDF-";
            return if is_pdf { Ok(()) } else { Err("an output is not a PDF".to_owned()) };
        }
    };
    result.map_err(|error| error.to_string())
}

/// Pictures and waveforms are small; one that is not is refused before it fills the memory.
fn whole(file: &File) -> Result<Vec<u8>, String> {
    const LARGEST: u64 = 64 * 1024 * 1024;
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

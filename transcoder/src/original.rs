//! The original: a whole file, or a stream that is still arriving. A stream is kept in the scratch folder as it passes,
//! so that what needs it a second time can read it again, unless nothing will.

use crate::error::{Error, Result};
use crate::session::Session;
use balado_media::sniff::{SNIFF_BYTES, sound_behind_lying_tag};
use balado_media::wire::Input;
use balado_media::{BoxWalk, Format, examine};
use nix::libc;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::FromRawFd;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a passing stream is kept, in the scratch folder.
const KEPT: &str = "original.tmp";

/// Bytes read at once of what nobody decodes.
const PIECE_BYTES: usize = 64 * 1024;

/// The bytes to work on.
pub struct Original {
    head: Vec<u8>,
    bytes: Bytes,
    /// Bytes at the beginning that nobody is shown.
    hidden: u64,
    keeping: Keeping,
}

/// Whether what passes of a stream will be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeping {
    /// All of it is kept in the scratch folder.
    All,
    /// One pass is all there will be.
    Nothing,
}

enum Bytes {
    Whole(File),
    /// A pipe whose first bytes are the head, and what has passed of it.
    Arriving(File, Arc<Mutex<Passed>>),
    /// All of it has passed, and nothing was kept.
    Gone,
}

/// What is known of the part of a stream that has passed.
struct Passed {
    bytes: u64,
    boxes: Option<BoxWalk>,
    kept: Option<File>,
}

impl Original {
    /// Opens what the request names and reads its head.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    pub fn open(input: &Input) -> Result<Self> {
        let mut file = match input {
            Input::Path(name) => open_in_scratch(name)?,
            Input::Fd3 => descriptor_three()?,
        };
        let whole = file.metadata()?.is_file();
        if whole {
            // The descriptor is shared with the worker, which may have read from it.
            file.seek(SeekFrom::Start(0))?;
        }
        let mut head = Vec::with_capacity(SNIFF_BYTES);
        (&file).take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
        let passed = Passed { bytes: 0, boxes: None, kept: None };
        let bytes =
            if whole { Bytes::Whole(file) } else { Bytes::Arriving(file, Arc::new(Mutex::new(passed))) };
        Ok(Self { head, bytes, hidden: 0, keeping: Keeping::All })
    }

    /// Nothing of a stream will be read a second time. Without this word all of it is kept.
    ///
    /// # Errors
    /// When what was kept so far cannot be removed.
    pub fn keep_nothing(&mut self) -> Result<()> {
        self.keeping = Keeping::Nothing;
        if let Bytes::Arriving(_, passed) = &self.bytes
            && lock(passed).kept.take().is_some()
        {
            std::fs::remove_file(KEPT)?;
        }
        Ok(())
    }

    /// The first [`SNIFF_BYTES`] bytes, or all there are.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Reads the whole file from its start, when it is whole. Readers do not disturb each other.
    ///
    /// # Errors
    /// When it is still arriving, or cannot be read.
    pub fn reader(&self) -> Result<Reader> {
        match &self.bytes {
            Bytes::Whole(file) => {
                let size = file.metadata()?.len().saturating_sub(self.hidden);
                Ok(Reader { file: file.try_clone()?, hidden: self.hidden, at: 0, size })
            }
            Bytes::Arriving(..) => Err(Error::Fault("the original is still arriving".to_owned())),
            Bytes::Gone => Err(Error::Fault("the original was not kept".to_owned())),
        }
    }

    /// Bytes of the file, when it is whole.
    ///
    /// # Errors
    /// When it is still arriving.
    pub fn size(&self) -> Result<u64> {
        Ok(self.reader()?.size)
    }

    /// Hides an ID3 tag that claims to be longer than the file: libav would believe it and find no sound.
    ///
    /// # Errors
    /// When the file is still arriving.
    pub fn skip_lying_tag(&mut self) -> Result<()> {
        if let Some(start) = sound_behind_lying_tag(&self.head, self.size()?) {
            self.hidden = start as u64;
        }
        Ok(())
    }

    /// Whether bytes are still to come.
    pub fn is_arriving(&self) -> bool {
        matches!(self.bytes, Bytes::Arriving(..))
    }

    /// The stream as it arrives, each byte kept before it is given if it is to be kept at all.
    ///
    /// # Errors
    /// When the file is whole already, or cannot be kept.
    pub fn follow(&self) -> Result<Follower> {
        let Bytes::Arriving(pipe, passed) = &self.bytes else {
            return Err(Error::Fault("there is nothing to follow".to_owned()));
        };
        let mut now = lock(passed);
        if self.keeping == Keeping::All {
            now.kept = Some(File::create(KEPT)?);
        }
        if examine(&self.head).is_ok_and(|sniffed| sniffed.format == Format::IsoMedia) {
            now.boxes = Some(BoxWalk::default());
        }
        now.take(&self.head)?;
        drop(now);
        Ok(Follower { head: self.head.clone(), at: 0, pipe: pipe.try_clone()?, passed: Arc::clone(passed) })
    }

    /// Waits for the end of a stream and for the worker's word that all of it came. It is a whole file then, if it was
    /// to be kept.
    ///
    /// # Errors
    /// When it broke off, or ends where no whole file of its format does.
    pub fn settle(&mut self, session: &Session) -> Result<()> {
        if !self.is_arriving() {
            return Ok(());
        }
        if let Bytes::Arriving(_, passed) = &self.bytes
            && lock(passed).bytes == 0
        {
            drop(self.follow()?);
        }
        if let Bytes::Arriving(pipe, passed) = &mut self.bytes {
            let mut rest = vec![0_u8; PIECE_BYTES];
            loop {
                let count = pipe.read(&mut rest)?;
                if count == 0 {
                    break;
                }
                lock(passed).take(rest.get(..count).unwrap_or(&[]))?;
            }
            let passed = lock(passed);
            session.confirm_complete(passed.bytes)?;
            if let Some(Err(code)) = passed.boxes.as_ref().map(BoxWalk::end) {
                return Err(Error::refused(code, format!("its boxes do not end at {}", passed.bytes)));
            }
        }
        self.bytes = match self.keeping {
            Keeping::All => Bytes::Whole(File::open(KEPT)?),
            Keeping::Nothing => Bytes::Gone,
        };
        Ok(())
    }
}

impl Passed {
    fn take(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.bytes += bytes.len() as u64;
        if let Some(boxes) = &mut self.boxes {
            boxes.take(bytes);
        }
        match &mut self.kept {
            Some(kept) => kept.write_all(bytes),
            None => Ok(()),
        }
    }
}

fn lock(passed: &Mutex<Passed>) -> MutexGuard<'_, Passed> {
    passed.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads a whole file at its own place.
pub struct Reader {
    file: File,
    hidden: u64,
    at: u64,
    size: u64,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read_at(buffer, self.hidden.saturating_add(self.at))?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let (base, offset) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(offset) => (self.size, offset),
            SeekFrom::Current(offset) => (self.at, offset),
        };
        let outside = || std::io::Error::from(std::io::ErrorKind::InvalidInput);
        self.at = base.checked_add_signed(offset).ok_or_else(outside)?;
        Ok(self.at)
    }
}

/// Reads a stream to its end.
pub struct Follower {
    head: Vec<u8>,
    at: usize,
    pipe: File,
    passed: Arc<Mutex<Passed>>,
}

impl Read for Follower {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut rest = self.head.get(self.at..).unwrap_or(&[]);
        if !rest.is_empty() {
            let count = rest.read(buffer)?;
            self.at += count;
            return Ok(count);
        }
        let count = self.pipe.read(buffer)?;
        lock(&self.passed).take(buffer.get(..count).unwrap_or(&[]))?;
        Ok(count)
    }
}

/// A plain name of the scratch folder: neither a path nor a link.
fn open_in_scratch(name: &str) -> Result<File> {
    let plain = !name.is_empty() && !name.contains('/') && name != "." && name != "..";
    if !plain || std::fs::symlink_metadata(name)?.file_type().is_symlink() {
        return Err(Error::Fault("the input is not a file of the scratch folder".to_owned()));
    }
    Ok(File::open(name)?)
}

fn descriptor_three() -> Result<File> {
    // SAFETY: fcntl with F_GETFD reads no memory; it only tells whether the descriptor is open.
    if unsafe { libc::fcntl(3, libc::F_GETFD) } < 0 {
        return Err(Error::Fault("descriptor 3 is not open".to_owned()));
    }
    // Converters must not inherit it.
    // SAFETY: as above; F_SETFD takes an integer.
    unsafe { libc::fcntl(3, libc::F_SETFD, libc::FD_CLOEXEC) };
    // SAFETY: the descriptor is open, was given to us by the worker for this purpose, and nothing else in this
    // process owns it: this function is called once per process, for its one request.
    Ok(unsafe { File::from_raw_fd(3) })
}

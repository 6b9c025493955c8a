//! Deposits: a file given by a person, from its first byte to its renditions.

use crate::{DepositId, PersonId, RenditionId, SchoolId, SchoolYearId, Timestamp, text_enum};

text_enum! {
    /// What a file is made of; decides its recipe and outputs (DESIGN §6).
    pub enum Family {
        /// Sound only.
        Audio = "audio",
        /// Moving pictures, with or without sound.
        Video = "video",
        /// A still picture.
        Image = "image",
        /// A text or office document.
        Document = "document",
    }
}

text_enum! {
    /// Where a deposit stands.
    pub enum DepositState {
        /// Bytes are arriving, or the sender is away and may come back.
        Receiving = "receiving",
        /// Every byte is here and durable; work is queued or running.
        Received = "received",
        /// All required outputs exist.
        Ready = "ready",
        /// The file cannot be converted, or every attempt failed. The original is kept.
        Failed = "failed",
        /// The sender gave up or never came back; nothing is kept.
        Abandoned = "abandoned",
    }
}

text_enum! {
    /// Why a deposit was made.
    pub enum Purpose {
        /// To be published.
        Resource = "resource",
        /// As an answer to an assignment.
        Submission = "submission",
    }
}

/// A file given by a person, and its fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposit {
    /// Its id; also the id of its upload.
    pub id: DepositId,
    /// The school it counts for.
    pub school_id: SchoolId,
    /// The school year it belongs to.
    pub school_year_id: SchoolYearId,
    /// Who it belongs to.
    pub owner_id: PersonId,
    /// Why it was made.
    pub purpose: Purpose,
    /// The name the sender's file had; shown, never used as a path.
    pub original_name: String,
    /// What it turned out to be; known once sniffed.
    pub family: Option<Family>,
    /// Media type found by looking at the content, from our own table.
    pub media_type: Option<String>,
    /// Where it stands.
    pub state: DepositState,
    /// Durable bytes while receiving, the file's size after.
    pub size_bytes: i64,
    /// SHA-256 of the original, lower-case hex; known once received.
    pub sha256: Option<String>,
    /// Stable code of the failure, when failed.
    pub failure_code: Option<String>,
    /// The deposit this one was cut from.
    pub derived_from: Option<DepositId>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When the last byte was durable.
    pub received_at: Option<Timestamp>,
    /// When the last required output was recorded.
    pub ready_at: Option<Timestamp>,
}

/// The growing part of a deposit while it is received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The deposit it feeds.
    pub deposit_id: DepositId,
    /// Who may continue it.
    pub owner_id: PersonId,
    /// Total length in bytes, once declared.
    pub length: Option<i64>,
    /// Durable bytes so far.
    pub offset: i64,
    /// The raw `Upload-Metadata` value, returned unchanged on HEAD.
    pub metadata: String,
    /// When an unfinished upload is given up; activity pushes it.
    pub expires_at: Timestamp,
}

/// One stored piece of an upload on an object store: bytes `[start, start + size)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadSegment {
    /// First byte of the piece in the upload.
    pub start: i64,
    /// Bytes in the piece.
    pub size: i64,
    /// Object key of the piece.
    pub key: String,
}

text_enum! {
    /// What a rendition is for.
    pub enum RenditionKind {
        /// `audio/mpeg`.
        Mp3 = "mp3",
        /// `video/mp4`, H.264 and AAC, fast start.
        Mp4 = "mp4",
        /// `image/jpeg`: the picture itself.
        Jpeg = "jpeg",
        /// `application/pdf`.
        Pdf = "pdf",
        /// `image/jpeg`: a frame of a video or page 1 of a document.
        Poster = "poster",
        /// `application/json`: peaks for drawing the sound.
        Waveform = "waveform",
        /// `application/octet-stream`: the same peaks, finer, for the cutter.
        Peaks = "peaks",
        /// `audio/mp4`: the sound of a film on its way into its MP4, gone when that is made.
        Aac = "aac",
        /// `video/mp4`, small: for old telephones and thin data plans.
        Light = "light",
        /// `image/jpeg`: many small pictures of a video in one, for looking ahead in it.
        Sprite = "sprite",
        /// `text/plain`: the words of a document, for search.
        Text = "text",
    }
}

impl RenditionKind {
    /// The media type every rendition of this kind is served as.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Mp3 => "audio/mpeg",
            Self::Mp4 | Self::Light => "video/mp4",
            Self::Aac => "audio/mp4",
            Self::Jpeg | Self::Poster | Self::Sprite => "image/jpeg",
            Self::Pdf => "application/pdf",
            Self::Waveform => "application/json",
            Self::Peaks => "application/octet-stream",
            Self::Text => "text/plain; charset=utf-8",
        }
    }

    /// The file extension every rendition of this kind is served with, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Mp3 => "mp3",
            Self::Mp4 | Self::Light => "mp4",
            Self::Aac => "m4a",
            Self::Jpeg | Self::Poster | Self::Sprite => "jpg",
            Self::Pdf => "pdf",
            Self::Waveform => "json",
            Self::Peaks => "dat",
            Self::Text => "txt",
        }
    }

    /// Whether it is made of sound alone: of a film, before its pictures are looked at.
    #[must_use]
    pub fn is_of_sound(self) -> bool {
        matches!(self, Self::Mp3 | Self::Waveform | Self::Peaks)
    }

    /// Whether it only serves to make another: nobody is shown it.
    #[must_use]
    pub fn is_interim(self) -> bool {
        self == Self::Aac
    }

    /// Whether it shows what was deposited, as opposed to helping a page draw, find or announce it.
    #[must_use]
    pub fn is_content(self) -> bool {
        matches!(self, Self::Mp3 | Self::Mp4 | Self::Light | Self::Jpeg | Self::Pdf)
    }
}

impl Family {
    /// The rendition that becomes the enclosure of a publication of this family.
    #[must_use]
    pub fn enclosure_kind(self) -> RenditionKind {
        match self {
            Self::Audio => RenditionKind::Mp3,
            Self::Video => RenditionKind::Mp4,
            Self::Image => RenditionKind::Jpeg,
            Self::Document => RenditionKind::Pdf,
        }
    }
}

/// One output of a deposit. Its blob is `{school}/{deposit}/{sha256}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// Its id.
    pub id: RenditionId,
    /// The deposit it was made from.
    pub deposit_id: DepositId,
    /// The school of the deposit.
    pub school_id: SchoolId,
    /// What it is for; unique with `recipe` in a deposit.
    pub kind: RenditionKind,
    /// Name and version of the recipe that made it, e.g. `standard-1`.
    pub recipe: String,
    /// Bytes.
    pub size_bytes: i64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// Playing time, for sound and video.
    pub duration_ms: Option<i64>,
    /// Pixels across.
    pub width: Option<i32>,
    /// Pixels down.
    pub height: Option<i32>,
    /// Pages, for a PDF.
    pub pages: Option<i32>,
    /// When it was recorded.
    pub created_at: Timestamp,
}

//! The formats Balado accepts, and our own media types for them.

use balado_domain::deposit::Family;
use balado_domain::text_enum;

text_enum! {
    /// A container, picture or document type that Balado accepts. Exactly these; there is no other way in.
    pub enum Format {
        /// MPEG-1/2 layer III frames.
        Mp3 = "mp3",
        /// MPEG-1/2 layer II frames.
        Mp2 = "mp2",
        /// AAC in ADTS frames.
        Adts = "adts",
        /// Native FLAC.
        Flac = "flac",
        /// RIFF or RF64 WAVE.
        Wav = "wav",
        /// AIFF or AIFF-C.
        Aiff = "aiff",
        /// AMR narrow or wide band.
        Amr = "amr",
        /// AC-3 or E-AC-3 frames.
        Ac3 = "ac3",
        /// Apple's Core Audio Format.
        Caf = "caf",
        /// Ogg: Opus, Vorbis, FLAC, Speex or Theora inside.
        Ogg = "ogg",
        /// MP4, M4A, MOV, 3GP: the ISO base media family.
        IsoMedia = "iso-media",
        /// Matroska or WebM.
        Matroska = "matroska",
        /// Windows Media: WMA or WMV.
        Asf = "asf",
        /// RIFF AVI.
        Avi = "avi",
        /// MPEG transport stream.
        MpegTs = "mpeg-ts",
        /// MPEG program stream or bare MPEG video.
        MpegPs = "mpeg-ps",
        /// Flash video.
        Flv = "flv",
        /// JPEG.
        Jpeg = "jpeg",
        /// PNG.
        Png = "png",
        /// WebP.
        Webp = "webp",
        /// TIFF.
        Tiff = "tiff",
        /// Windows bitmap.
        Bmp = "bmp",
        /// GIF, still or animated.
        Gif = "gif",
        /// HEIC and other HEIF pictures.
        Heif = "heif",
        /// AVIF.
        Avif = "avif",
        /// Word, since 2007.
        Docx = "docx",
        /// PowerPoint, since 2007.
        Pptx = "pptx",
        /// Excel, since 2007.
        Xlsx = "xlsx",
        /// An Office package whose main part lies beyond the head.
        Ooxml = "ooxml",
        /// OpenDocument text.
        Odt = "odt",
        /// OpenDocument presentation.
        Odp = "odp",
        /// OpenDocument spreadsheet.
        Ods = "ods",
        /// Word before 2007.
        Doc = "doc",
        /// PowerPoint before 2007.
        Ppt = "ppt",
        /// Excel before 2007.
        Xls = "xls",
        /// A compound file whose directory lies beyond the head.
        CompoundFile = "compound-file",
        /// Rich text.
        Rtf = "rtf",
        /// PDF.
        Pdf = "pdf",
        /// Plain text or Markdown.
        Text = "text",
        /// Comma, semicolon or tab separated values.
        Csv = "csv",
    }
}

impl Format {
    /// What such a file most often is.
    #[must_use]
    pub fn usual_family(self) -> Family {
        match self {
            Self::Mp3
            | Self::Mp2
            | Self::Adts
            | Self::Flac
            | Self::Wav
            | Self::Aiff
            | Self::Amr
            | Self::Ac3
            | Self::Caf
            | Self::Ogg => Family::Audio,
            Self::IsoMedia
            | Self::Matroska
            | Self::Asf
            | Self::Avi
            | Self::MpegTs
            | Self::MpegPs
            | Self::Flv => Family::Video,
            Self::Jpeg
            | Self::Png
            | Self::Webp
            | Self::Tiff
            | Self::Bmp
            | Self::Gif
            | Self::Heif
            | Self::Avif => Family::Image,
            _ => Family::Document,
        }
    }

    /// What such a file is called, once its family is known.
    #[must_use]
    pub fn media_type(self, family: Family) -> &'static str {
        let sound = family == Family::Audio;
        match self {
            Self::Mp3 | Self::Mp2 => "audio/mpeg",
            Self::Adts => "audio/aac",
            Self::Flac => "audio/flac",
            Self::Wav => "audio/wav",
            Self::Aiff => "audio/aiff",
            Self::Amr => "audio/amr",
            Self::Ac3 => "audio/ac3",
            Self::Caf => "audio/x-caf",
            Self::Ogg => pick(sound, "audio/ogg", "video/ogg"),
            Self::IsoMedia => pick(sound, "audio/mp4", "video/mp4"),
            Self::Matroska => pick(sound, "audio/webm", "video/webm"),
            Self::Asf => pick(sound, "audio/x-ms-wma", "video/x-ms-wmv"),
            Self::Avi => "video/x-msvideo",
            Self::MpegTs => "video/mp2t",
            Self::MpegPs => "video/mpeg",
            Self::Flv => "video/x-flv",
            _ => self.still_or_document_type(),
        }
    }

    fn still_or_document_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Tiff => "image/tiff",
            Self::Bmp => "image/bmp",
            Self::Gif => "image/gif",
            Self::Heif => "image/heic",
            Self::Avif => "image/avif",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Odp => "application/vnd.oasis.opendocument.presentation",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Doc => "application/msword",
            Self::Ppt => "application/vnd.ms-powerpoint",
            Self::Xls => "application/vnd.ms-excel",
            Self::Rtf => "application/rtf",
            Self::Pdf => "application/pdf",
            Self::Text => "text/plain",
            Self::Csv => "text/csv",
            _ => "application/octet-stream",
        }
    }
}

fn pick(first: bool, one: &'static str, other: &'static str) -> &'static str {
    if first { one } else { other }
}

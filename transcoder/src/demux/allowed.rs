//! What libav may run here: the demuxers and decoders of the formats we promise, and no others.
//!
//! Both lists are the service's surface of attack. What is not promised stays out, however easily libav would read it.

use balado_media::Format;

/// The decoders, by libav's names: for each coding the one libav itself chooses.
pub(super) const DECODERS: &[&str] = &[
    // Sound: MP3, MP2, AAC, Opus, Vorbis, Speex, FLAC, ALAC, Windows Media, AMR, AC-3 and its successor.
    "mp3float",
    "mp2",
    "aac",
    "opus",
    "vorbis",
    "speex",
    "flac",
    "alac",
    "wmav1",
    "wmav2",
    "wmapro",
    "wmavoice",
    "wmalossless",
    "amrnb",
    "amrwb",
    "ac3",
    "eac3",
    // Samples as WAV, AIFF, CAF and MOV store them; the last five as dictation machines and telephones do.
    "pcm_u8",
    "pcm_s8",
    "pcm_s16le",
    "pcm_s16be",
    "pcm_s24le",
    "pcm_s24be",
    "pcm_s32le",
    "pcm_s32be",
    "pcm_f32le",
    "pcm_f32be",
    "pcm_f64le",
    "pcm_f64be",
    "pcm_alaw",
    "pcm_mulaw",
    "adpcm_ms",
    "adpcm_ima_wav",
    "adpcm_ima_qt",
    // Pictures of MP4, MOV, WebM, Matroska, MPEG streams and Ogg.
    "h264",
    "hevc",
    "mpeg4",
    "prores",
    "mjpeg",
    "vp8",
    "vp9",
    "libdav1d",
    "ffv1",
    "mpeg1video",
    "mpeg2video",
    "theora",
    // What AVI, FLV, 3GP and Windows Media of their time hold: DivX 3, DV cameras, Flash, telephones.
    "msmpeg4",
    "dvvideo",
    "flv",
    "vp6f",
    "h263",
    "wmv1",
    "wmv2",
    "wmv3",
    "vc1",
    // Animations.
    "gif",
];

/// The demuxers that may open a file of this format. ID3 stands before AAC and FLAC too.
pub(super) fn demuxers(kind: Format) -> &'static str {
    match kind {
        Format::Mp3 | Format::Mp2 => "mp3,aac,flac",
        Format::Adts => "aac",
        Format::Flac => "flac",
        Format::Wav => "wav",
        Format::Aiff => "aiff",
        Format::Amr => "amr,amrnb,amrwb",
        Format::Ac3 => "ac3,eac3",
        Format::Caf => "caf",
        Format::Ogg => "ogg",
        Format::IsoMedia => "mov",
        Format::Matroska => "matroska",
        Format::Asf => "asf",
        Format::Avi => "avi",
        Format::MpegTs => "mpegts",
        Format::MpegPs => "mpeg,mpegvideo",
        Format::Flv => "flv",
        Format::Gif => "gif",
        _ => "none",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ffmpeg_next::codec::decoder;

    #[test]
    fn each_decoder_is_the_one_libav_chooses_for_its_coding() {
        for name in DECODERS {
            let codec = decoder::find_by_name(name).unwrap_or_else(|| panic!("no decoder {name}"));
            let chosen = decoder::find(codec.id()).map(|chosen| chosen.name().to_owned());
            assert_eq!(chosen.as_deref(), Some(*name));
        }
    }

    #[test]
    fn what_is_not_promised_is_not_allowed() {
        // Old, rare or dangerous; each has been a hole in libav or in a program that uses it.
        for name in [
            "magicyuv",
            "tak",
            "cinepak",
            "svq1",
            "svq3",
            "qdm2",
            "nellymoser",
            "rawvideo",
            "qtrle",
            "indeo5",
            "ansi",
            "xbin",
            "tty",
            "exr",
            "tiff",
            "png",
            "flashsv",
            "smacker",
            "binkvideo",
            "truemotion2",
            "hca",
            "dsd_lsbf",
        ] {
            assert!(!DECODERS.contains(&name), "{name}");
        }
    }

    #[test]
    fn no_demuxer_that_opens_other_files_is_allowed() {
        for format in Format::ALL {
            for name in demuxers(*format).split(',') {
                let dangerous = [
                    "hls", "dash", "concat", "image2", "sdp", "rtsp", "imf", "tty", "lavfi", "srt", "webvtt",
                ];
                assert!(!dangerous.contains(&name), "{format} opens {name}");
            }
        }
    }
}

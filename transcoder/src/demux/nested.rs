//! Nothing an opened file names is opened: neither by a protocol nor, once the file is open, at all.

use ffmpeg_next::ffi;
use ffmpeg_next::format::context::Input;
use nix::libc::{EPERM, c_char, c_int};

/// Has libav refuse whatever the demuxer would open from here. What it would open while it reads the beginning finds no
/// protocol on the list (`protocol_whitelist` is empty).
pub(super) fn refuse(input: &mut Input) {
    // SAFETY: the context is live and borrowed mutably; `io_open` is a callback that libav documents as the caller's to
    // set, and ours keeps nothing.
    unsafe { (*input.as_mut_ptr()).io_open = Some(refuse_one) };
}

unsafe extern "C" fn refuse_one(
    _: *mut ffi::AVFormatContext,
    _: *mut *mut ffi::AVIOContext,
    _: *const c_char,
    _: c_int,
    _: *mut *mut ffi::AVDictionary,
) -> c_int {
    -EPERM
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demux::open_options;
    use balado_media::Format;
    use ffmpeg_next::format::context::StreamIo;
    use ffmpeg_next::{Dictionary, format};
    use std::io::Cursor;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    /// Packets of one second of sound.
    const SECOND: std::ops::RangeInclusive<usize> = 30..=45;

    /// Three files of one second of sound.
    fn parts(folder: &Path) -> Vec<PathBuf> {
        let make = |part| {
            let path = folder.join(format!("{part}.ts"));
            let sound = "-nostdin -v error -f lavfi -i sine=duration=1 -c:a mp2 -output_ts_offset";
            let made = Command::new("ffmpeg").args(sound.split(' ')).arg(part).arg(&path).status();
            assert!(made.unwrap().success());
            path
        };
        ["0", "1", "2"].map(make).into()
    }

    /// The options of the service, but for these demuxers and these protocols.
    fn options_but(demuxers: Option<&str>, protocols: Option<&str>) -> Dictionary<'static> {
        ffmpeg_next::log::set_level(ffmpeg_next::log::Level::Quiet);
        let mut options = open_options(Format::MpegTs);
        for (name, value) in [("format_whitelist", demuxers), ("protocol_whitelist", protocols)] {
            if let Some(value) = value {
                options.set(name, value);
            }
        }
        options.set("analyzeduration", "1");
        options.set("safe", "0");
        options
    }

    /// How many packets come out of these bytes, or nothing when they cannot be opened.
    fn packets_of(bytes: &str, options: Dictionary) -> Option<usize> {
        let stream = StreamIo::from_read(Cursor::new(bytes.as_bytes().to_vec())).unwrap();
        let mut input = format::input_from_stream(stream, None, Some(options)).ok()?;
        Some(input.packets().count())
    }

    #[test]
    fn a_list_of_files_opens_none_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let lines = parts(folder.path()).into_iter().map(|path| format!("file '{}'\n", path.display()));
        let list = format!("ffconcat version 1.0\n{}", lines.collect::<String>());
        let lists = Some("concat,mpegts");
        let played = packets_of(&list, options_but(lists, Some("file")));
        assert!(played.is_some_and(|played| played > 2 * SECOND.end()), "it plays where it may: {played:?}");
        assert_eq!(packets_of(&list, options_but(lists, None)).unwrap_or(0), 0, "there is no protocol");
        assert_eq!(packets_of(&list, options_but(None, Some("file"))), None, "there is no demuxer");
    }

    #[test]
    fn a_playlist_opens_nothing_once_it_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let lines =
            parts(folder.path()).into_iter().map(|path| format!("#EXTINF:1.0,\n{}\n", path.display()));
        let head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n";
        let list = format!("{head}{}#EXT-X-ENDLIST\n", lines.collect::<String>());
        let path = folder.path().join("list.m3u8");
        std::fs::write(&path, &list).unwrap();
        let options = || options_but(Some("hls,mpegts"), Some("file"));
        // By its name: as bytes it has no place of its own that the others could be looked for from.
        assert_eq!(packets_of(&list, options()), None);
        let mut input = format::input_with_dictionary(&path, options()).unwrap();
        assert!(input.packets().count() > 2 * SECOND.end(), "it plays where it may");
        let mut input = format::input_with_dictionary(&path, options()).unwrap();
        refuse(&mut input);
        let played = input.packets().count();
        assert!(SECOND.contains(&played), "{played} packets, not those of the file it had opened");
    }
}

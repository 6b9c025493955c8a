//! Opens bytes with libav in two steps, so that what it does by itself between them is bounded: a demuxer opens nothing
//! else from the start, and the decoders libav looks into tracks with take no larger pictures than ours.

use ffmpeg_next::format::context::{Input, StreamIo};
use ffmpeg_next::{Dictionary, Error, ffi};
use nix::libc::{ENOMEM, EPERM, c_char, c_int};
use std::ffi::CString;
use std::ptr;

/// An opened file, and how large the container says the pictures of each track are, in pixels. libav forgets the size
/// of a track whose pictures it finds too large.
pub(super) struct Opened {
    pub input: Input,
    pub told_pixels: Vec<u64>,
}

/// Opens bytes. Where the container tells the size of a track, pictures of more than `most_pixels` are not decoded to look
/// into it; where it does not, libav's own bound holds (2^28), because the size can then be learned in no other way.
///
/// # Errors
/// When libav cannot open them.
pub(super) fn open(mut stream: StreamIo, options: Dictionary, most_pixels: u64) -> Result<Opened, Error> {
    // SAFETY: plain allocation.
    let mut context = unsafe { ffi::avformat_alloc_context() };
    if context.is_null() {
        return Err(Error::Other { errno: ENOMEM });
    }
    // SAFETY: the context is ours, live and not yet open; these fields are documented as the caller's to set before it
    // is. `stream` outlives the context: it is handed to `Input` below, or dropped after libav has freed the context.
    // libav replaces the options by those it did not take, which are ours to free again.
    let opened = unsafe {
        (*context).pb = stream.as_mut_ptr();
        (*context).flags |= ffi::AVFMT_FLAG_CUSTOM_IO;
        (*context).io_open = Some(refuse);
        let mut options = options.disown();
        let opened =
            ffi::avformat_open_input(&raw mut context, ptr::null(), ptr::null_mut(), &raw mut options);
        drop(Dictionary::own(options));
        opened
    };
    if opened < 0 {
        return Err(Error::from(opened));
    }
    // SAFETY: the context is open and reads from `stream`; both belong to the input from here.
    let mut input = unsafe { Input::wrap_with_custom_io(context, stream) };
    let told_pixels: Vec<u64> = input.streams().map(|stream| pixels(&stream)).collect();
    let probed = probe(&mut input, &told_pixels, most_pixels);
    if probed < 0 { Err(Error::from(probed)) } else { Ok(Opened { input, told_pixels }) }
}

fn pixels(stream: &ffmpeg_next::Stream) -> u64 {
    // SAFETY: the stream and its parameters live as long as the input it borrows; two numbers are read.
    let (width, height) = unsafe {
        let parameters = &*(*stream.as_ptr()).codecpar;
        (parameters.width, parameters.height)
    };
    u64::from(width.max(0).unsigned_abs()) * u64::from(height.max(0).unsigned_abs())
}

/// Has libav look into the tracks, with the bound for those whose size is told.
fn probe(input: &mut Input, told_pixels: &[u64], most_pixels: u64) -> c_int {
    let bound = CString::new(most_pixels.to_string()).unwrap_or_default();
    let options_of = |told: &u64| {
        let mut options = ptr::null_mut();
        if *told > 0 {
            // SAFETY: libav copies both texts, and makes the dictionary where there is none.
            unsafe { ffi::av_dict_set(&raw mut options, c"max_pixels".as_ptr(), bound.as_ptr(), 0) };
        }
        options
    };
    let mut options: Vec<*mut ffi::AVDictionary> = told_pixels.iter().map(options_of).collect();
    // SAFETY: the context is live and borrowed mutably, and there is one dictionary for each of its tracks; libav replaces
    // each by what it did not take, which is ours to free.
    unsafe {
        let probed = ffi::avformat_find_stream_info(input.as_mut_ptr(), options.as_mut_ptr());
        options.iter_mut().for_each(|options| ffi::av_dict_free(options));
        probed
    }
}

/// Nothing an opened file names is opened.
// SAFETY: nothing behind the pointers is looked at.
unsafe extern "C" fn refuse(
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
    use ffmpeg_next::format;
    use std::io::Cursor;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    /// Packets of one second of sound.
    const SECOND: std::ops::RangeInclusive<usize> = 30..=45;

    fn ffmpeg(arguments: &str, path: PathBuf) -> PathBuf {
        let arguments = format!("-nostdin -v error {arguments}");
        let made = Command::new("ffmpeg").args(arguments.split(' ')).arg(&path).status();
        assert!(made.unwrap().success());
        path
    }

    /// Three files of one second of sound.
    fn parts(folder: &Path) -> Vec<PathBuf> {
        let make = |part| {
            let sound = format!("-f lavfi -i sine=duration=1 -c:a mp2 -output_ts_offset {part}");
            ffmpeg(&sound, folder.join(format!("{part}.ts")))
        };
        [0, 1, 2].map(make).into()
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

    fn stream(bytes: &[u8]) -> StreamIo {
        StreamIo::from_read(Cursor::new(bytes.to_vec())).unwrap()
    }

    /// How many packets come out of these bytes, or nothing when they cannot be opened.
    fn packets_of(bytes: &str, options: Dictionary) -> Option<usize> {
        let mut input = format::input_from_stream(stream(bytes.as_bytes()), None, Some(options)).ok()?;
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
    fn a_playlist_opens_nothing_from_where_it_is_forbidden() {
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
        // SAFETY: the context is live, and the callback keeps nothing.
        unsafe { (*input.as_mut_ptr()).io_open = Some(refuse) };
        let played = input.packets().count();
        assert!(SECOND.contains(&played), "{played} packets, not those of the file it had opened");
    }

    #[test]
    fn what_we_open_is_forbidden_to_open_more() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = std::fs::read(&parts(folder.path())[0]).unwrap();
        let mut opened = open(stream(&bytes), open_options(Format::MpegTs), u64::MAX).unwrap();
        let path = CString::new(folder.path().join("1.ts").to_str().unwrap()).unwrap();
        let mut nested = ptr::null_mut();
        // SAFETY: the context is live, and the arguments are those libav's demuxers give.
        let answer = unsafe {
            let context = opened.input.as_mut_ptr();
            (*context).io_open.unwrap()(
                context,
                &raw mut nested,
                path.as_ptr(),
                ffi::AVIO_FLAG_READ,
                ptr::null_mut(),
            )
        };
        assert_eq!((answer, nested), (-EPERM, ptr::null_mut()));
    }

    #[test]
    fn pictures_beyond_the_bound_are_not_looked_into_and_their_size_is_still_known() {
        let folder = tempfile::tempdir().unwrap();
        let film = "-f lavfi -i testsrc2=s=64x48:r=5:d=1 -c:v mpeg4";
        let bytes = std::fs::read(ffmpeg(film, folder.path().join("film.avi"))).unwrap();
        let opened = |most_pixels| {
            let it = open(stream(&bytes), open_options(Format::Avi), most_pixels).unwrap();
            let kept = it.input.streams().map(|stream| pixels(&stream)).collect::<Vec<_>>();
            (it.told_pixels, kept)
        };
        assert_eq!(opened(64 * 48), (vec![64 * 48], vec![64 * 48]));
        assert_eq!(opened(64 * 48 - 1), (vec![64 * 48], vec![0]));
    }
}

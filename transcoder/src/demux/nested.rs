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

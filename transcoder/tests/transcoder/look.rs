//! Looks at pictures and listens to sound by other eyes and ears: ffmpeg's.

use std::path::Path;
use std::process::Command;

/// What ffmpeg writes to its output when it reads this file with these words.
pub fn ffmpeg(file: &Path, words: &str) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(file)
        .args(words.split_whitespace())
        .arg("-")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// One word about the first stream of a kind (`v` or `a`), as ffprobe says it.
pub fn probe(file: &Path, stream: char, entry: &str) -> String {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", &format!("{stream}:0"), "-show_entries"])
        .args([&format!("stream={entry}"), "-of", "default=nk=1:nw=1"])
        .arg(file)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Red, green and blue of a part of a picture, cut out by that filter.
pub fn colour(file: &Path, filter: &str) -> [u8; 3] {
    let bytes =
        ffmpeg(file, &format!("-frames:v 1 -vf {filter},scale=1:1:flags=area -pix_fmt rgb24 -f rawvideo"));
    [bytes[0], bytes[1], bytes[2]]
}

/// Mean brightness of the first picture, 0 to 255.
pub fn brightness(file: &Path) -> u8 {
    ffmpeg(file, "-frames:v 1 -vf scale=1:1:flags=area -pix_fmt gray -f rawvideo")[0]
}

/// How like a film is to its source, seen at that many pictures a second: structural similarity, 1 where nothing differs.
pub fn similarity(film: &Path, source: &Path, rate: u32) -> f64 {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-i"])
        .arg(film)
        .arg("-i")
        .arg(source)
        .args(["-lavfi", &format!("[0:v]fps={rate}[a];[1:v]fps={rate}[b];[a][b]ssim"), "-f", "null", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let all = said.rsplit("All:").next().unwrap().split_whitespace().next().unwrap();
    all.parse().unwrap_or_else(|_| panic!("no similarity in {said}"))
}

/// When the picture turns bright, in milliseconds.
pub fn flash_ms(file: &Path) -> i64 {
    let pictures =
        ffmpeg(file, "-an -vf fps=200:start_time=0,scale=1:1:flags=area -pix_fmt gray -f rawvideo");
    let bright = pictures.iter().position(|luma| *luma > 100).unwrap();
    i64::try_from(bright).unwrap() * 5
}

/// When the sound turns loud, in milliseconds.
pub fn beep_ms(file: &Path) -> i64 {
    let sound = ffmpeg(file, "-vn -af aresample=8000:async=1:first_pts=0 -ac 1 -f f32le");
    let samples = sound.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
    let loud = samples.map(f32::abs).position(|sample| sample > 0.1).unwrap();
    i64::try_from(loud).unwrap() / 8
}

//! The files that are measured with, made once by ffmpeg and espeak-ng from nothing, and kept beside the results.

use crate::process::run;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A made file, its name saying what it is. Making it is skipped when it is there.
fn made(folder: &Path, name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let path = folder.join(name);
    if !path.exists() {
        eprintln!("making {name} …");
        std::fs::create_dir_all(folder)?;
        let unfinished = folder.join(format!("unfinished-{name}"));
        make(&unfinished)?;
        std::fs::rename(unfinished, &path)?;
    }
    Ok(path)
}

/// ffmpeg with these words as arguments, then the file.
///
/// # Errors
/// When it fails.
pub fn ffmpeg(words: &str, file: &Path) -> Result<()> {
    run(Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y"])
        .args(words.split_whitespace())
        .arg(file))?;
    Ok(())
}

/// A minute of a synthetic French voice that pauses, 44.1 kHz mono.
fn voice(folder: &Path) -> Result<PathBuf> {
    const TEXT: &str = "Bonjour à tous. Aujourd'hui, nous parlons de la mer et des marées. \
        Regardez bien la carte. La mer monte pendant six heures, puis elle redescend. \
        Au large de Saint-Malo, le marnage dépasse douze mètres. Notez ce mot : le marnage. \
        Qui peut me dire pourquoi ? C'est la lune, bien sûr, et le soleil aussi. \
        Pour jeudi, vous lirez la page quarante-deux, et vous enregistrerez votre réponse en deux minutes. ";
    made(folder, "voice.wav", |path| {
        let spoken = folder.join("spoken.wav");
        run(Command::new("espeak-ng")
            .args(["-v", "fr-fr", "-s", "140", "-g", "12", "-w"])
            .arg(&spoken)
            .arg(TEXT.repeat(4)))?;
        ffmpeg(&format!("-stream_loop -1 -i {} -t 60 -ar 44100 -ac 1 -f wav", spoken.display()), path)
    })
}

/// A voice memo of that many seconds as Chromium records it: Opus, packets of 60 ms, no duration, no index.
///
/// # Errors
/// When it cannot be made.
pub fn memo(folder: &Path, seconds: u32) -> Result<PathBuf> {
    let voice = voice(folder)?;
    made(folder, &format!("memo-{seconds}.webm"), |path| {
        let options =
            "-ar 48000 -ac 1 -c:a libopus -b:a 64k -application voip -frame_duration 60 -live 1 -f webm";
        ffmpeg(&format!("-stream_loop -1 -i {} -t {seconds} {options}", voice.display()), path)
    })
}

/// A telephone's clip of that many seconds: a minute's, again and again.
///
/// # Errors
/// When it cannot be made.
pub fn phone_clip(folder: &Path, seconds: u32) -> Result<PathBuf> {
    let minute = phone_minute(folder)?;
    if seconds == 60 {
        return Ok(minute);
    }
    made(folder, &format!("phone-{seconds}.mp4"), |path| {
        ffmpeg(&format!("-stream_loop -1 -i {} -t {seconds} -c copy -f mp4", minute.display()), path)
    })
}

/// A hand-held walk over a finely textured ground, with the noise of a small sensor. 1920 × 1080, 30 images a second,
/// H.264 High at 17 Mb/s, AAC stereo.
fn phone_minute(folder: &Path) -> Result<PathBuf> {
    let (voice, ground) = (voice(folder)?, ground(folder)?);
    made(folder, "phone-60.mp4", |path| {
        // The camera wanders: a slow pan, a breath of two seconds, a tremble.
        let x = "(iw-ow)/2+600*sin(t/7)+40*sin(3.1*t)+4*sin(23*t)";
        let y = "(ih-oh)/2+300*sin(t/11)+30*sin(2.3*t)+4*sin(19*t)";
        let walk = format!("crop=1920:1080:{x}:{y},noise=alls=10:allf=t");
        let inputs = format!("-loop 1 -framerate 30 -i {} -i {} -t 60", ground.display(), voice.display());
        let video = "-pix_fmt yuv420p -c:v libx264 -preset veryfast -profile:v high -b:v 17M -maxrate 20M -bufsize 20M -g 30";
        ffmpeg(&format!("{inputs} -vf {walk} {video} -c:a aac -b:a 128k -ac 2 -ar 48000 -f mp4"), path)
    })
}

/// A wide still: hills of several sizes and grain, so that a moving window over it looks like a place.
fn ground(folder: &Path) -> Result<PathBuf> {
    made(folder, "ground.png", |path| {
        let coarse =
            "128+50*sin(X/211+2*sin(Y/307))*cos(Y/173)+30*sin((X+Y)/53)*cos(X/71)+18*sin(X/17+3*sin(Y/29))";
        let fine = "+14*sin(X/5.3)*cos(Y/4.1+sin(X/37))+mod(X*7919+Y*104729\\,31)-15";
        let hills = format!("geq=lum={coarse}{fine}:cb=128+28*sin(X/401):cr=128+28*cos(Y/379)");
        ffmpeg(
            &format!(
                "-f lavfi -i color=s=3840x2160:r=1,format=yuv444p,{hills} -frames:v 1 -c:v png -f image2"
            ),
            path,
        )
    })
}

/// An hour of 1080p at a low bit rate, whose pictures have to be encoded: a film of a lesson, and its first minute.
///
/// # Errors
/// When it cannot be made.
pub fn lesson(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let clip = phone_clip(folder, 60)?;
    let minute = made(folder, "lesson-minute.mp4", |path| {
        let video = "-c:v libx264 -preset veryfast -profile:v high -b:v 1000k -maxrate 1200k -bufsize 1200k";
        ffmpeg(&format!("-i {} {video} -c:a copy -f mp4", clip.display()), path)
    })?;
    let hour = made(folder, "lesson-hour.mp4", |path| {
        ffmpeg(&format!("-stream_loop 59 -i {} -c copy -f mp4", minute.display()), path)
    })?;
    Ok((hour, minute))
}

/// A conforming film of at least `bytes`: 1280 × 720, 30 images a second, H.264 High and AAC.
///
/// # Errors
/// When it cannot be made.
pub fn conforming_film(folder: &Path, bytes: u64) -> Result<PathBuf> {
    let clip = phone_clip(folder, 60)?;
    made(folder, &format!("conforming-{bytes}.mp4"), |path| {
        let minute = folder.join("conforming-minute.mp4");
        let video = "-vf scale=1280:720 -c:v libx264 -preset veryfast -profile:v high -b:v 3600k -maxrate 3800k -bufsize 3800k";
        ffmpeg(&format!("-i {} {video} -c:a copy -f mp4", clip.display()), &minute)?;
        let again = bytes.div_ceil(std::fs::metadata(&minute)?.len());
        ffmpeg(&format!("-stream_loop {again} -i {} -c copy -f mp4", minute.display()), path)
    })
}

/// Ten seconds of 3840 × 2160 HEVC, 10 bits, as recent telephones film.
///
/// # Errors
/// When it cannot be made.
pub fn ultra_high(folder: &Path) -> Result<PathBuf> {
    let (voice, ground) = (voice(folder)?, ground(folder)?);
    made(folder, "ultra-high.mov", |path| {
        let video = "-vf rotate=0.02*sin(3*t),noise=alls=5:allf=t,format=yuv420p10le -c:v libx265 -preset ultrafast -b:v 40M -tag:v hvc1 -x265-params log-level=error";
        let inputs = format!("-loop 1 -framerate 30 -i {} -i {} -t 10", ground.display(), voice.display());
        ffmpeg(&format!("{inputs} {video} -c:a aac -f mov"), path)
    })
}

/// A minute of 1280 × 720 as a browser records it: VP8 and Opus in WebM, no duration, no index.
///
/// # Errors
/// When it cannot be made.
pub fn browser_film(folder: &Path) -> Result<PathBuf> {
    let clip = phone_clip(folder, 60)?;
    made(folder, "browser-60.webm", |path| {
        let video = "-vf scale=1280:720 -c:v libvpx -deadline realtime -cpu-used 8 -b:v 2500k -g 150";
        ffmpeg(&format!("-i {} {video} -c:a libopus -b:a 64k -live 1 -f webm", clip.display()), path)
    })
}

/// A still of just under 100 Mpx: JPEG, PNG, HEIC or AVIF by its ending.
///
/// # Errors
/// When it cannot be made.
pub fn huge_still(folder: &Path, ending: &str) -> Result<PathBuf> {
    let source = if ending == "heic" { huge_still(folder, "jpg")? } else { ground(folder)? };
    made(folder, &format!("huge.{ending}"), |path| match ending {
        "heic" => heif(&source, path),
        "png" => ffmpeg(&format!("-i {} {HUGE} -c:v png -f image2", source.display()), path),
        _ => ffmpeg(
            &format!("-i {} {HUGE} -pix_fmt yuvj420p -q:v 4 -c:v mjpeg -f image2", source.display()),
            path,
        ),
    })
}

const HUGE: &str = "-vf scale=12240:8160";

fn heif(source: &Path, file: &Path) -> Result<()> {
    run(Command::new("heif-enc").args(["-q", "50"]).arg(source).arg("-o").arg(file))?;
    Ok(())
}

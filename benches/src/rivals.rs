//! What other programs run for the same file, as `ffmpeg` command lines with their presets, threads and filters.
//!
//! Read in the sources of Esup-Pod 4.1.0, PeerTube 6.3.0, MediaCMS 8.3.2 and Opencast 17; only arguments are repeated here.
//! Their steps that need programs other than ffmpeg (packaging of Bento4, montages of ImageMagick) are left out, in their
//! favour.

use crate::process::{Cost, children_cpu, run};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// Another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rival {
    /// With the rungs 240 to 1080 enabled, as an administrator does.
    PeerTube,
    /// Its default workflow.
    Opencast,
    /// Its default profiles, all at once.
    MediaCms,
    /// Encoding on its own server.
    EsupPod,
}

/// What a rival's work cost.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    /// Everything.
    pub cost: Cost,
    /// Seconds until the first file a player can play was whole.
    pub first_playable_seconds: f64,
}

impl Rival {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PeerTube => "PeerTube 240-1080",
            Self::Opencast => "Opencast",
            Self::MediaCms => "MediaCMS",
            Self::EsupPod => "Esup-Pod",
        }
    }

    /// Does what it does with a video of that many seconds, in an empty folder.
    ///
    /// # Errors
    /// When a command fails.
    pub fn process(self, video: &Path, seconds: u32) -> Result<Work> {
        let folder = tempfile::tempdir_in(video.parent().unwrap_or(Path::new(".")))?;
        let room = Room { video: video.to_owned(), folder: folder.path().to_owned() };
        let (before, started) = (children_cpu()?, Instant::now());
        let first_playable_seconds = match self {
            Self::PeerTube => peertube(&room, seconds)?,
            Self::Opencast => opencast(&room, seconds)?,
            Self::MediaCms => mediacms(&room)?,
            Self::EsupPod => esup_pod(&room, seconds)?,
        };
        let wall_seconds = started.elapsed().as_secs_f64();
        Ok(Work {
            cost: Cost { cpu_seconds: children_cpu()? - before, wall_seconds },
            first_playable_seconds,
        })
    }
}

struct Room {
    video: PathBuf,
    folder: PathBuf,
}

impl Room {
    /// ffmpeg in the folder; `VIDEO` among the words is the video.
    fn command(&self, words: &str) -> Command {
        let mut command = Command::new("ffmpeg");
        command.current_dir(&self.folder).args(["-nostdin", "-hide_banner", "-v", "error", "-y"]);
        for word in words.split_whitespace() {
            if word == "VIDEO" {
                command.arg(&self.video)
            } else {
                command.arg(word)
            };
        }
        command
    }

    fn run(&self, words: &str) -> Result<f64> {
        Ok(run(&mut self.command(words))?.wall_seconds)
    }
}

/// One decode for two MP4s, one for three HLS rungs, then sound and pictures.
fn esup_pod(room: &Room, seconds: u32) -> Result<f64> {
    const VIDEO: &str = "-c:v libx264 -preset slow -profile:v high -pix_fmt yuv420p -level 3 -crf 20 -sc_threshold 0 \
        -force_key_frames expr:gte(t,n_forced*1) -max_muxing_queue_size 4000 -c:a aac -ar 48000";
    const PACKAGE: &str = "-hls_playlist_type vod -hls_time 2 -hls_flags single_file";
    let mp4 = |height, rate, sound| {
        format!(
            "-map 0:v:0 -map 0:a:0 {VIDEO} -vf scale=-2:{height} -maxrate {rate}k -bufsize {rate}k -b:a {sound}k \
             -movflags faststart -vsync 0 {height}p.mp4"
        )
    };
    let hls = |height, rate, sound| {
        format!(
            "{VIDEO} -vf scale=-2:{height} -maxrate {rate}k -bufsize {rate}k -b:a:0 {sound}k {PACKAGE} {height}p.m3u8"
        )
    };
    let first = room.run(&format!("-threads 0 -i VIDEO {} {}", mp4(360, 1000, 96), mp4(720, 3000, 128)))?;
    let rungs = [hls(360, 1000, 96), hls(720, 3000, 128), hls(1080, 4500, 192)].join(" ");
    room.run(&format!("-threads 0 -i VIDEO {rungs}"))?;
    room.run("-threads 0 -i VIDEO -vn -codec:a libmp3lame -qscale:a 2 audio_192k.mp3")?;
    room.run(&format!("-threads 0 -i 360p.mp4 -vf fps=1/({seconds}/3) -vsync vfr thumbnail_%04d.png"))?;
    room.run(&format!(
        "-threads 0 -i 360p.mp4 -vsync vfr -vf fps=fps=(100/{seconds}),scale=160x90,tile=100x1 -frames:v 1 overview.png"
    ))?;
    Ok(first)
}

/// The source once more at full size, then each lower rung from it, one after the other.
fn peertube(room: &Room, seconds: u32) -> Result<f64> {
    const COMMON: &str = "-threads 1 -movflags faststart -max_muxing_queue_size 1024 -map_metadata -1 -pix_fmt yuv420p \
        -preset veryfast -b_strategy 1 -bf 16 -r 30 -g:v 60";
    const PACKAGE: &str = "-hls_time 4 -hls_list_size 0 -hls_playlist_type vod -hls_segment_type fmp4 -f hls -hls_flags single_file";
    let first = room.run(&format!(
        "-i VIDEO -acodec copy -vcodec libx264 -vf scale=w=-2:h=1080 -f mp4 {COMMON} -maxrate:v 6220800 -bufsize:v 12441600 opt.mp4"
    ))?;
    room.run(&format!(
        "-i opt.mp4 -acodec copy -vcodec copy -threads 1 {PACKAGE} -hls_segment_filename v-1080-fragmented.mp4 1080.m3u8"
    ))?;
    for (height, rate) in [(480, 1_474_560), (360, 1_036_800), (720, 3_041_280), (240, 522_240)] {
        let buffer = rate * 2;
        room.run(&format!(
            "-i opt.mp4 -acodec copy -vcodec libx264 -vf scale=w=-2:h={height} {COMMON} -maxrate:v {rate} -bufsize:v {buffer} \
             {PACKAGE} -hls_segment_filename v-{height}-fragmented.mp4 {height}.m3u8"
        ))?;
    }
    room.run(
        "-i opt.mp4 -filter_complex setpts=N/FRAME_RATE/TB,select=isnan(prev_selected_t)+gte(t-prev_selected_t\\,3),\
         scale=192:108,tile=layout=10x10 -frames:v 1 -q:v 2 storyboard.jpg",
    )?;
    room.run(&format!(
        "-ss {} -i VIDEO -vf thumbnail=50 -frames:v 1 -q:v 5 -abort_on empty_output thumb.jpg",
        seconds / 2
    ))?;
    Ok(first)
}

/// Six profiles at once, each with a decode of its own.
fn mediacms(room: &Room) -> Result<f64> {
    let started = Instant::now();
    let rungs = [
        (144, 256, 150),
        (240, 427, 300),
        (360, 640, 500),
        (480, 853, 1000),
        (720, 1280, 2500),
        (1080, 1920, 4500),
    ];
    let mut running: Vec<Child> = Vec::new();
    for (height, width, rate) in rungs {
        let peak = rate * 3 / 2;
        let scale = format!(
            "scale=if(lt(iw\\,ih)\\,{height}\\,{width}):if(lt(iw\\,ih)\\,{width}\\,{height}):\
             force_original_aspect_ratio=decrease:force_divisible_by=2:flags=lanczos,fps=fps=30"
        );
        let words = format!(
            "-i VIDEO -c:v libx264 -filter:v {scale} -pix_fmt yuv420p -crf 23 -c:a aac -b:a 128k -ac 2 -maxrate {peak}k \
             -bufsize {peak}k -force_key_frames expr:gte(t,n_forced*4) -x264-params keyint=240:keyint_min=120 -preset medium \
             -profile:v main -level 4.2 -strict -2 {height}.mp4"
        );
        running.push(room.command(&words).stdin(Stdio::null()).spawn()?);
    }
    let first = wait_all(running, started)?;
    room.run("-ss 3 -i VIDEO -vf scale=344:-1:flags=lanczos,fps=1 -t 25 -f gif preview.gif")?;
    room.run("-ss 7 -i VIDEO -vframes 1 thumb.jpg")?;
    room.run("-i VIDEO -f image2 -vf fps=1/10,scale=160:90 img%03d.jpg")?;
    Ok(first)
}

fn wait_all(mut running: Vec<Child>, started: Instant) -> Result<f64> {
    let mut first = None;
    while !running.is_empty() {
        let mut left = Vec::new();
        for mut child in running {
            match child.try_wait()? {
                None => left.push(child),
                Some(status) if status.success() => {
                    first.get_or_insert(started.elapsed().as_secs_f64());
                }
                Some(status) => bail!("ffmpeg: {status}"),
            }
        }
        running = left;
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    Ok(first.unwrap_or(f64::NAN))
}

/// A preview first, then pictures of it, then one decode for three sizes.
fn opencast(room: &Room, seconds: u32) -> Result<f64> {
    let middle = seconds / 2;
    let first = room.run(
        "-i VIDEO -filter:v scale=-2:360 -c:v libx264 -preset veryfast -crf 23 -profile:v baseline -pix_fmt yuv420p -tune film \
         -c:a aac -ar 22050 -ab 64k -movflags faststart preview.mp4",
    )?;
    for (source, size, name) in [("preview.mp4", "5000x500", "wave.png"), ("VIDEO", "688x58", "wave2.png")] {
        room.run(&format!(
            "-i {source} -lavfi showwavespic=split_channels=0:s={size}:scale=lin:filter=peak:colors=black -frames:v 1 -an -vn -sn {name}"
        ))?;
    }
    for (at, size, name) in
        [(middle, "320:180", "e.jpg"), (3, "160:90", "small.jpg"), (3, "1280:720", "cover.jpg")]
    {
        room.run(&format!(
            "-ss {at} -i VIDEO -vf fps=1,scale={size}:force_original_aspect_ratio=decrease,pad={size}:-1:-1 -frames:v 1 {name}"
        ))?;
    }
    room.run(&format!(
        "-t {} -skip_frame default -i VIDEO -vf fps=1/3,scale=160:-1,tile=10x10 timeline.png",
        f64::from(seconds) - 1.5
    ))?;
    const COMMON: &str = "-pix_fmt yuv420p -c:v libx264 -profile:v high -crf 22 -force_key_frames expr:gte(t,n_forced*4) \
        -c:a aac -ac 2 -movflags faststart";
    let size = |side, level, rate, sound, height| {
        let buffer = rate * 2;
        format!(
            "-filter:v scale={side}:{side}:force_original_aspect_ratio=decrease:force_divisible_by=2,fps=25 {COMMON} \
             -level {level} -maxrate {rate}k -bufsize {buffer}k -b:a {sound}k {height}p.mp4"
        )
    };
    let sizes =
        [size(854, "4.0", 800, 64, 480), size(1280, "4.0", 1200, 96, 720), size(1920, "4.0", 4000, 96, 1080)]
            .join(" ");
    room.run(&format!("-i VIDEO {sizes}"))?;
    Ok(first)
}

//! Looks for places to cut at: silences in a finished sound or film, chapters in an original. Makes nothing.

use crate::demux::{self, AudioTrack, Demuxer};
use crate::error::{Error, Result};
use crate::original::Original;
use crate::session::Session;
use balado_media::cut::{Chapter, Stretch, Survey};
use balado_media::wire::{Event, Request, Search};
use balado_media::{Format, Refusal};
use ffmpeg_next::codec;
use ffmpeg_next::format::sample::{Sample, Type};
use ffmpeg_next::frame::Audio;
use ffmpeg_next::{ChannelLayout, Rational, Rescale, decoder, software};

/// Milliseconds of sound judged together.
const SLICE_MS: i64 = 10;

/// Shortest silence told, in milliseconds.
const SHORTEST_MS: i64 = 700;

/// How far below the loudness of the whole silence is, in dB. Rooms hum 40 dB below a voice near the microphone.
const BELOW_DB: f64 = 35.0;

/// What is quieter than this is silence in any recording, in dB of full scale.
const FLOOR_DB: f64 = -65.0;

/// Most silences told: the longest.
const MOST_SILENCES: usize = 200;

/// Most chapters told: the first. Their titles must fit one line of the protocol.
const MOST_CHAPTERS: usize = 100;

/// A clock that starts later than this does so on purpose; below, samples are left out that only the codec needs.
const CODEC_DELAY_MS: i64 = 100;

/// Characters of a title.
const TITLE_CHARACTERS: usize = 80;

/// Looks, and tells what was found.
///
/// # Errors
/// When the file is refused or cannot be read.
pub fn make(
    session: &mut Session,
    request: &Request,
    (original, format): (&mut Original, Format),
    search: Search,
) -> Result<()> {
    original.settle(session)?;
    let demuxer = demux::open(original, format)?;
    let tracks = demuxer.tracks(&request.limits)?;
    let duration_ms = tracks.duration_ms.unwrap_or(0);
    let survey = match search {
        Search::Chapters => {
            Survey { duration_ms, chapters: chapters(&demuxer, duration_ms), ..Survey::default() }
        }
        Search::Silences => {
            let track = tracks.audio.ok_or_else(|| Error::refused(Refusal::NoMediaTrack, "no sound"))?;
            let levels = levels(session, demuxer, &track)?;
            let duration_ms = i64::try_from(levels.len()).unwrap_or(0) * SLICE_MS;
            Survey { duration_ms, silences: silences(&levels), ..Survey::default() }
        }
    };
    session.say(&Event::Surveyed { survey });
    Ok(())
}

/// Mean power of each slice, of all channels together.
fn levels(session: &mut Session, mut demuxer: Demuxer, track: &AudioTrack) -> Result<Vec<f32>> {
    demuxer.keep_only(&[track.index]);
    let mut context = codec::Context::from_parameters(demuxer.parameters(track.index)?)?.decoder();
    let unit = demuxer.time_base(track.index)?;
    context.set_packet_time_base(unit);
    let mut decoder = context.audio()?;
    let mut meter = Meter::new(unit);
    while let Some(packet) = demuxer.next()? {
        session.check()?;
        if packet.stream() != track.index {
            continue;
        }
        if let Some(share) = demuxer.share(&packet) {
            session.progress(share);
        }
        if decoder.send_packet(&packet).is_ok() {
            meter.drain(&mut decoder)?;
        }
    }
    if decoder.send_eof().is_ok() {
        meter.drain(&mut decoder)?;
    }
    Ok(meter.slices)
}

struct Meter {
    /// Unit of the times of frames.
    unit: Rational,
    slices: Vec<f32>,
    sum: f32,
    count: usize,
    resampler: Option<software::resampling::Context>,
}

impl Meter {
    fn new(unit: Rational) -> Self {
        Self { unit, slices: Vec::new(), sum: 0.0, count: 0, resampler: None }
    }

    fn drain(&mut self, decoder: &mut decoder::Audio) -> Result<()> {
        let mut frame = Audio::empty();
        while decoder.receive_frame(&mut frame).is_ok() {
            if frame.channel_layout().is_empty() {
                frame.set_channel_layout(ChannelLayout::default(i32::from(frame.channels())));
            }
            let rate = frame.rate();
            if self.resampler.is_none() {
                let made = frame.resampler(Sample::F32(Type::Packed), ChannelLayout::MONO, rate);
                self.resampler = Some(made.map_err(|e| Error::fault("mix to mono", e))?);
            }
            let mut mono = Audio::empty();
            if let Some(resampler) = &mut self.resampler
                && resampler.run(&frame, &mut mono).is_ok()
            {
                if let Some(time) = frame.timestamp() {
                    self.pass_until(time.rescale(self.unit, Rational(1, 1000)));
                }
                self.take(mono.plane::<f32>(0), rate);
            }
        }
        Ok(())
    }

    /// Nothing is heard before sound that starts late, nor in a gap. A packet beyond the longest playing time is refused,
    /// so this is bounded.
    fn pass_until(&mut self, ms: i64) {
        let due = usize::try_from(ms / SLICE_MS).unwrap_or(0);
        if due > self.slices.len() + 1 {
            self.slices.push(self.sum / self.count.max(1) as f32);
            (self.sum, self.count) = (0.0, 0);
            self.slices.resize(due, 0.0);
        }
    }

    fn take(&mut self, samples: &[f32], rate: u32) {
        let size = usize::try_from(i64::from(rate) * SLICE_MS / 1000).unwrap_or(441).max(1);
        for sample in samples {
            self.sum += sample * sample;
            self.count += 1;
            if self.count == size {
                self.slices.push(self.sum / size as f32);
                (self.sum, self.count) = (0.0, 0);
            }
        }
    }
}

/// Where slices stay below the loudness of the whole, which is gated as EBU R 128 does: what is far quieter than the rest
/// does not count.
fn silences(levels: &[f32]) -> Vec<Stretch> {
    let mean = |above: f64| {
        let loud = levels.iter().map(|level| f64::from(*level)).filter(|level| *level > above);
        let (sum, count) = loud.fold((0.0, 0.0), |(sum, count), level| (sum + level, count + 1.0));
        if count > 0.0 { sum / count } else { 0.0 }
    };
    let floor = power(FLOOR_DB);
    let loudness = mean(mean(floor) / 10.0);
    let threshold = (loudness * power(-BELOW_DB)).max(floor);
    let mut found = Vec::new();
    let mut start = None;
    for (slice, level) in levels.iter().map(|level| f64::from(*level)).chain([f64::INFINITY]).enumerate() {
        let at = i64::try_from(slice).unwrap_or(0) * SLICE_MS;
        match start {
            None if level < threshold => start = Some(at),
            Some(from_ms) if level >= threshold => {
                start = None;
                found.extend((at - from_ms >= SHORTEST_MS).then_some(Stretch { from_ms, to_ms: at }));
            }
            _ => {}
        }
    }
    if found.len() > MOST_SILENCES {
        found.sort_by_key(|silence| std::cmp::Reverse(silence.duration_ms()));
        found.truncate(MOST_SILENCES);
        found.sort_by_key(|silence| silence.from_ms);
    }
    found
}

fn power(decibels: f64) -> f64 {
    10_f64.powf(decibels / 10.0)
}

/// Chapters on the clock of what is made of the file, which starts at zero.
fn chapters(demuxer: &Demuxer, duration_ms: i64) -> Vec<Chapter> {
    // What an encoder put in front of the sound is in no chapter's clock.
    let start_ms = Some(demuxer.start_ms()).filter(|ms| ms.abs() >= CODEC_DELAY_MS).unwrap_or(0);
    let mut found: Vec<Chapter> = demuxer
        .chapters()
        .into_iter()
        .map(|(from, to, unit, title)| {
            let moment = |time: i64| {
                let ms = time.rescale(unit, Rational(1, 1000)).saturating_sub(start_ms);
                if duration_ms > 0 { ms.clamp(0, duration_ms) } else { ms.max(0) }
            };
            let (from_ms, to_ms) = (moment(from), moment(to));
            Chapter { from_ms, to_ms: to_ms.max(from_ms), title: readable(&title) }
        })
        .collect();
    found.sort_by_key(|chapter| chapter.from_ms);
    found.truncate(MOST_CHAPTERS);
    found
}

fn readable(title: &str) -> String {
    title
        .chars()
        .filter(|character| !character.is_control())
        .take(TITLE_CHARACTERS)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(parts: &[(f64, usize)]) -> Vec<f32> {
        parts.iter().flat_map(|(decibels, slices)| vec![power(*decibels) as f32; *slices]).collect()
    }

    #[test]
    fn a_silence_is_long_and_far_below_the_rest() {
        let found = silences(&levels(&[(-20.0, 300), (-60.0, 100), (-20.0, 300), (-60.0, 60), (-45.0, 200)]));
        assert_eq!(found, [Stretch { from_ms: 3000, to_ms: 4000 }]);
        let quiet = silences(&levels(&[(-45.0, 300), (-62.0, 100), (-45.0, 300)]));
        assert_eq!(quiet, [], "a quiet recording hums as loud as this");
    }

    #[test]
    fn silence_at_the_end_counts_and_nothing_but_silence_is_one() {
        let found = silences(&levels(&[(-20.0, 100), (-90.0, 70)]));
        assert_eq!(found, [Stretch { from_ms: 1000, to_ms: 1700 }]);
        assert_eq!(silences(&[0.0; 100]), [Stretch { from_ms: 0, to_ms: 1000 }]);
        assert_eq!(silences(&[]), []);
    }
}

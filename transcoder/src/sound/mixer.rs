//! Brings decoded sound to one rate and one or two channels, without gaps, whatever the source does in between.

use crate::error::{Error, Result};
use balado_media::Refusal;
use ffmpeg_next::filter::{self, Graph};
use ffmpeg_next::format::sample::{Sample, Type};
use ffmpeg_next::frame::Audio;
use ffmpeg_next::{Rational, Rescale, ffi};
use std::collections::VecDeque;

/// A hole up to this is filled by the resampler, which holds all of it in memory; a longer one piece by piece.
const LONGEST_FILLED_US: i64 = 10_000_000;

/// One piece.
const PIECE_US: i64 = 1_000_000;

/// Less than this between two holes is a lonely sound: a voice that was switched on for a word, or a clock that counts wrong.
const LONELY_US: i64 = 1_000_000;

/// Silence around lonely sounds that is believed, without and for each microsecond that is heard.
const BELIEVED_US: (i64, i64) = (600_000_000, 200);

/// Loudest sample let through: 12 dB above full scale. Broken float files hold anything.
pub(super) const LOUDEST: f32 = 4.0;

/// What the source is right now; the graph is built anew when it changes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Shape {
    rate: u32,
    sample: Sample,
    layout: u64,
    channels: u16,
}

pub(super) struct Mixer {
    rate: u32,
    channels: u32,
    late_us: i64,
    graph: Option<(Shape, Graph)>,
    /// Graphs that take nothing more, until what they hold is pulled.
    finished: VecDeque<Graph>,
    expected_us: Option<i64>,
    hole: Option<Hole>,
    times: Times,
}

/// How far the times of frames are believed. A file whose clock counts wrong would else become hours of silence.
#[derive(Debug, Default)]
struct Times {
    heard_us: i64,
    since_hole_us: i64,
    lonely_us: i64,
    are_false: bool,
}

/// Where nothing is heard for long, and the frame behind it, which waits until what comes before is pulled.
struct Hole {
    from_us: i64,
    to_us: i64,
    shape: Shape,
    frame: Audio,
}

impl Mixer {
    /// Mixes to `rate` samples per second of one or two channels. Frames are taken to be heard `late_us` microseconds
    /// before the time they carry.
    pub(super) fn new(rate: u32, channels: u32, late_us: i64) -> Self {
        Self {
            rate,
            channels,
            late_us,
            graph: None,
            finished: VecDeque::new(),
            expected_us: None,
            hole: None,
            times: Times::default(),
        }
    }

    /// Takes a decoded frame whose time counts in `unit`, once all that can be is pulled.
    pub(super) fn push(&mut self, frame: &mut Audio, unit: Rational, limit_ms: i64) -> Result<()> {
        let shape = Shape {
            rate: frame.rate(),
            sample: frame.format(),
            layout: frame.channel_layout().bits(),
            channels: frame.channels(),
        };
        if shape.rate == 0 || shape.channels == 0 || frame.samples() == 0 {
            return Ok(());
        }
        tame(frame);
        let at_us = frame.timestamp().map(|t| t.rescale(unit, Rational(1, 1_000_000)) - self.late_us);
        let from_us = self.expected_us.unwrap_or(0);
        let at_us = self.times.placed(at_us.unwrap_or(from_us), from_us);
        if at_us / 1000 > limit_ms {
            return Err(Error::refused(Refusal::TooLong, "sound beyond the limit"));
        }
        if self.graph.as_ref().is_none_or(|(current, _)| *current != shape) {
            self.rebuild(shape)?;
        }
        let played = frame.samples() as i64 * 1_000_000 / i64::from(shape.rate);
        self.times.hear(played);
        self.expected_us = Some(at_us + played);
        frame.set_pts(Some(at_us.rescale(Rational(1, 1_000_000), unit_of(shape))));
        if at_us - from_us > LONGEST_FILLED_US {
            let frame = std::mem::replace(frame, Audio::empty());
            self.hole = Some(Hole { from_us, to_us: at_us, shape, frame });
            return Ok(());
        }
        self.feed(frame)
    }

    /// No more frames will come.
    pub(super) fn flush(&mut self) -> Result<()> {
        if let Some((_, mut graph)) = self.graph.take() {
            source(&mut graph)?.source().flush()?;
            self.finished.push_back(graph);
        }
        Ok(())
    }

    /// The next mixed samples, when there are some.
    pub(super) fn pull(&mut self) -> Result<Option<Audio>> {
        loop {
            if let Some(mixed) = self.pull_mixed() {
                return Ok(Some(mixed));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    fn pull_mixed(&mut self) -> Option<Audio> {
        loop {
            let graph = match self.finished.front_mut() {
                Some(graph) => graph,
                None => &mut self.graph.as_mut()?.1,
            };
            let mut frame = Audio::empty();
            if graph.get("out")?.sink().frame(&mut frame).is_ok() {
                return Some(frame);
            }
            self.finished.pop_front()?;
        }
    }

    fn feed(&mut self, frame: &Audio) -> Result<()> {
        let Some((_, graph)) = &mut self.graph else { return Ok(()) };
        source(graph)?.source().add(frame).map_err(|e| Error::fault("mix sound", e))
    }

    /// Feeds the next piece of a hole, or the frame behind it; false when there is none.
    fn fill(&mut self) -> Result<bool> {
        let Some(mut hole) = self.hole.take() else { return Ok(false) };
        if hole.to_us - hole.from_us <= LONGEST_FILLED_US {
            self.feed(&hole.frame)?;
            return Ok(true);
        }
        self.feed(&hole.piece()?)?;
        hole.from_us += PIECE_US;
        self.hole = Some(hole);
        Ok(true)
    }

    fn rebuild(&mut self, shape: Shape) -> Result<()> {
        self.flush()?;
        let graph = self.build(shape, Rematrix::ByLayout).or_else(|_| {
            // Layouts nobody named cannot be mixed down by rule; their first two channels can be heard.
            self.build(shape, Rematrix::FirstChannels)
        });
        self.graph = Some((shape, graph?));
        Ok(())
    }

    fn build(&self, shape: Shape, rematrix: Rematrix) -> Result<Graph> {
        let mut graph = Graph::new();
        graph.add(&find("abuffer")?, "in", &source_arguments(shape))?;
        graph.add(&find("abuffersink")?, "out", "")?;
        let layout = if self.channels == 1 { "mono" } else { "stereo" };
        let choose = match rematrix {
            Rematrix::ByLayout => String::new(),
            Rematrix::FirstChannels if self.channels == 1 => "pan=mono|c0=c0,".to_owned(),
            Rematrix::FirstChannels => "pan=stereo|c0=c0|c1=c1,".to_owned(),
        };
        // The first frame is placed against where the sound ended so far, or zero, so that sound that starts late stays in
        // time with the picture, and one that changes after a hole too.
        let start = self.expected_us.unwrap_or(0).rescale(Rational(1, 1_000_000), unit_of(shape));
        let spec = format!(
            "[in]{choose}aresample={}:async=1:min_hard_comp=0.05:first_pts={start},\
             aformat=sample_fmts=fltp:channel_layouts={layout}[out]",
            self.rate
        );
        graph.output("in", 0)?.input("out", 0)?.parse(&spec)?;
        graph.validate()?;
        Ok(graph)
    }
}

impl Times {
    /// Where a frame belongs that says `at_us`, when the one before ended at `from_us`.
    fn placed(&mut self, at_us: i64, from_us: i64) -> i64 {
        let hole_us = at_us - from_us;
        if !self.are_false && hole_us > LONGEST_FILLED_US && self.heard_us > 0 {
            if self.since_hole_us < LONELY_US {
                self.lonely_us = self.lonely_us.saturating_add(hole_us);
            }
            self.are_false = self.lonely_us > BELIEVED_US.0 + BELIEVED_US.1.saturating_mul(self.heard_us);
            self.since_hole_us = 0;
        }
        if self.are_false { from_us } else { at_us }
    }

    fn hear(&mut self, played_us: i64) {
        self.heard_us += played_us;
        self.since_hole_us += played_us;
    }
}

impl Hole {
    /// Silence of the kind of the frame, where the hole begins.
    fn piece(&self) -> Result<Audio> {
        let rate = i32::try_from(self.shape.rate).unwrap_or(i32::MAX);
        let mut silence = Audio::empty();
        silence.set_format(self.shape.sample);
        silence.set_rate(self.shape.rate);
        silence.set_pts(Some(self.from_us.rescale(Rational(1, 1_000_000), unit_of(self.shape))));
        // SAFETY: both frames are live; a layout is copied with whatever it owns, also where nobody named it, and the buffer
        // libav allocates for the format, layout and count set before is as large as what is made silent.
        let made = unsafe {
            let (raw, like) = (&mut *silence.as_mut_ptr(), &*self.frame.as_ptr());
            raw.nb_samples = rate;
            let copied = ffi::av_channel_layout_copy(&raw mut raw.ch_layout, &raw const like.ch_layout);
            if copied < 0 { copied } else { ffi::av_frame_get_buffer(raw, 0) }
        };
        if made < 0 {
            return Err(Error::fault("silence", ffmpeg_next::Error::from(made)));
        }
        // SAFETY: the same buffer, its format and its count.
        unsafe {
            let raw = &mut *silence.as_mut_ptr();
            let (planes, channels) = (raw.extended_data, raw.ch_layout.nb_channels);
            ffi::av_samples_set_silence(planes, 0, raw.nb_samples, channels, self.shape.sample.into());
        }
        Ok(silence)
    }
}

#[derive(Debug, Clone, Copy)]
enum Rematrix {
    ByLayout,
    FirstChannels,
}

fn unit_of(shape: Shape) -> Rational {
    Rational(1, i32::try_from(shape.rate).unwrap_or(i32::MAX))
}

fn source_arguments(shape: Shape) -> String {
    let channels = match shape.layout {
        0 => format!("channels={}", shape.channels),
        bits => format!("channel_layout=0x{bits:x}"),
    };
    format!("time_base=1/{0}:sample_rate={0}:sample_fmt={1}:{channels}", shape.rate, shape.sample.name())
}

fn find(name: &str) -> Result<filter::Filter> {
    filter::find(name)
        .ok_or_else(|| Error::missing(format!("libav filter {name}"), "Install Debian's libavfilter8."))
}

fn source(graph: &mut Graph) -> Result<filter::Context> {
    graph.get("in").ok_or_else(|| Error::Fault("the graph has no entry".to_owned()))
}

/// Replaces what is no number, and what is absurdly loud, in float samples: encoders refuse a whole file for one.
fn tame(frame: &mut Audio) {
    if !matches!(frame.format(), Sample::F32(_)) {
        return;
    }
    let bytes = frame.samples()
        * 4
        * if frame.format() == Sample::F32(Type::Packed) { usize::from(frame.channels()) } else { 1 };
    for plane in 0..frame.planes() {
        let data = frame.data_mut(plane);
        let end = bytes.min(data.len());
        for cell in data.get_mut(..end).unwrap_or(&mut []).chunks_exact_mut(4) {
            let value = f32::from_ne_bytes([cell[0], cell[1], cell[2], cell[3]]);
            if !value.is_finite() || value.abs() > LOUDEST {
                let tamed = if value.is_finite() { value.clamp(-LOUDEST, LOUDEST) } else { 0.0 };
                cell.copy_from_slice(&tamed.to_ne_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ffmpeg_next::ChannelLayout;

    fn pull_all(mixer: &mut Mixer) -> Vec<f32> {
        std::iter::from_fn(|| mixer.pull().unwrap())
            .flat_map(|frame| frame.plane::<f32>(0).to_vec())
            .collect()
    }

    /// Where sounds of `played` are placed that say they begin at these times, all in seconds.
    fn places(played: f64, told: &[f64]) -> Vec<f64> {
        let (mut times, mut from_us) = (Times::default(), 0);
        let mut place = |seconds: &f64| {
            let at_us = times.placed((seconds * 1e6) as i64, from_us);
            times.hear((played * 1e6) as i64);
            from_us = at_us + (played * 1e6) as i64;
            at_us as f64 / 1e6
        };
        told.iter().map(&mut place).collect()
    }

    #[test]
    fn words_far_apart_stay_where_they_were_and_a_clock_that_counts_wrong_is_not_believed() {
        let words: Vec<f64> = (0..60).map(|number| f64::from(number) * 60.0).collect();
        assert_eq!(places(0.5, &words), words, "half a second every minute");
        assert_eq!(places(300.0, &[0.0, 7200.0]), [0.0, 7200.0], "a lesson with a pause");
        assert_eq!(places(2.0, &[2400.0, 9600.0]), [2400.0, 9600.0]);
        let frames: Vec<f64> = (0..4).map(|number| f64::from(number) * 3043.5).collect();
        assert_eq!(places(0.5, &frames), [0.0, 0.5, 1.0, 1.5]);
    }

    #[test]
    fn sound_that_changes_with_every_frame_goes_on_without_a_seam_and_leaves_nothing_behind() {
        let mut mixer = Mixer::new(44_100, 1, 0);
        let mut heard = Vec::new();
        for place in 0..200 {
            let layout = if place % 2 == 0 { ChannelLayout::STEREO } else { ChannelLayout::MONO };
            let mut frame = Audio::new(Sample::F32(Type::Planar), 1152, layout);
            frame.set_rate(44_100);
            for plane in 0..frame.planes() {
                frame.plane_mut::<f32>(plane).fill(0.5);
            }
            mixer.push(&mut frame, Rational(1, 44_100), 60_000).unwrap();
            heard.extend(pull_all(&mut mixer));
            assert!(mixer.finished.is_empty());
        }
        mixer.flush().unwrap();
        heard.extend(pull_all(&mut mixer));
        assert_eq!(heard.len(), 200 * 1152);
        assert!(heard.iter().all(|sample| (0.4..0.8).contains(sample)));
    }
}

//! Decoded pictures, brought to the shape of the output: upright, square pixels, inside the box, at one steady rate.

use crate::demux::{Demuxer, VideoTrack};
use crate::error::{Error, Result};
use balado_media::Refusal;
use balado_media::recipe::VideoProfile;
use balado_media::wire::Limits;
use ffmpeg_next::codec::{self, threading};
use ffmpeg_next::filter::{self, Graph};
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::{Packet, Rational, Rescale, decoder};

/// The unit of times inside the graph.
const MICROSECONDS: Rational = Rational(1, 1_000_000);

/// Below this neither x264 nor players are at ease.
const SMALLEST_SIDE: u32 = 16;

/// What comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Pixels across, even.
    pub(super) width: u32,
    /// Pixels down, even.
    pub(super) height: u32,
    /// Frames per second.
    pub(super) rate: (i32, i32),
    /// Quarter turns clockwise between decoder and output.
    quarter_turns: u8,
    is_interlaced: bool,
}

impl Shape {
    /// The shape a track gets under a profile: never enlarged, long side and short side each within the box.
    pub(super) fn for_track(track: &VideoTrack, profile: &VideoProfile) -> Self {
        let (width, height) = track.upright_size();
        let (long, short) = (f64::from(width.max(height)), f64::from(width.min(height)));
        let fit =
            (f64::from(profile.max_long_side) / long).min(f64::from(profile.max_short_side) / short).min(1.0);
        let side = |pixels: u32| {
            let scaled = (f64::from(pixels) * fit / 2.0).round() as u32 * 2;
            scaled.clamp(SMALLEST_SIDE, profile.max_long_side.max(SMALLEST_SIDE))
        };
        Self {
            width: side(width),
            height: side(height),
            rate: steady_rate(track, profile.max_frame_rate),
            quarter_turns: track.quarter_turns,
            is_interlaced: track.is_interlaced,
        }
    }
}

/// A steady source keeps its rate, halved until it fits; anything else gets the highest rate allowed.
fn steady_rate(track: &VideoTrack, highest: u32) -> (i32, i32) {
    let highest_rate = (i32::try_from(highest).unwrap_or(30), 1);
    let (mean, base) = (track.mean_rate, track.base_rate);
    let steady = base >= 1.0 && (mean - base).abs() / base < 0.02;
    if !steady {
        return highest_rate;
    }
    // A thousandth above the limit is rounding, not a higher rate.
    let divided = base / (base / f64::from(highest) - 0.001).ceil().max(1.0);
    // Rates of television are thousandths below a whole number; those of telephones wander around one.
    let whole = divided.round();
    if (divided - whole * 1000.0 / 1001.0).abs() < 0.005 && [24.0, 30.0].contains(&whole) {
        return (whole as i32 * 1000, 1001);
    }
    if (divided - whole).abs() < 0.05 {
        return (whole as i32, 1);
    }
    ((divided * 1000.0).round() as i32, 1000)
}

/// What the decoder gives right now; the graph is built anew when it changes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Source {
    width: u32,
    height: u32,
    pixel: Pixel,
}

/// Which pictures leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// As many as the rate of the shape asks for: repeated or dropped.
    Steady,
    /// Each decoded one, at once. The steady pace would hold a lone key frame back for ever.
    AsDecoded,
}

/// Packets in, shaped pictures out.
pub(super) struct Frames {
    decoder: decoder::Video,
    unit: Rational,
    shape: Shape,
    pace: Pace,
    graph: Option<(Source, Graph)>,
    finished: Vec<Graph>,
    given: i64,
    decoded: u64,
    ends_us: i64,
    interval_us: i64,
    limit_us: i64,
    limit_pixels: u64,
}

impl Frames {
    pub(super) fn open(
        demuxer: &Demuxer,
        track: &VideoTrack,
        shape: Shape,
        pace: Pace,
        limits: &Limits,
    ) -> Result<Self> {
        let refuse =
            |error: ffmpeg_next::Error| Error::refused(Refusal::Damaged, format!("decoder: {error}"));
        let unit = demuxer.time_base(track.index)?;
        let mut context =
            codec::Context::from_parameters(demuxer.parameters(track.index)?).map_err(refuse)?.decoder();
        // libav's default is one thread; more than four only cost memory at these sizes.
        let count = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4));
        context.set_threading(threading::Config {
            kind: threading::Type::Frame,
            count,
            ..Default::default()
        });
        context.set_packet_time_base(unit);
        Ok(Self {
            decoder: context.video().map_err(refuse)?,
            unit,
            shape,
            pace,
            graph: None,
            finished: Vec::new(),
            given: 0,
            decoded: 0,
            ends_us: 0,
            interval_us: (1e6 / if track.mean_rate >= 1.0 { track.mean_rate } else { 30.0 }) as i64,
            limit_us: limits.duration_ms.saturating_mul(1000),
            limit_pixels: limits.pixels,
        })
    }

    /// Decodes a packet. One that cannot be decoded is a picture less, not the end.
    pub(super) fn take(&mut self, packet: &Packet) -> Result<()> {
        if self.decoder.send_packet(packet).is_ok() {
            self.drain()?;
        }
        Ok(())
    }

    /// Decodes a key frame that has no neighbours: the decoder is emptied after it.
    pub(super) fn take_alone(&mut self, packet: &Packet) -> Result<()> {
        self.take(packet)?;
        if self.decoder.send_eof().is_ok() {
            self.drain()?;
        }
        self.decoder.flush();
        Ok(())
    }

    /// No more packets will come.
    pub(super) fn finish(&mut self) -> Result<()> {
        if self.decoder.send_eof().is_ok() {
            self.drain()?;
        }
        self.close_graph()?;
        if self.decoded == 0 {
            return Err(Error::refused(Refusal::Damaged, "no picture could be decoded"));
        }
        Ok(())
    }

    /// The next shaped picture; its time is its number.
    pub(super) fn pull(&mut self) -> Result<Option<Video>> {
        let current = self.graph.as_mut().map(|(_, graph)| graph);
        for graph in self.finished.iter_mut().chain(current) {
            let mut frame = Video::empty();
            if context(graph, "out")?.sink().frame(&mut frame).is_ok() {
                frame.set_pts(Some(self.given));
                self.given += 1;
                return Ok(Some(frame));
            }
        }
        self.finished.clear();
        Ok(None)
    }

    fn drain(&mut self) -> Result<()> {
        let mut frame = Video::empty();
        while self.decoder.receive_frame(&mut frame).is_ok() {
            self.decoded += 1;
            if u64::from(frame.width()) * u64::from(frame.height()) > self.limit_pixels {
                return Err(Error::refused(Refusal::TooBigPicture, "the picture grows beyond the limit"));
            }
            let at_us =
                frame.timestamp().map_or_else(|| self.expected_us(), |t| t.rescale(self.unit, MICROSECONDS));
            if at_us > self.limit_us {
                return Err(Error::refused(Refusal::TooLong, "a picture beyond the limit"));
            }
            let source = Source { width: frame.width(), height: frame.height(), pixel: frame.format() };
            if self.graph.as_ref().is_none_or(|(current, _)| *current != source) {
                self.close_graph()?;
                self.graph = Some((source, self.build(source)?));
            }
            self.ends_us = at_us.saturating_add(self.interval_us);
            frame.set_pts(Some(at_us));
            if let Some((_, graph)) = &mut self.graph {
                context(graph, "in")?.source().add(&frame).map_err(|e| Error::fault("shape a picture", e))?;
            }
        }
        Ok(())
    }

    fn expected_us(&self) -> i64 {
        self.given * 1_000_000 * i64::from(self.shape.rate.1) / i64::from(self.shape.rate.0.max(1))
    }

    fn close_graph(&mut self) -> Result<()> {
        if let Some((_, mut graph)) = self.graph.take() {
            // The last picture is shown for a while too; without an end the graph would drop it.
            context(&mut graph, "in")?.source().close(self.ends_us)?;
            self.finished.push(graph);
        }
        Ok(())
    }

    fn build(&self, source: Source) -> Result<Graph> {
        let mut graph = Graph::new();
        let pixel: ffmpeg_next::ffi::AVPixelFormat = source.pixel.into();
        let arguments = format!(
            "video_size={}x{}:pix_fmt={}:time_base=1/1000000:pixel_aspect=1/1",
            source.width, source.height, pixel as i32
        );
        graph.add(&find("buffer")?, "in", &arguments)?;
        graph.add(&find("buffersink")?, "out", "")?;
        let Shape { width, height, rate: (frames, seconds), quarter_turns, is_interlaced } = self.shape;
        let weave = if is_interlaced { "yadif=deint=interlaced," } else { "" };
        let (across, down) = if quarter_turns % 2 == 1 { (height, width) } else { (width, height) };
        let turn = match quarter_turns {
            1 => "transpose=clock,",
            2 => "hflip,vflip,",
            3 => "transpose=cclock,",
            _ => "",
        };
        // Where this graph takes over: at zero, or where the one before it ended.
        let start = self.expected_us() as f64 / 1e6;
        let pace = match self.pace {
            Pace::Steady => format!("fps=fps={frames}/{seconds}:start_time={start:.6},"),
            Pace::AsDecoded => String::new(),
        };
        let spec = format!(
            "[in]{weave}{pace}\
             scale={across}:{down}:flags=bicubic:out_range=tv,{turn}setsar=1,format=yuv420p[out]"
        );
        graph.output("in", 0)?.input("out", 0)?.parse(&spec)?;
        graph.validate().map_err(|e| Error::refused(Refusal::Damaged, format!("shape: {e}")))?;
        Ok(graph)
    }
}

fn find(name: &str) -> Result<filter::Filter> {
    filter::find(name)
        .ok_or_else(|| Error::missing(format!("libav filter {name}"), "Install Debian's libavfilter8."))
}

fn context(graph: &mut Graph, name: &str) -> Result<filter::Context> {
    graph.get(name).ok_or_else(|| Error::Fault(format!("the graph has no {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use balado_media::Recipe;

    fn track(width: u32, height: u32, mean_rate: f64, base_rate: f64) -> VideoTrack {
        VideoTrack {
            index: 0,
            codec: ffmpeg_next::codec::Id::H264,
            profile: 100,
            width,
            height,
            pixel_aspect: 1.0,
            quarter_turns: 0,
            mean_rate,
            base_rate,
            bit_rate: 0,
            is_plain_420: true,
            is_interlaced: false,
        }
    }

    fn size(track: &VideoTrack) -> (u32, u32) {
        let shape = Shape::for_track(track, &Recipe::standard().video);
        (shape.width, shape.height)
    }

    #[test]
    fn pictures_fit_the_box_lying_or_standing_and_are_never_enlarged() {
        assert_eq!(size(&track(1920, 1080, 30.0, 30.0)), (1280, 720));
        assert_eq!(size(&track(1080, 1920, 30.0, 30.0)), (720, 1280));
        assert_eq!(size(&track(1024, 768, 30.0, 30.0)), (960, 720));
        assert_eq!(size(&track(641, 361, 30.0, 30.0)), (642, 362));
        assert_eq!(size(&track(1, 9999, 30.0, 30.0)), (16, 1280));
        let turned = VideoTrack { quarter_turns: 1, ..track(1920, 1080, 30.0, 30.0) };
        assert_eq!(size(&turned), (720, 1280));
    }

    #[test]
    fn steady_rates_are_kept_or_halved_and_wandering_ones_set() {
        let rate =
            |mean, base| Shape::for_track(&track(640, 360, mean, base), &Recipe::standard().video).rate;
        assert_eq!(rate(25.0, 25.0), (25, 1));
        assert_eq!(rate(50.0, 50.0), (25, 1));
        assert_eq!(rate(60.0, 60.0), (30, 1));
        assert_eq!(rate(29.97, 29.97), (30_000, 1001));
        assert_eq!(rate(59.94, 59.94), (30_000, 1001));
        assert_eq!(rate(1000.0, 1000.0), (29_412, 1000));
        assert_eq!(rate(19.8, 1000.0), (30, 1));
        assert_eq!(rate(0.0, 0.0), (30, 1));
    }
}

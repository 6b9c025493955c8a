//! Brings decoded pictures to the shape of the output: one in, one out, each with how often it is shown.

use super::shape::Shape;
use crate::demux::sane_aspect;
use crate::error::{Error, Result};
use balado_media::Refusal;
use ffmpeg_next::filter::{self, Graph};
use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;
use ffmpeg_next::picture;
use std::collections::VecDeque;

/// What the decoder gives right now; the graph is built anew when it changes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Source {
    width: u32,
    height: u32,
    pixel: Pixel,
    /// Width over height as shown.
    ratio: f64,
    /// Whether lines alternate between two moments, here or in a picture before.
    is_interlaced: bool,
}

/// Decoded pictures in, shaped pictures out.
pub(super) struct Shaper {
    shape: Shape,
    threads: usize,
    graph: Option<(Source, Graph)>,
    is_interlaced: bool,
    times: VecDeque<i64>,
    pushed: i64,
    ready: VecDeque<(Video, i64)>,
}

impl Shaper {
    pub(super) fn new(shape: Shape, threads: usize) -> Self {
        // Decoder and encoder already run beside this; more threads only add cost to a scaling that is cheap.
        let threads = if shape.colours.are_costly() { threads } else { 1 };
        Self {
            shape,
            threads,
            graph: None,
            is_interlaced: false,
            times: VecDeque::new(),
            pushed: 0,
            ready: VecDeque::new(),
        }
    }

    /// Shapes a picture that will be shown `times` times.
    pub(super) fn push(&mut self, mut frame: Video, times: i64) -> Result<()> {
        // Films mix both; a graph built anew at each change would cost more than one that lets whole pictures pass.
        self.is_interlaced |= frame.is_interlaced();
        let source = self.source(&frame);
        if self.graph.as_ref().is_none_or(|(current, _)| *current != source) {
            self.close()?;
            self.graph = Some((source, self.build(source)?));
        }
        frame.set_pts(Some(self.pushed));
        self.pushed += 1;
        self.times.push_back(times);
        if let Some((_, graph)) = &mut self.graph {
            context(graph, "in")?.source().add(&frame).map_err(|e| Error::fault("shape a picture", e))?;
        }
        self.collect()
    }

    /// No more pictures will come, or none like those before.
    pub(super) fn close(&mut self) -> Result<()> {
        if let Some((_, graph)) = &mut self.graph {
            context(graph, "in")?.source().flush()?;
        }
        self.collect()?;
        self.graph = None;
        self.times.clear();
        Ok(())
    }

    /// No picture that follows belongs to those before: what waits for the next, to take lines of it, comes without.
    pub(super) fn part(&mut self) -> Result<()> {
        if self.is_interlaced { self.close() } else { Ok(()) }
    }

    /// Whether lines of a picture alternated between two moments.
    pub(super) fn saw_interlaced(&self) -> bool {
        self.is_interlaced
    }

    /// The next shaped picture and how often it is shown.
    pub(super) fn pull(&mut self) -> Option<(Video, i64)> {
        self.ready.pop_front()
    }

    fn collect(&mut self) -> Result<()> {
        let Some((_, graph)) = &mut self.graph else { return Ok(()) };
        let mut frame = Video::empty();
        while context(graph, "out")?.sink().frame(&mut frame).is_ok() {
            // The decoder's choice of key frames is not ours.
            frame.set_kind(picture::Type::None);
            self.ready.push_back((frame, self.times.pop_front().unwrap_or(1)));
            frame = Video::empty();
        }
        Ok(())
    }

    fn source(&self, frame: &Video) -> Source {
        let (width, height) = (frame.width(), frame.height());
        let own_aspect = || sane_aspect(frame.aspect_ratio()).unwrap_or(1.0);
        let aspect = self.shape.told_aspect.unwrap_or_else(own_aspect);
        let ratio = f64::from(width) * aspect / f64::from(height.max(1));
        Source { width, height, pixel: frame.format(), ratio, is_interlaced: self.is_interlaced }
    }

    fn build(&self, source: Source) -> Result<Graph> {
        let mut graph = Graph::new();
        // SAFETY: the graph is ours and still empty, which is when libav lets this plain number be set.
        unsafe { (*graph.as_mut_ptr()).nb_threads = i32::try_from(self.threads).unwrap_or(1) };
        let pixel: ffmpeg_next::ffi::AVPixelFormat = source.pixel.into();
        let arguments = format!(
            "video_size={}x{}:pix_fmt={}:time_base=1/1000000:pixel_aspect=1/1",
            source.width, source.height, pixel as i32
        );
        graph.add(&find("buffer")?, "in", &arguments)?;
        graph.add(&find("buffersink")?, "out", "")?;
        let spec = format!("[in]{}[out]", self.chain(source));
        graph.output("in", 0)?.input("out", 0)?.parse(&spec)?;
        graph.validate().map_err(|e| Error::refused(Refusal::Damaged, format!("shape: {e}")))?;
        Ok(graph)
    }

    /// What is done to the pictures, in the words of libav's filter graphs.
    fn chain(&self, source: Source) -> String {
        let Shape { stance, colours, .. } = self.shape;
        let weave = if source.is_interlaced { "yadif=deint=interlaced," } else { "" };
        // libav turns a picture upside down by reading it from its last line. The filters behind that copy it, so that no
        // such picture leaves.
        let mirror = if stance.is_mirrored { "vflip," } else { "" };
        let (whole, fitted) = (self.shape.lying_size(), self.shape.fitted_size(source.ratio));
        let scaling = colours.scaling(fitted.0, fitted.1);
        let margin = if fitted == whole {
            String::new()
        } else {
            format!("pad={}:{}:(ow-iw)/2:(oh-ih)/2,", whole.0, whole.1)
        };
        let turn = match stance.quarter_turns {
            1 => "transpose=clock,",
            2 => "vflip,hflip,",
            3 => "transpose=cclock,",
            _ => "",
        };
        format!("{weave}{mirror}{scaling},format=yuv420p,{margin}{turn}setsar=1")
    }
}

fn find(name: &str) -> Result<filter::Filter> {
    filter::find(name)
        .ok_or_else(|| Error::missing(format!("libav filter {name}"), "Install Debian's libavfilter8."))
}

fn context(graph: &mut Graph, name: &str) -> Result<filter::Context> {
    graph.get(name).ok_or_else(|| Error::Fault(format!("the graph has no {name}")))
}

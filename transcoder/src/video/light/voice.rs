//! The sound of the light video: AAC of one channel, from the AAC of the finished MP4.

use crate::demux::{AudioTrack, Demuxer};
use crate::error::{Error, Result};
use crate::sound::Mixdown;
use crate::video::film::Film;
use ffmpeg_next::codec::{self, Parameters};
use ffmpeg_next::filter::{self, Graph};
use ffmpeg_next::format::sample::{Sample, Type};
use ffmpeg_next::frame::Audio;
use ffmpeg_next::{ChannelLayout, Packet, Rational, Rescale, decoder, encoder};

/// Decodes, mixes down and encodes.
pub(super) struct Voice {
    decoder: decoder::Audio,
    unit: Rational,
    graph: Option<Graph>,
    encoder: encoder::Audio,
    mixdown: Mixdown,
    rate: i32,
    written: i64,
}

impl Voice {
    /// For a track of `demuxer`, to so many samples and bits per second.
    pub(super) fn open(
        demuxer: &Demuxer,
        track: &AudioTrack,
        mixdown: Mixdown,
        (rate_hz, bit_rate): (u32, u32),
    ) -> Result<Self> {
        let unit = demuxer.time_base(track.index)?;
        let mut decoder = codec::Context::from_parameters(demuxer.parameters(track.index)?)?.decoder();
        decoder.set_packet_time_base(unit);
        let decoder = decoder.audio()?;
        let rate = i32::try_from(rate_hz).map_err(|e| Error::fault("sample rate", e))?;
        let codec = encoder::find_by_name("aac").ok_or_else(|| {
            Error::missing("libav encoder aac", "Install Debian's libavcodec59 (or libavcodec-extra59).")
        })?;
        let mut encoder = codec::Context::new_with_codec(codec).encoder().audio()?;
        encoder.set_rate(rate);
        encoder.set_channel_layout(ChannelLayout::MONO);
        encoder.set_format(Sample::F32(Type::Planar));
        encoder.set_bit_rate(bit_rate as usize);
        encoder.set_time_base((1, rate));
        encoder.set_flags(codec::Flags::GLOBAL_HEADER);
        let encoder = encoder.open_as(codec)?;
        Ok(Self { decoder, unit, graph: None, encoder, mixdown, rate, written: 0 })
    }

    /// What the MP4 must know of the sound.
    pub(super) fn parameters(&self) -> Parameters {
        Parameters::from(&self.encoder)
    }

    pub(super) fn take(&mut self, packet: &Packet, film: &mut Film) -> Result<()> {
        if self.decoder.send_packet(packet).is_ok() {
            self.drain_decoder(film)?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self, film: &mut Film) -> Result<()> {
        if self.decoder.send_eof().is_ok() {
            self.drain_decoder(film)?;
        }
        if let Some(graph) = &mut self.graph {
            context(graph, "in")?.source().flush()?;
        }
        self.drain_graph(film)?;
        self.encoder.send_eof()?;
        self.drain_encoder(film)
    }

    fn drain_decoder(&mut self, film: &mut Film) -> Result<()> {
        let mut frame = Audio::empty();
        while self.decoder.receive_frame(&mut frame).is_ok() {
            if self.graph.is_none() {
                self.graph = Some(self.build(&frame)?);
            }
            let rate = Rational(1, i32::try_from(frame.rate()).unwrap_or(self.rate));
            let at = frame.timestamp().map(|time| time.rescale(self.unit, rate));
            frame.set_pts(at);
            if let Some(graph) = &mut self.graph {
                context(graph, "in")?.source().add(&frame).map_err(|e| Error::fault("mix sound", e))?;
            }
            self.drain_graph(film)?;
        }
        Ok(())
    }

    fn drain_graph(&mut self, film: &mut Film) -> Result<()> {
        let mut frame = Audio::empty();
        while let Some(graph) = &mut self.graph {
            if context(graph, "out")?.sink().frame(&mut frame).is_err() {
                break;
            }
            frame.set_pts(Some(self.written));
            self.written += i64::try_from(frame.samples()).unwrap_or(0);
            self.encoder.send_frame(&frame).map_err(|e| Error::fault("encode sound", e))?;
            self.drain_encoder(film)?;
        }
        Ok(())
    }

    fn drain_encoder(&mut self, film: &mut Film) -> Result<()> {
        let mut packet = Packet::empty();
        while self.encoder.receive_packet(&mut packet).is_ok() {
            film.write_sound(packet, Rational(1, self.rate))?;
            packet = Packet::empty();
        }
        Ok(())
    }

    fn build(&self, first: &Audio) -> Result<Graph> {
        let mut graph = Graph::new();
        let arguments = format!(
            "time_base=1/{0}:sample_rate={0}:sample_fmt={1}:channel_layout=0x{2:x}",
            first.rate(),
            first.format().name(),
            first.channel_layout().bits()
        );
        graph.add(&find("abuffer")?, "in", &arguments)?;
        graph.add(&find("abuffersink")?, "out", "")?;
        let mixed = match (first.channels(), self.mixdown) {
            (2, Mixdown::Mean) => "pan=mono|c0=0.5*c0+0.5*c1,",
            (2, Mixdown::Sum) => "pan=mono|c0=c0+c1,",
            (2, Mixdown::Difference) => "pan=mono|c0=0.5*c0-0.5*c1,",
            _ => "",
        };
        // Sound that starts late is placed against zero, to stay in time with the pictures.
        let spec = format!(
            "[in]{mixed}aresample={}:async=1:min_hard_comp=0.05:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono[out]",
            self.rate
        );
        graph.output("in", 0)?.input("out", 0)?.parse(&spec)?;
        graph.validate()?;
        context(&mut graph, "out")?.sink().set_frame_size(self.encoder.frame_size());
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

//! What the numbers of a picture mean as colours, and what the MP4 says about it.
//!
//! Ordinary pictures keep their meaning: BT.601 stays BT.601 and BT.709 stays BT.709, in the narrow range, and the file
//! says which. High dynamic range (PQ, HLG) is brought to what every screen shows, BT.709.

use crate::demux::VideoTrack;
use ffmpeg_next::color::{Primaries, Space, TransferCharacteristic};

/// How luma and colour difference make red, green and blue in the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matrix {
    /// Of television before high definition.
    Bt601,
    /// Of high definition.
    Bt709,
}

/// How bright a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Brightness {
    /// As every screen shows it.
    Usual,
    /// As usual, in the wider colours of BT.2020.
    Wide,
    /// SMPTE ST 2084.
    Pq,
    /// ARIB STD-B67.
    Hlg,
}

/// What the numbers of a track mean, and what those of the output will.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colours {
    /// The matrix of the source, in the words of libav's `scale`.
    source: &'static str,
    matrix: Matrix,
    brightness: Brightness,
}

impl Colours {
    /// What a track says of itself; where it says nothing, what players assume at its size.
    pub(super) fn of(track: &VideoTrack) -> Self {
        let usual = match (track.width.max(track.height), track.width.min(track.height)) {
            (1280.., _) | (_, 577..) => Matrix::Bt709,
            _ => Matrix::Bt601,
        };
        let (source, matrix) = match track.matrix {
            Space::BT709 => ("bt709", Matrix::Bt709),
            Space::BT470BG | Space::SMPTE170M => ("bt601", Matrix::Bt601),
            Space::FCC => ("fcc", Matrix::Bt601),
            Space::SMPTE240M => ("smpte240m", Matrix::Bt709),
            Space::BT2020NCL | Space::BT2020CL => ("bt2020", Matrix::Bt709),
            _ => (usual.name(), usual),
        };
        let wide = track.primaries == Primaries::BT2020 || source == "bt2020";
        let brightness = match track.transfer {
            TransferCharacteristic::SMPTE2084 => Brightness::Pq,
            TransferCharacteristic::ARIB_STD_B67 => Brightness::Hlg,
            _ if wide => Brightness::Wide,
            _ => Brightness::Usual,
        };
        let matrix = if brightness == Brightness::Usual { matrix } else { Matrix::Bt709 };
        Self { source, matrix, brightness }
    }

    /// The matrix of the output.
    pub(super) fn matrix(&self) -> Matrix {
        self.matrix
    }

    /// Whether every pixel goes through arithmetic worth sharing among threads.
    pub(super) fn are_costly(&self) -> bool {
        self.brightness != Brightness::Usual
    }

    /// The part of a filter graph that brings a picture to this size and to the colours of the output.
    pub(super) fn scaling(&self, width: u32, height: u32) -> String {
        let size = format!("scale={width}:{height}:flags=bicubic");
        // Light is added up where numbers are light: hence the linear step. 100 cd/m2 is the white of BT.709.
        let tone = |transfer: &str| {
            format!(
                "{size},zscale=pin=2020:min=2020_ncl:tin={transfer}:t=linear:npl=100,format=gbrpf32le,\
                 zscale=p=709,tonemap=tonemap=hable:desat=0,zscale=t=709:m=709:r=limited:d=ordered"
            )
        };
        match self.brightness {
            Brightness::Usual => {
                let (from, to) = (self.source, self.matrix.name());
                format!("{size}:in_color_matrix={from}:out_color_matrix={to}:out_range=tv")
            }
            Brightness::Wide => {
                format!("{size},zscale=pin=2020:min=2020_ncl:tin=709:p=709:m=709:t=709:r=limited:d=ordered")
            }
            Brightness::Pq => tone("smpte2084"),
            Brightness::Hlg => tone("arib-std-b67"),
        }
    }

    /// What the encoder writes, as libav's options.
    pub(super) fn tags(&self) -> [(&'static str, &'static str); 4] {
        let name = match self.matrix {
            Matrix::Bt601 => "smpte170m",
            Matrix::Bt709 => "bt709",
        };
        [("color_primaries", name), ("color_trc", name), ("colorspace", name), ("color_range", "tv")]
    }
}

impl Matrix {
    /// In the words of libav's `scale`.
    fn name(self) -> &'static str {
        match self {
            Self::Bt601 => "bt601",
            Self::Bt709 => "bt709",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_film_says_of_its_colours_is_kept_and_silence_read_as_players_do() {
        let matrix = |width, height, matrix| {
            Colours::of(&VideoTrack { width, height, matrix, ..VideoTrack::sample() }).matrix()
        };
        assert_eq!(matrix(1920, 1080, Space::SMPTE170M), Matrix::Bt601);
        assert_eq!(matrix(320, 240, Space::BT709), Matrix::Bt709);
        assert_eq!(matrix(1920, 1080, Space::Unspecified), Matrix::Bt709);
        assert_eq!(matrix(720, 576, Space::Unspecified), Matrix::Bt601);
        assert_eq!(matrix(1024, 768, Space::Unspecified), Matrix::Bt709);
    }

    #[test]
    fn high_dynamic_range_becomes_ordinary() {
        for transfer in [TransferCharacteristic::SMPTE2084, TransferCharacteristic::ARIB_STD_B67] {
            let track = VideoTrack {
                transfer,
                primaries: Primaries::BT2020,
                matrix: Space::BT2020NCL,
                ..VideoTrack::sample()
            };
            let colours = Colours::of(&track);
            assert!(colours.scaling(640, 360).contains("tonemap"));
            assert_eq!(colours.tags()[2], ("colorspace", "bt709"));
        }
    }
}

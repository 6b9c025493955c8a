//! Recipes: what is made of a file, as data. A recipe's name carries its version; a change of values is a new version.
//!
//! The built-in ones are the files of `crates/media/recipes`; a [`RecipeBook`] holds them beside an administrator's own.
//! For `worker` and `transcoder`, which follow them, and `app`, which asks what to expect. Nothing here encodes.

mod book;
mod check;

pub use book::{RecipeBook, RecipeFault};

use balado_domain::deposit::{Family, RenditionKind};
use serde::{Deserialize, Serialize};

/// Name of the recipe every deposit gets unless its school chose another.
pub const STANDARD: &str = "standard-1";

/// What is made of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Permanent name with version, e.g. `standard-1`.
    pub name: String,
    /// What people call it.
    pub title: Wording,
    /// What it is good for, one sentence.
    pub summary: Wording,
    /// How sound is encoded.
    pub audio: AudioProfile,
    /// How moving pictures are encoded.
    pub video: VideoProfile,
    /// How still pictures are encoded.
    pub image: ImageProfile,
    /// How documents are pictured.
    pub document: DocumentProfile,
}

/// A text in the languages of the screens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// In French.
    pub french: String,
    /// In English.
    pub english: String,
}

/// How sound is encoded to MP3 (and to AAC inside an MP4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AudioProfile {
    /// Samples per second of the MP3.
    pub sample_rate_hz: u32,
    /// Bits per second of one channel.
    pub mono_bit_rate: u32,
    /// Bits per second of two channels.
    pub stereo_bit_rate: u32,
    /// An MP3 of at most this many bits per second is copied, not encoded again.
    pub copy_max_bit_rate: u32,
    /// Bits per second of the AAC sound of a video, stereo; mono gets half.
    pub aac_bit_rate: u32,
    /// Milliseconds of sound that one peak of the waveform stands for.
    pub peak_ms: u32,
    /// Milliseconds of sound that one of the finer peaks stands for.
    pub fine_peak_ms: u32,
    /// How loud encoded sound is made.
    pub loudness: LoudnessProfile,
}

/// How loud encoded sound is made (EBU R 128). Copied sound keeps its loudness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoudnessProfile {
    /// Integrated loudness of one channel, in LUFS.
    pub mono_lufs: i32,
    /// Integrated loudness of two channels, in LUFS.
    pub stereo_lufs: i32,
    /// Highest true peak, in tenths of dBTP.
    pub peak_dbtp_tenths: i32,
    /// Largest boost, in dB.
    pub max_boost_db: u32,
}

/// How moving pictures are encoded to MP4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VideoProfile {
    /// Longest side allowed, in pixels.
    pub max_long_side: u32,
    /// Shortest side allowed, in pixels.
    pub max_short_side: u32,
    /// Frames per second at most.
    pub max_frame_rate: u32,
    /// x264 preset.
    pub preset: String,
    /// x264 constant rate factor, in tenths.
    pub crf_tenths: u32,
    /// How finely x264 looks for movement between pixels (its `subme`): 1 takes a third of the time less than the 2 of
    /// `veryfast`, and what it misses is the difference of half a step of `crf`.
    pub subme: u32,
    /// Bits per second the encoder may not exceed over one buffer.
    pub max_bit_rate: u32,
    /// Conforming H.264 of at most this many bits per second is copied, not encoded again.
    pub copy_max_bit_rate: u32,
    /// JPEG quality of the poster, 1 to 100.
    pub poster_quality: u8,
    /// The small pictures for looking ahead.
    pub sprite: SpriteProfile,
    /// The small video.
    pub light: LightProfile,
}

/// Many small pictures of a video in one JPEG, row by row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpriteProfile {
    /// Pictures in a row.
    pub columns: u32,
    /// Pictures at most. A longer video has them further apart: the interval doubles until they suffice.
    pub max_tiles: u32,
    /// Longest side of each, in pixels.
    pub tile_side: u32,
    /// Milliseconds between two, in a short video.
    pub interval_ms: u32,
    /// JPEG quality, 1 to 100.
    pub quality: u8,
}

/// The small video for old telephones and thin data plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LightProfile {
    /// Longest side allowed, in pixels.
    pub max_long_side: u32,
    /// Shortest side allowed, in pixels.
    pub max_short_side: u32,
    /// x264 preset.
    pub preset: String,
    /// x264 constant rate factor, in tenths.
    pub crf_tenths: u32,
    /// How finely x264 looks for movement between pixels (its `subme`): 1 takes a third of the time less than the 2 of
    /// `veryfast`, and what it misses is the difference of half a step of `crf`.
    pub subme: u32,
    /// Bits per second the encoder may not exceed over one buffer.
    pub max_bit_rate: u32,
    /// Bits per second of its AAC sound, one channel.
    pub aac_bit_rate: u32,
}

/// How still pictures are encoded to JPEG.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageProfile {
    /// Longest side allowed, in pixels.
    pub max_side: u32,
    /// JPEG quality, 1 to 100.
    pub quality: u8,
}

/// How documents are pictured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentProfile {
    /// Longest side of the picture of page 1, in pixels.
    pub poster_side: u32,
    /// Bytes of extracted text at most.
    pub text_bytes: u32,
}

/// Whether a deposit is ready without an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The deposit is not ready before this output exists.
    Required,
    /// Made when the source allows it: a silent video has no MP3.
    Optional,
}

impl Recipe {
    /// The built-in recipe [`STANDARD`].
    #[must_use]
    pub fn standard() -> Self {
        book::built_in_standard()
    }

    /// Every output a file of that family may get, in the order they are made.
    #[must_use]
    pub fn outputs_for(&self, family: Family) -> &'static [(RenditionKind, Need)] {
        use Need::{Optional, Required};
        match family {
            Family::Audio => &[
                (RenditionKind::Mp3, Required),
                (RenditionKind::Waveform, Required),
                (RenditionKind::Peaks, Optional),
            ],
            Family::Video => &[
                (RenditionKind::Mp3, Optional),
                (RenditionKind::Waveform, Optional),
                (RenditionKind::Peaks, Optional),
                (RenditionKind::Mp4, Required),
                (RenditionKind::Poster, Required),
                (RenditionKind::Sprite, Optional),
            ],
            Family::Image => &[(RenditionKind::Jpeg, Required)],
            // A scanned page has no words.
            Family::Document => &[
                (RenditionKind::Pdf, Required),
                (RenditionKind::Poster, Required),
                (RenditionKind::Text, Optional),
            ],
        }
    }

    /// The outputs without which a deposit of that family is not ready.
    pub fn required_for(&self, family: Family) -> impl Iterator<Item = RenditionKind> + use<> {
        self.outputs_for(family).iter().filter(|(_, need)| *need == Need::Required).map(|(kind, _)| *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_enclosure_of_every_family_is_a_required_output() {
        let recipe = Recipe::standard();
        for family in Family::ALL {
            assert!(recipe.required_for(*family).any(|kind| kind == family.enclosure_kind()), "{family}");
        }
    }

    #[test]
    fn a_recipe_survives_json_and_refuses_a_misspelt_field() {
        let recipe = Recipe::standard();
        let json = serde_json::to_string(&recipe).unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), recipe);
        assert!(serde_json::from_str::<Recipe>(&json.replace("\"crf_tenths\"", "\"crff_tenths\"")).is_err());
    }
}

//! Which values a recipe may have: what the encoders accept, and what keeps an output within sense.

use super::{AudioProfile, LightProfile, Recipe, VideoProfile};
use std::fmt::Display;

/// Bits per second of MPEG-1 layer III (ISO 11172-3), as far as they make sense for speech and music.
const MP3_BIT_RATES: [u32; 11] =
    [48_000, 56_000, 64_000, 80_000, 96_000, 112_000, 128_000, 160_000, 192_000, 256_000, 320_000];

/// x264's presets, without those that take minutes for seconds.
const PRESETS: [&str; 7] = ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"];

/// Largest side of a JPEG.
const JPEG_SIDE: u32 = 65_500;

impl Recipe {
    /// Every value that makes no sense, with what it may be; nothing when all do.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut check = Check::default();
        check.that("name", is_versioned(&self.name), "lower-case words and a version, e.g. college-1");
        for (name, text) in [("title", &self.title), ("summary", &self.summary)] {
            let fits = |text: &str| (1..=200).contains(&text.trim().chars().count());
            check.that(
                name,
                fits(&text.french) && fits(&text.english),
                "1 to 200 characters in each language",
            );
        }
        check.audio(&self.audio);
        check.video(&self.video);
        check.light(&self.video.light);
        check.between("image.max_side", self.image.max_side, 320, 8192);
        check.between("image.quality", self.image.quality, 30, 100);
        check.between("document.poster_side", self.document.poster_side, 200, 4096);
        check.between("document.text_bytes", self.document.text_bytes, 0, 8 << 20);
        check.faults
    }
}

#[derive(Default)]
struct Check {
    faults: Vec<String>,
}

impl Check {
    fn that(&mut self, name: &str, holds: bool, wanted: &str) {
        if !holds {
            self.faults.push(format!("{name}: must be {wanted}"));
        }
    }

    fn between<T: PartialOrd + Display>(&mut self, name: &str, value: T, least: T, most: T) {
        if value < least || value > most {
            self.faults.push(format!("{name}: {value} is not between {least} and {most}"));
        }
    }

    fn audio(&mut self, audio: &AudioProfile) {
        self.that(
            "audio.sample_rate_hz",
            [32_000, 44_100, 48_000].contains(&audio.sample_rate_hz),
            "32000, 44100 or 48000",
        );
        for (name, rate) in
            [("audio.mono_bit_rate", audio.mono_bit_rate), ("audio.stereo_bit_rate", audio.stereo_bit_rate)]
        {
            self.that(name, MP3_BIT_RATES.contains(&rate), "a bit rate of MP3 from 48000 to 320000");
        }
        self.between("audio.copy_max_bit_rate", audio.copy_max_bit_rate, 32_000, 320_000);
        self.between("audio.aac_bit_rate", audio.aac_bit_rate, 32_000, 320_000);
        self.between("audio.peak_ms", audio.peak_ms, 20, 1_000);
        self.between("audio.fine_peak_ms", audio.fine_peak_ms, 5, 100);
        let loudness = &audio.loudness;
        self.between("audio.loudness.mono_lufs", loudness.mono_lufs, -31, -10);
        self.between("audio.loudness.stereo_lufs", loudness.stereo_lufs, -31, -10);
        self.between("audio.loudness.peak_dbtp_tenths", loudness.peak_dbtp_tenths, -60, -5);
        self.between("audio.loudness.max_boost_db", loudness.max_boost_db, 0, 30);
    }

    fn video(&mut self, video: &VideoProfile) {
        self.between("video.max_long_side", video.max_long_side, 320, 1920);
        self.between("video.max_short_side", video.max_short_side, 180, video.max_long_side.min(1080));
        self.between("video.max_frame_rate", video.max_frame_rate, 10, 60);
        self.that("video.preset", PRESETS.contains(&video.preset.as_str()), &PRESETS.join(", "));
        self.between("video.crf_tenths", video.crf_tenths, 150, 400);
        self.between("video.subme", video.subme, 1, 9);
        self.between("video.max_bit_rate", video.max_bit_rate, 200_000, 20_000_000);
        self.between("video.copy_max_bit_rate", video.copy_max_bit_rate, 200_000, 50_000_000);
        self.between("video.poster_quality", video.poster_quality, 30, 100);
        let sprite = &video.sprite;
        self.between("video.sprite.columns", sprite.columns, 1, 20);
        self.between("video.sprite.max_tiles", sprite.max_tiles, 1, 400);
        self.between("video.sprite.tile_side", sprite.tile_side, 32, 320);
        self.between("video.sprite.interval_ms", sprite.interval_ms, 500, 60_000);
        self.between("video.sprite.quality", sprite.quality, 30, 100);
        let rows = sprite.max_tiles.div_ceil(sprite.columns.max(1));
        self.that(
            "video.sprite",
            rows.saturating_mul(sprite.tile_side) <= JPEG_SIDE,
            "few enough tiles for one JPEG",
        );
    }

    fn light(&mut self, light: &LightProfile) {
        self.between("video.light.max_long_side", light.max_long_side, 160, 1280);
        self.between("video.light.max_short_side", light.max_short_side, 90, light.max_long_side.min(720));
        self.that("video.light.preset", PRESETS.contains(&light.preset.as_str()), &PRESETS.join(", "));
        self.between("video.light.crf_tenths", light.crf_tenths, 180, 400);
        self.between("video.light.subme", light.subme, 1, 9);
        self.between("video.light.max_bit_rate", light.max_bit_rate, 100_000, 4_000_000);
        self.between("video.light.aac_bit_rate", light.aac_bit_rate, 16_000, 128_000);
    }
}

/// `college-1`: what it is and which version, fit for an address and a file name.
fn is_versioned(name: &str) -> bool {
    let Some((stem, version)) = name.rsplit_once('-') else { return false };
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_number = !version.is_empty() && version.len() <= 6 && version.chars().all(|c| c.is_ascii_digit());
    stem.starts_with(|c: char| c.is_ascii_lowercase())
        && stem.len() <= 40
        && stem.chars().all(is_word)
        && is_number
}

#[cfg(test)]
mod tests {
    use super::is_versioned;

    #[test]
    fn a_name_carries_its_version() {
        for good in ["standard-1", "college-du-parc-12", "a-0"] {
            assert!(is_versioned(good), "{good}");
        }
        for bad in ["standard", "-1", "Standard-1", "standard-", "standard-x", "../x-1", "école-1"] {
            assert!(!is_versioned(bad), "{bad}");
        }
    }
}

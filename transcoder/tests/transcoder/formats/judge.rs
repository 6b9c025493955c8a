//! Holds what came out against a row: read back by `balado_media`, and again by the programs of others.

use super::peer;
use super::row::Row;
use crate::harness::{Run, assert_lasts};
use balado_domain::deposit::{Family, RenditionKind};
use balado_media::recipe::Need;
use balado_media::{Recipe, Refusal};
use std::path::Path;

/// How far sound and picture may be apart, in milliseconds: two frames at 25 a second, above what anybody notices.
const MOST_APART_MS: i64 = 80;

/// How far the tone may have moved, in milliseconds.
const MOST_MOVED_MS: i64 = 60;

/// What the file became, for the table. Panics with the breach when it is not what the row says.
pub fn judge(row: &Row, run: &Run) -> String {
    if let Some(code) = row.text("refused") {
        let refusal = run.refusal();
        assert_eq!(refusal.map(Refusal::as_str), Some(code), "{:?}", run.events);
        return format!("refused: {code}");
    }
    run.assert_done();
    let family = run.family().unwrap();
    assert_eq!(family.as_str(), row.family, "{:?}", run.events);
    assert_outputs(row, run, family);
    match family {
        Family::Audio => sound(row, run),
        Family::Video => film(row, run),
        Family::Image => still(row, run),
        Family::Document => document(row, run),
    }
    describe(run)
}

/// Everything the recipe names but what the row says cannot be there.
fn assert_outputs(row: &Row, run: &Run, family: Family) {
    let found = run.kinds();
    let recipe = Recipe::standard();
    let made_later = [RenditionKind::Light];
    for (kind, need) in recipe.outputs_for(family) {
        let of_sound = matches!(kind, RenditionKind::Mp3 | RenditionKind::Waveform | RenditionKind::Peaks);
        let expected = match need {
            Need::Required => true,
            Need::Optional => !(made_later.contains(kind) || of_sound && row.has("silent")),
        };
        assert_eq!(found.contains(kind), expected, "{kind}: {found:?}");
    }
}

fn sound(row: &Row, run: &Run) {
    let mp3 = run.mp3();
    let wanted_ms = row.number("sound-ms").or(row.number("ms")).unwrap();
    assert_lasts(mp3.duration_ms, wanted_ms, "MP3");
    assert_lasts(run.waveform().duration_ms, wanted_ms, "waveform");
    assert_eq!(i64::from(mp3.channels), row.number("channels").unwrap(), "channels");
    assert_eq!(mp3.tag_bytes, 0, "a tag");
    let probe = peer::probe(&run.file(RenditionKind::Mp3));
    let stream = probe.only("audio");
    assert_eq!(stream.text("codec_name"), "mp3");
    let heard = peer::hear(&run.file(RenditionKind::Mp3));
    assert_lasts(heard.played_ms, wanted_ms, "MP3, by ffmpeg");
    let onset_ms = heard.onset_ms;
    let wanted_ms = row.number("sound-onset").or(row.number("onset")).unwrap();
    assert!((onset_ms - wanted_ms).abs() <= MOST_MOVED_MS, "the tone begins at {onset_ms} ms");
}

fn film(row: &Row, run: &Run) {
    if !row.has("silent") {
        sound(row, run);
    }
    let wanted_ms = row.number("ms").unwrap();
    let mp4 = run.mp4();
    assert!(mp4.is_h264 && mp4.is_fast_start, "{mp4:?}");
    assert_eq!(mp4.has_aac, !row.has("silent"), "AAC");
    assert_lasts(mp4.duration_ms, wanted_ms, "MP4");
    let size = (mp4.width.map_or(0, i64::from), mp4.height.map_or(0, i64::from));
    assert!(size.0 % 2 == 0 && size.1 % 2 == 0, "{size:?}");
    if let Some(wanted) = row.size() {
        assert_eq!(size, wanted, "size");
    }
    let path = run.file(RenditionKind::Mp4);
    let probe = peer::probe(&path);
    let pictures = probe.only("video");
    assert_eq!(pictures.text("codec_name"), "h264");
    assert_eq!(pictures.text("pix_fmt"), "yuv420p");
    // What conforms is copied, and conforming allows the simpler profiles too.
    let profile = pictures.text("profile");
    let is_as_it_came = ["Main", "Constrained Baseline", "Baseline"].contains(&profile)
        && peer::probe(&run.input()).has("h264", profile);
    assert!(profile == "High" || is_as_it_came, "{profile}");
    assert!(pictures.rate("avg_frame_rate") <= 30.5, "{}", pictures.rate("avg_frame_rate"));
    assert_lasts(probe.duration_ms(), wanted_ms, "MP4, by ffprobe");
    judge_sync(row, &path);
    let poster = run.jpeg(RenditionKind::Poster);
    assert!(!poster.has_metadata && poster.ends_clean, "{poster:?}");
}

/// The picture lights up when the row says so, and the tone with it.
fn judge_sync(row: &Row, path: &Path) {
    let lit_ms = peer::watch(path).onset_ms;
    let wanted_ms = row.number("onset").unwrap();
    assert!((lit_ms - wanted_ms).abs() <= MOST_MOVED_MS, "the picture lights up at {lit_ms} ms");
    if row.has("silent") {
        return;
    }
    let heard_ms = peer::hear(path).onset_ms;
    let wanted_apart_ms = row.number("sound-onset").unwrap_or(wanted_ms) - wanted_ms;
    let apart_ms = heard_ms - lit_ms - wanted_apart_ms;
    assert!(apart_ms.abs() <= MOST_APART_MS, "sound and picture are {apart_ms} ms apart");
}

fn still(row: &Row, run: &Run) {
    let jpeg = run.jpeg(RenditionKind::Jpeg);
    assert!(!jpeg.has_metadata && jpeg.ends_clean, "{jpeg:?}");
    assert_eq!(Some((jpeg.width.into(), jpeg.height.into())), row.size(), "size");
    let found = peer::four_fields(&run.file(RenditionKind::Jpeg));
    let wanted: [[i32; 3]; 4] =
        [[0xC8, 0x1E, 0x1E], [0x1E, 0xA0, 0x1E], [0x1E, 0x1E, 0xC8], [0xF0, 0xF0, 0xF0]];
    for (found, wanted) in found.iter().zip(wanted) {
        if row.has("grey") {
            let spread = found.iter().max().unwrap() - found.iter().min().unwrap();
            assert!(spread <= 4, "{found:?} is not grey");
        } else {
            // Naive colour models (CMYK, 4:2:0 at edges) move a channel by a tenth.
            assert!(found.iter().zip(wanted).all(|(f, w)| (f - w).abs() <= 24), "{found:?}, not {wanted:?}");
        }
    }
}

fn document(row: &Row, run: &Run) {
    let pdf = run.output(RenditionKind::Pdf);
    assert_eq!(pdf.pages.map(i64::from), row.number("pages"), "pages");
    let probe = peer::pdf_text(&run.file(RenditionKind::Pdf));
    let is_said_in = |text: &str| row.words.split('|').all(|words| text.contains(words));
    assert!(is_said_in(&probe), "the PDF says: {probe}");
    let text = String::from_utf8(run.bytes(RenditionKind::Text)).unwrap();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(is_said_in(&flat), "the text is: {text}");
    let poster = run.jpeg(RenditionKind::Poster);
    assert_eq!(poster.width.max(poster.height), 1280, "poster");
    assert!(!poster.has_metadata && poster.ends_clean, "{poster:?}");
}

/// "mp3 1.50 s, waveform, mp4 160×90 1.50 s, poster 160×90".
fn describe(run: &Run) -> String {
    let one = |output: &&balado_media::wire::Output| {
        let mut text = output.kind.to_string();
        if let (Some(width), Some(height)) = (output.width, output.height) {
            text += &format!(" {width}×{height}");
        }
        if let Some(duration_ms) = output.duration_ms {
            text += &format!(" {:.2} s", duration_ms as f64 / 1000.0);
        }
        if let Some(pages) = output.pages {
            text += &format!(" {pages} p.");
        }
        text
    };
    run.outputs().iter().map(one).collect::<Vec<_>>().join(", ")
}

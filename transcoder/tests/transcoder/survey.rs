//! Claims about looking for places to cut at.

use crate::harness::{Bench, Run};
use balado_media::cut::Survey;
use balado_media::wire::{Event, Search, Task};

fn found(run: &Run) -> Survey {
    run.assert_done();
    assert!(run.outputs().is_empty());
    let survey = run.events.iter().find_map(|event| match event {
        Event::Surveyed { survey } => Some(survey.clone()),
        _ => None,
    });
    survey.unwrap()
}

#[test]
fn silences_are_found_within_a_moment() {
    // Speech-like noise over a room that hums 50 dB below it, with two pauses.
    let pauses = "volume=enable='between(t,3,4.5)+between(t,7,7.4)':volume=0.003";
    let options =
        format!("-f lavfi -i anoisesrc=d=10:c=pink:r=44100:a=0.3:seed=3 -af {pauses} -ac 1 -b:a 64k");
    for name in ["talk.mp3", "talk.m4a"] {
        let bench = Bench::new();
        let survey = found(&bench.work(&bench.ffmpeg(name, &options), Task::Survey(Search::Silences)));
        let [silence] = survey.silences[..] else { panic!("{name}: {survey:?}") };
        assert!(
            (silence.from_ms - 3000).abs() <= 40 && (silence.to_ms - 4500).abs() <= 40,
            "{name}: {survey:?}"
        );
        assert!((survey.duration_ms - 10_000).abs() <= 60, "{name}: {survey:?}");
    }
}

#[test]
fn silences_before_late_sound_and_in_gaps_count() {
    let noise = "-f lavfi -i anoisesrc=d=6:c=pink:r=48000:a=0.3:seed=3";
    let bench = Bench::new();
    let sound =
        bench.ffmpeg("talk.m4a", &format!("{noise} -af volume=enable='between(t,3,4)':volume=0 -c:a aac"));
    let late = bench.ffmpeg(
        "late.mp4",
        &format!(
            "-f lavfi -i color=size=64x48:rate=5:duration=8 -itsoffset 2 -i {} -map 0:v -map 1:a \
             -c:v libx264 -pix_fmt yuv420p -c:a copy",
            sound.display()
        ),
    );
    let gap =
        bench.ffmpeg("gap.mka", &format!("{noise} -af asetpts='if(gte(T,1),PTS+4*SR,PTS)' -c:a libopus"));
    for (file, expected, lasts) in
        [(late, vec![(0, 2000), (5000, 6000)], 8000), (gap, vec![(1000, 5000)], 10_000)]
    {
        let survey = found(&bench.work(&file, Task::Survey(Search::Silences)));
        let near = |found: i64, wanted: i64| (found - wanted).abs() <= 40;
        assert_eq!(survey.silences.len(), expected.len(), "{survey:?}");
        for (silence, (from, to)) in survey.silences.iter().zip(expected) {
            assert!(near(silence.from_ms, from) && near(silence.to_ms, to), "{survey:?}");
        }
        assert!((survey.duration_ms - lasts).abs() <= 60, "{survey:?}");
    }
}

#[test]
fn chapters_are_read_from_every_container_that_has_them() {
    let chapters = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2500\ntitle=Début\n\
                    [CHAPTER]\nTIMEBASE=1/1000\nSTART=2500\nEND=6000\ntitle=Suite\n";
    for (name, options) in [
        ("a.mp3", "-c:a libmp3lame"),
        ("a.m4a", "-c:a aac"),
        ("a.mka", "-c:a libopus"),
        // Ogg has them as comments, which the muxer of this machine does not write by itself.
        ("a.ogg", "-c:a libvorbis COMMENTS"),
    ] {
        let bench = Bench::new();
        let list = bench.write("chapters.txt", chapters);
        let list = list.to_str().unwrap();
        let comments = "-metadata CHAPTER000=00:00:00.000 -metadata CHAPTER000NAME=Début \
                        -metadata CHAPTER001=00:00:02.500 -metadata CHAPTER001NAME=Suite";
        let options = options.replace("COMMENTS", comments);
        let options = format!(
            "-f lavfi -i sine=duration=6 -i {list} -map 0:a -map_metadata 1 -map_chapters 1 {options}"
        );
        let survey = found(&bench.work(&bench.ffmpeg(name, &options), Task::Survey(Search::Chapters)));
        let titles: Vec<&str> = survey.chapters.iter().map(|chapter| chapter.title.as_str()).collect();
        assert_eq!(titles, ["Début", "Suite"], "{name}");
        let starts: Vec<i64> = survey.chapters.iter().map(|chapter| chapter.from_ms).collect();
        assert!(starts[0] <= 10 && (starts[1] - 2500).abs() <= 30, "{name}: {survey:?}");
    }
}

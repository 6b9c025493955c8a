//! Claims about files made to harm. Numbers are those of `reference/reliability-security.md` §3.3, where the service
//! must give the stated verdict; here each is refused or converted, never a crash.

use crate::harness::Bench;
use balado_media::Refusal;
use std::io::Write;
use std::path::PathBuf;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

#[test]
fn files_that_are_nothing_are_refused_by_what_they_are() {
    let cases: [(&str, Vec<u8>, Refusal); 12] = [
        ("h1 empty", Vec::new(), Refusal::Empty),
        ("h2 noise", noise(1 << 20), Refusal::UnknownType),
        ("h4 text without end", "bonjour\n".repeat(1 << 20).into_bytes(), Refusal::TooManyPages),
        (
            "h8 svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>".to_vec(),
            Refusal::UnsupportedFormat,
        ),
        ("h9 html", b"<!DOCTYPE html><html><body onload='x()'></html>".to_vec(), Refusal::UnsupportedFormat),
        ("h11 hls", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n".to_vec(), Refusal::ExternalContent),
        (
            "h13 hls",
            b"#EXTM3U\n#EXTINF:1,\nconcat:http://127.0.0.1/a|file:///b\n".to_vec(),
            Refusal::ExternalContent,
        ),
        (
            "h17 dash",
            b"<?xml version='1.0'?><MPD><BaseURL>http://127.0.0.1/</BaseURL></MPD>".to_vec(),
            Refusal::ExternalContent,
        ),
        ("h18 concat", b"ffconcat version 1.0\nfile /etc/passwd\n".to_vec(), Refusal::ExternalContent),
        (
            "h18 sdp",
            b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nc=IN IP4 127.0.0.1\r\n".to_vec(),
            Refusal::ExternalContent,
        ),
        (
            "h49 flat",
            b"<?xml version='1.0'?><office:document office:mimetype='x'/>".to_vec(),
            Refusal::UnsupportedFormat,
        ),
        (
            "h30 no track",
            b"\0\0\0\x14ftypisom\0\0\x02\0isom\0\0\0\x74moov\0\0\0\x6cmvhd".to_vec(),
            Refusal::Incomplete,
        ),
    ];
    for (name, bytes, expected) in cases {
        let bench = Bench::new();
        let run = bench.convert(&bench.write("file", bytes));
        assert_eq!((run.refusal(), run.status), (Some(expected), Some(2)), "{name}: {:?}", run.events);
    }
}

#[test]
fn a_video_that_names_another_file_does_not_open_it() {
    // H14: a playlist behind an AVI's header; H19: a film whose data is "elsewhere".
    let bench = Bench::new();
    let canary = bench.write("canary", "a secret");
    let mut avi = b"RIFF\xFF\xFF\0\0AVI LIST".to_vec();
    avi.extend(format!("#EXTM3U\n#EXTINF:1,\nfile://{}\n", canary.display()).bytes());
    let run = bench.convert(&bench.write("gab.avi", avi));
    assert_eq!(run.status, Some(2), "{:?}", run.events);
    let film = bench.ffmpeg("a.mov", "-f lavfi -i testsrc2=size=64x64:rate=5:duration=1 -c:v mpeg4");
    let mut bytes = std::fs::read(film).unwrap();
    let at = bytes.windows(4).position(|window| window == b"url ").unwrap();
    bytes[at..at + 4].copy_from_slice(b"alis");
    bytes[at + 7] = 0;
    let run = bench.convert(&bench.write("alias.mov", bytes));
    assert!(matches!(run.status, Some(0 | 2)), "{:?}", run.events);
    for output in run.outputs() {
        assert!(!run.bytes(output.kind).windows(8).any(|window| window == b"a secret"));
    }
}

#[test]
fn bombs_of_frames_size_and_length_end_soon_in_a_verdict() {
    let cases = [
        ("h23 huge.mkv", "-f lavfi -i color=s=12000x12000:r=1 -frames:v 1 -pix_fmt gray -c:v ffv1"),
        ("h26 fast.mkv", "-f lavfi -i testsrc=s=64x64:r=1000:d=1 -c:v ffv1"),
        ("h27 gap.mkv", "-f lavfi -i testsrc=s=64x64:r=1:d=2 -vf setpts=N*300000000/TB -c:v ffv1"),
        ("h28 silence.flac", "-f lavfi -i anullsrc=r=8000:cl=mono -t 46800 -c:a flac"),
    ];
    for (name, options) in cases {
        let bench = Bench::new();
        let run = bench.convert(&bench.ffmpeg(&name.replace(' ', "-"), options));
        assert!(matches!(run.status, Some(0 | 2)), "{name}: {:?}", run.events);
        let expected = match &name[..3] {
            "h23" => Some(Refusal::TooBigFilm),
            "h27" | "h28" => Some(Refusal::TooLong),
            _ => run.refusal(),
        };
        assert_eq!(run.refusal(), expected, "{name}");
    }
}

#[test]
fn a_thousand_tracks_do_not_confuse_it() {
    let bench = Bench::new();
    let tone = bench.ffmpeg("tone.flac", "-f lavfi -i sine=duration=1 -c:a flac");
    let maps = "-map 0 ".repeat(200);
    let run = bench.convert(&bench.ffmpeg("many.mka", &format!("-i {} {maps} -c copy", tone.display())));
    assert!(matches!(run.status, Some(0 | 2)), "{:?}", run.events);
}

#[test]
fn damaged_copies_of_good_files_never_crash_it() {
    let makers = [
        ("a.mp3", "-f lavfi -i sine=duration=2 -c:a libmp3lame"),
        (
            "a.webm",
            "-f lavfi -i testsrc2=size=64x64:duration=1 -f lavfi -i sine=duration=1 -c:v libvpx -c:a libopus",
        ),
        (
            "a.mp4",
            "-f lavfi -i testsrc2=size=64x64:duration=1 -f lavfi -i sine=duration=1 -c:v libx264 -c:a aac",
        ),
        ("a.jpg", "-f lavfi -i testsrc2=size=64x64 -frames:v 1"),
        ("a.png", "-f lavfi -i testsrc2=size=64x64 -frames:v 1"),
    ];
    for (name, options) in makers {
        let maker = Bench::new();
        let good = std::fs::read(maker.ffmpeg(name, options)).unwrap();
        for round in 0..6_usize {
            let mut bytes = good.clone();
            for (step, byte) in noise(200 + round).into_iter().enumerate().skip(round) {
                let at = (step * 7919 + usize::from(byte) * 104_729) % bytes.len();
                if step % 10 <= round {
                    bytes[at] ^= byte;
                }
            }
            let bench = Bench::new();
            let run = bench.convert(&bench.write(name, bytes));
            assert!(
                matches!(run.status, Some(0 | 2)),
                "{name} round {round}: {:?} {:?}",
                run.status,
                run.events
            );
        }
    }
}

fn package(bench: &Bench, entries: &[(&str, &[u8])]) -> PathBuf {
    let path = bench.path("package.docx");
    let mut zip = ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, content) in entries {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
    path
}

const TYPES: &[u8] = b"<Types><Override ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";

#[test]
fn packages_that_explode_or_reach_out_are_refused_before_office_sees_them() {
    let zeros = vec![b' '; 80 << 20];
    let entities = b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><x>&b;</x>";
    let deep = "<a>".repeat(100_000).into_bytes();
    let cases: [(&str, &str, &[u8], Refusal); 5] = [
        ("h55 bomb", "word/document.xml", &zeros, Refusal::TooComplex),
        ("h57 entities", "word/document.xml", entities, Refusal::TooComplex),
        ("h57 depth", "word/document.xml", &deep, Refusal::TooComplex),
        ("h56 traversal", "word/../../../../tmp/x", b"x", Refusal::Damaged),
        ("macros", "word/vbaProject.bin", b"x", Refusal::UnsupportedFormat),
    ];
    for (name, entry, content, expected) in cases {
        let bench = Bench::new();
        let types: &[u8] = if name == "macros" {
            b"<Types>application/vnd.ms-word.document.macroEnabled.main+xml</Types>"
        } else {
            TYPES
        };
        let file = package(&bench, &[("[Content_Types].xml", types), (entry, content)]);
        let run = bench.convert(&file);
        assert_eq!((run.refusal(), run.status), (Some(expected), Some(2)), "{name}: {:?}", run.events);
    }
    let bench = Bench::new();
    let names: Vec<String> = (0..10_001).map(|n| format!("word/{n}")).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
    bench.convert(&package(&bench, &entries)).assert_refused(Refusal::TooComplex);
}

#[test]
fn a_jpeg_of_ten_thousand_scans_is_refused() {
    let bench = Bench::new();
    let mut bytes =
        std::fs::read(bench.ffmpeg("a.jpg", "-f lavfi -i testsrc2=size=64x64 -frames:v 1")).unwrap();
    let scan = bytes.windows(2).position(|window| window == [0xFF, 0xDA]).unwrap();
    let tail = bytes.split_off(scan);
    let header = &tail[..14];
    for _ in 0..10_000 {
        bytes.extend(header);
    }
    bytes.extend(tail);
    bench.convert(&bench.write("scans.jpg", bytes)).assert_refused(Refusal::TooComplex);
}

#[test]
fn texts_and_tables_without_end_are_refused_before_office_sees_them() {
    let cases = [
        ("lines.txt", format!("a{}b", "\n".repeat(60_000))),
        ("feeds.txt", "a\u{C}\n".repeat(501)),
        ("rows.csv", "1;2\n".repeat(260_000)),
        ("pages.rtf", format!("{{\\rtf1\\ansi {}}}", "x\\page ".repeat(501))),
    ];
    for (name, text) in cases {
        let bench = Bench::new();
        let run = bench.convert(&bench.write(name, text));
        assert_eq!((run.refusal(), run.status), (Some(Refusal::TooManyPages), Some(2)), "{name}");
        assert!(!bench.scratch().join("office-profile").exists(), "{name}");
    }
}

#[test]
fn a_document_of_too_many_pages_is_known_by_its_first_ones() {
    // Space, not breaks, makes the pages: only laying them out shows how many there are.
    let bench = Bench::new();
    let line = "<w:p><w:pPr><w:spacing w:after='14000'/></w:pPr><w:r><w:t>x</w:t></w:r></w:p>";
    let body = format!(
        "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body>{}</w:body></w:document>",
        line.repeat(2000)
    );
    let relations = "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship \
        Id='r1' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument' \
        Target='word/document.xml'/></Relationships>";
    let types = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'><Default Extension='rels' \
        ContentType='application/vnd.openxmlformats-package.relationships+xml'/><Override PartName='/word/document.xml' \
        ContentType='application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>";
    let parts: [(&str, &[u8]); 3] = [
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", relations.as_bytes()),
        ("word/document.xml", body.as_bytes()),
    ];
    bench.convert(&package(&bench, &parts)).assert_refused(Refusal::TooManyPages);
}

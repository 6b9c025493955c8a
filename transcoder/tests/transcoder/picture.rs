//! Claims about still pictures.

use crate::harness::Bench;
use balado_domain::deposit::RenditionKind;
use balado_media::Refusal;
use balado_media::wire::Limits;

#[test]
fn every_promised_picture_format_becomes_a_jpeg_without_metadata() {
    let formats = [
        ("a.jpg", ""),
        ("a.png", ""),
        ("deep.png", "-pix_fmt rgb48be"),
        ("grey.png", "-pix_fmt gray16be"),
        ("a.webp", "-c:v libwebp"),
        ("a.tiff", ""),
        ("a.bmp", ""),
        ("a.gif", ""),
    ];
    for (name, options) in formats {
        let bench = Bench::new();
        let source = bench.ffmpeg(name, &format!("-f lavfi -i testsrc=size=320x200 -frames:v 1 {options}"));
        let run = bench.convert(&source);
        run.assert_done();
        assert_eq!(run.kinds(), [RenditionKind::Jpeg], "{name}");
        let facts = run.jpeg(RenditionKind::Jpeg);
        assert_eq!(
            (facts.width, facts.height, facts.has_metadata, facts.ends_clean),
            (320, 200, false, true),
            "{name}"
        );
    }
}

#[test]
fn telephone_pictures_in_heic_and_avif_become_jpeg() {
    let encoder = |name: &str, options: &str| {
        let bench = Bench::new();
        let source = bench.ffmpeg("a.png", "-f lavfi -i testsrc=size=320x200 -frames:v 1");
        let picture = bench.make(name, "heif-enc", &format!("{options} {} -o {{}}", source.display()));
        let run = bench.convert(&picture);
        run.assert_done();
        let facts = run.jpeg(RenditionKind::Jpeg);
        assert_eq!((facts.width, facts.height, facts.has_metadata), (320, 200, false), "{name}");
    };
    encoder("a.heic", "");
    encoder("a.avif", "-A");
}

#[test]
fn a_heic_that_would_take_too_much_memory_is_refused_before_it_is_decoded() {
    let bench = Bench::new();
    let source = bench.ffmpeg("a.png", "-f lavfi -i testsrc=size=320x200 -frames:v 1 -pix_fmt rgb48be");
    let picture = bench.make("deep.heic", "heif-enc", &format!("-b 10 {} -o {{}}", source.display()));
    let deep = std::fs::read(picture).unwrap();
    bench.convert(&bench.write("as-it-is.heic", &deep)).assert_done();
    // A camera's 60 Mpx in 10 bits take 900 MB on their way to a JPEG.
    let mut large = deep.clone();
    let at = large.windows(4).position(|window| window == b"ispe").unwrap() + 8;
    large[at..at + 8].copy_from_slice(&[9504_u32.to_be_bytes(), 6336_u32.to_be_bytes()].concat());
    bench.convert(&bench.write("large.heic", &large)).assert_refused(Refusal::TooBigPicture);
    bench.convert(&bench.write("told-late.heic", told_late(large))).assert_refused(Refusal::TooBigPicture);
    bench.convert(&bench.write("told-late-as-it-is.heic", told_late(deep))).assert_done();
}

/// The same picture with its `meta` box behind everything else, as programs write it that do not go back.
fn told_late(mut picture: Vec<u8>) -> Vec<u8> {
    let at = picture.windows(4).position(|window| window == b"meta").unwrap() - 4;
    let length = u32::from_be_bytes(picture[at..at + 4].try_into().unwrap()) as usize;
    let meta = picture[at..at + length].to_vec();
    picture[at + 4..at + length].fill(0);
    picture[at + 4..at + 8].copy_from_slice(b"free");
    let gap = [[0, 2, 0, 0].as_slice(), b"free", &[0; 0x2_0000 - 8]].concat();
    [picture, gap, meta].concat()
}

#[test]
fn all_eight_ways_to_hold_a_camera_come_out_upright_and_without_a_place() {
    for orientation in 1..=8 {
        let bench = Bench::new();
        let photo = bench.ffmpeg("photo.jpg", "-f lavfi -i testsrc=size=320x200 -frames:v 1");
        let tags = format!(
            "-q -overwrite_original -n -Orientation={orientation} -GPSLatitude=48.85 -GPSLatitudeRef=N -XMP:Creator=Lou {}",
            photo.display()
        );
        bench.make("unused", "exiftool", &tags);
        let run = bench.convert(&photo);
        run.assert_done();
        let facts = run.jpeg(RenditionKind::Jpeg);
        let expected = if orientation >= 5 { (200, 320) } else { (320, 200) };
        assert_eq!(
            ((facts.width, facts.height), facts.has_metadata),
            (expected, false),
            "orientation {orientation}"
        );
    }
}

#[test]
fn what_hides_behind_a_picture_is_left_behind() {
    let bench = Bench::new();
    let mut bytes =
        std::fs::read(bench.ffmpeg("a.jpg", "-f lavfi -i testsrc=size=64x64 -frames:v 1")).unwrap();
    bytes.extend(b"PK\x03\x04<script>alert(1)</script>");
    let run = bench.convert(&bench.write("both.jpg", bytes));
    run.assert_done();
    assert!(!run.bytes(RenditionKind::Jpeg).windows(4).any(|window| window == b"PK\x03\x04"));
}

#[test]
fn a_photograph_with_a_film_or_an_archive_behind_it_is_a_photograph() {
    let bench = Bench::new();
    let mut bytes =
        std::fs::read(bench.ffmpeg("a.jpg", "-f lavfi -i testsrc=size=64x64 -frames:v 1")).unwrap();
    // As many starts of scans as there are by chance in 65 MB of anything compressed.
    bytes.extend([7, 0xFF, 0xDA, 9].repeat(1000));
    bench.convert(&bench.write("both.jpg", bytes)).assert_done();
}

#[test]
fn a_picture_with_too_many_pixels_is_refused_before_it_is_decoded() {
    let limits = Limits { pixels: 10_000, ..Limits::default() };
    for name in ["a.png", "a.jpg", "a.bmp"] {
        let bench = Bench::new();
        let source = bench.ffmpeg(name, "-f lavfi -i color=white:size=200x200 -frames:v 1");
        bench.convert_within(&source, limits.clone()).assert_refused(Refusal::TooBigPicture);
    }
}

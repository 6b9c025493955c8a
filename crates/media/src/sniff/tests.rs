//! Claims about recognition by content.

use super::*;

fn padded(start: &[u8]) -> Vec<u8> {
    let mut bytes = start.to_vec();
    bytes.resize(start.len() + 4096, 0);
    bytes
}

fn local_header(name: &str, content: &[u8]) -> Vec<u8> {
    let mut entry = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    let size = u32::try_from(content.len()).unwrap().to_le_bytes();
    entry.extend(size);
    entry.extend(size);
    entry.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    entry.extend([0, 0]);
    entry.extend(name.as_bytes());
    entry.extend(content);
    entry
}

#[test]
fn the_marks_of_each_container_are_recognised() {
    let cases: &[(&[u8], Format, Family)] = &[
        (b"RIFF\x10\0\0\0WAVEfmt ", Format::Wav, Family::Audio),
        (b"RF64\xFF\xFF\xFF\xFFWAVEds64", Format::Wav, Family::Audio),
        (b"RIFF\x10\0\0\0AVI LIST", Format::Avi, Family::Video),
        (b"RIFF\x10\0\0\0WEBPVP8 ", Format::Webp, Family::Image),
        (b"fLaC\0\0\0\x22", Format::Flac, Family::Audio),
        (b"#!AMR\n<", Format::Amr, Family::Audio),
        (b"caff\0\x01", Format::Caf, Family::Audio),
        (b"FORM\0\0\0\x10AIFFCOMM", Format::Aiff, Family::Audio),
        (b"OggS\0\x02 OpusHead", Format::Ogg, Family::Audio),
        (b"OggS\0\x02 \x80theora", Format::Ogg, Family::Video),
        (b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42", Format::IsoMedia, Family::Audio),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", Format::IsoMedia, Family::Video),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Format::Heif, Family::Image),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", Format::Avif, Family::Image),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Format::Heif, Family::Image),
        (b"\0\0\0\x18ftypheix\0\0\0\0mif1heix", Format::Heif, Family::Image),
        (b"\0\0\0\x18ftypmsf1\0\0\0\0msf1hevc", Format::Heif, Family::Image),
        (b"\0\0\0\x18ftyphevc\0\0\0\0msf1hevc", Format::Heif, Family::Image),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", Format::Avif, Family::Image),
        (b"\0\0\0\x18ftypavis\0\0\0\0avismsf1", Format::Avif, Family::Image),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", Format::IsoMedia, Family::Video),
        (b"\0\0\0\x18ftyp3gp4\0\0\0\0isom3gp4", Format::IsoMedia, Family::Video),
        (b"\0\0\0\x08wide\0\0\0\x10mdat", Format::IsoMedia, Family::Video),
        (b"\0\0\x10\0moov\0\0\0\x6Cmvhd", Format::IsoMedia, Family::Video),
        (b"\0\0\x10\0mdat\0\0\0\0", Format::IsoMedia, Family::Video),
        (b"\0\0\0\x08free\0\0\x10\0mdat", Format::IsoMedia, Family::Video),
        (b"BW64\xFF\xFF\xFF\xFFWAVEds64", Format::Wav, Family::Audio),
        (b"#!AMR-WB\n\x14", Format::Amr, Family::Audio),
        (b"FORM\0\0\0\x10AIFCFVER", Format::Aiff, Family::Audio),
        (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9", Format::Asf, Family::Audio),
        (b"FLV\x01\x05", Format::Flv, Family::Video),
        (b"\0\0\x01\xBA\x44", Format::MpegPs, Family::Video),
        (b"\x1A\x45\xDF\xA3 \x86\x86A_OPUS", Format::Matroska, Family::Audio),
        (b"\x1A\x45\xDF\xA3 \x86\x85V_VP9 \x86\x86A_OPUS", Format::Matroska, Family::Video),
        (b"\x89PNG\r\n\x1A\n", Format::Png, Family::Image),
        (b"\xFF\xD8\xFF\xE0", Format::Jpeg, Family::Image),
        (b"%PDF-1.7\n", Format::Pdf, Family::Document),
        (b"{\\rtf1\\ansi", Format::Rtf, Family::Document),
    ];
    for (start, format, family) in cases {
        let found = sniff(&padded(start)).unwrap_or_else(|| panic!("{format}"));
        assert_eq!((found.format, found.family), (*format, *family));
    }
}

#[test]
fn bare_frames_need_a_successor_of_their_kind() {
    // MPEG-1 layer III, 128 kb/s, 44.1 kHz: 417 bytes a frame.
    let mut frame = vec![0xFF, 0xFB, 0x90, 0x00];
    frame.resize(417, 0);
    let file = frame.repeat(4);
    assert_eq!(sniff(&file).map(|s| s.format), Some(Format::Mp3));
    let mut broken = file.clone();
    broken[417] = 0;
    assert_eq!(examine(&broken[..1000]), Err(Refusal::UnknownType));
    let mut tagged = b"ID3\x03\0\0\0\0\0\0".to_vec();
    tagged.extend(&file);
    assert_eq!(sniff(&tagged).map(|s| s.media_type), Some("audio/mpeg"));
    let mut junk = vec![0x01; 300];
    junk.extend(frame.repeat(5));
    assert_eq!(sniff(&junk).map(|s| s.format), Some(Format::Mp3));
}

#[test]
fn packages_are_told_apart_by_their_parts() {
    let odt = local_header("mimetype", b"application/vnd.oasis.opendocument.text");
    assert_eq!(sniff(&odt).map(|s| s.format), Some(Format::Odt));
    let base = local_header("mimetype", b"application/vnd.oasis.opendocument.database");
    assert_eq!(examine(&base), Err(Refusal::UnsupportedFormat));
    let mut docx = local_header("[Content_Types].xml", b"x");
    assert_eq!(sniff(&docx).map(|s| (s.format, s.guess)), Some((Format::Ooxml, true)));
    docx.extend(local_header("word/document.xml", b"x"));
    assert_eq!(sniff(&docx).map(|s| s.format), Some(Format::Docx));
    assert_eq!(examine(&local_header("notes.txt", b"x")), Err(Refusal::UnsupportedFormat));
}

#[test]
fn texts_are_documents_and_pointers_are_refused() {
    let cases: &[(&[u8], Result<Format, Refusal>)] = &[
        (b"Bonjour,\nvoici la dict\xC3\xA9e.", Ok(Format::Text)),
        (b"Bonjour \xE0 tous, \xE9l\xE8ves de cinqui\xE8me", Ok(Format::Text)),
        (b"\xFF\xFEB\0o\0n\0", Ok(Format::Text)),
        (b"B\0o\0n\0j\0o\0u\0r\0", Ok(Format::Text)),
        (b"\0B\0o\0n\0j\0o\0u\0r", Ok(Format::Text)),
        (b"L'\x8El\x8Fve na\x95f de la for\x90t", Ok(Format::Text)),
        (b"Bonjour.\r\n\x1A", Ok(Format::Text)),
        (b"nom;note\nLou;12\nMax;15\n", Ok(Format::Csv)),
        (b"# Le titre\n\n- un\n- deux\n", Ok(Format::Text)),
        (b"#EXTM3U\nhttp://127.0.0.1/x.ts", Err(Refusal::ExternalContent)),
        (b"ffconcat version 1.0\nfile /etc/passwd", Err(Refusal::ExternalContent)),
        (b"<?xml version=\"1.0\"?>\n<MPD xmlns=\"x\">", Err(Refusal::ExternalContent)),
        (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1", Err(Refusal::ExternalContent)),
        (b"<svg xmlns=\"x\"/>", Err(Refusal::UnsupportedFormat)),
        (b"\xEF\xBB\xBF <!DOCTYPE html>", Err(Refusal::UnsupportedFormat)),
        (b"<office:document office:mimetype=\"x\">", Err(Refusal::UnsupportedFormat)),
        (b"<div align=\"center\">\n\n# Le titre\n</div>", Ok(Format::Text)),
        (b"<!-- en-tete -->\n# Le titre\n", Ok(Format::Text)),
        (b"<https://example.org/> est une adresse, <mailto:lou@example.org> aussi.", Ok(Format::Text)),
        (b"<3 les maths", Ok(Format::Text)),
        (b"La balise <html> contient <head>, puis <script> et <svg>.", Ok(Format::Text)),
        (b"Un paragraphe\x0Bsur deux lignes", Ok(Format::Text)),
        (b"<!-- rien -->\n<HTML lang=fr>", Err(Refusal::UnsupportedFormat)),
        (b"<script>alert(1)</script>", Err(Refusal::UnsupportedFormat)),
        (b"<note xmlns='x'>", Err(Refusal::UnsupportedFormat)),
        (b"<!-- rien --><smil><body/></smil>", Err(Refusal::ExternalContent)),
        (b"  \n\n", Err(Refusal::Empty)),
        (b"", Err(Refusal::Empty)),
        (b"\x7FELF\x02\x01", Err(Refusal::UnknownType)),
    ];
    for (bytes, expected) in cases {
        assert_eq!(examine(bytes).map(|s| s.format), *expected, "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn texts_of_any_usual_encoding_are_texts() {
    let japanese = "生徒は学校で本を読みます。それから家に帰って、宿題をします。";
    let russian = "Ученик читает книгу в школе, а потом идёт домой.";
    let cases = [
        (encoding_rs::SHIFT_JIS, japanese),
        (encoding_rs::EUC_JP, japanese),
        (encoding_rs::GBK, "学生在学校读书，然后回家做作业。老师在黑板上写新的单词。"),
        (encoding_rs::GB18030, "学生在学校读书，然后回家做作业。老师在黑板上写新的单词。"),
        (encoding_rs::BIG5, "學生在學校讀書，然後回家做作業。老師在黑板上寫新的單字。"),
        (encoding_rs::EUC_KR, "학생은 학교에서 책을 읽고 나서 집에 가서 숙제를 합니다."),
        (encoding_rs::KOI8_R, russian),
        (encoding_rs::IBM866, russian),
        (encoding_rs::WINDOWS_1251, russian),
        (encoding_rs::WINDOWS_1252, "L’élève naïf paie 20 € à l’œuvre : où ça ?"),
        (encoding_rs::MACINTOSH, "L’élève naïf paie 20 € à l’œuvre : où ça ?"),
        (encoding_rs::UTF_8, japanese),
    ];
    for (encoding, text) in cases {
        for times in [1, 400] {
            let bytes = encoding.encode(text).0.repeat(times);
            let found = examine(&bytes).map(|found| found.format);
            assert_eq!(found, Ok(Format::Text), "{} {times}", encoding.name());
        }
    }
}

#[test]
fn lists_without_a_space_are_texts_in_old_encodings_too() {
    let pupil = "0751234A;2026;123456789AB;LEFÈVRE;CHLOÉ;12/03/2014;5EME;5B;chloe.lefevre@college.example;F;rue_de_la_gare\r\n";
    let marks = format!("ÉLÉONORE;{}\r\n", "12,5;".repeat(30));
    let address = "https://college.example/classes/5b/élèves/fiches-de-révision/français-et-mathématiques/page-12.html\n";
    let cases = [(pupil, Format::Csv), (&marks, Format::Csv), (address, Format::Text)];
    for encoding in [encoding_rs::WINDOWS_1252, encoding_rs::MACINTOSH, encoding_rs::UTF_8] {
        for (line, format) in cases {
            let bytes = encoding.encode(line).0.repeat(30);
            let found = examine(&bytes).map(|found| found.format);
            assert_eq!(found, Ok(format), "{line} in {}", encoding.name());
        }
    }
}

#[test]
fn webm_is_told_from_other_matroska() {
    let header = |kind: &str, track: &str| {
        let length = char::from(0x80 + u8::try_from(kind.len()).unwrap());
        let kind = format!("{kind}{track}");
        [b"\x1A\x45\xDF\xA3\x9F\x42\x82".as_slice(), &[length as u8], kind.as_bytes()].concat()
    };
    let track = "\u{6}\u{6}A_OPUS";
    for (kind, sound, film) in
        [("webm", "audio/webm", "video/webm"), ("matroska", "audio/x-matroska", "video/x-matroska")]
    {
        let found = sniff(&padded(&header(kind, track))).unwrap();
        assert_eq!(found.media_type_of(Family::Audio), sound);
        assert_eq!(found.media_type_of(Family::Video), film);
    }
}

#[test]
fn a_moving_gif_is_a_film() {
    let screen = b"GIF89a\x02\0\x02\0\0\0\0".as_slice();
    let image = b"\x2C\0\0\0\0\x02\0\x02\0\0\x02\x02\x44\x01\0".as_slice();
    let family = |bytes: &[u8]| sniff(bytes).map(|s| (s.family, s.guess));
    assert_eq!(family(&[screen, image, b";"].concat()), Some((Family::Image, false)));
    assert_eq!(family(&[screen, image, image, b";"].concat()), Some((Family::Video, false)));
    assert_eq!(family(&[screen, image].concat()), Some((Family::Image, true)));
}

#[test]
fn formats_nobody_promised_are_refused_by_name() {
    for start in [
        b"8BPS\0\x01\0\0".as_slice(),
        b"MThd\0\0\0\x06\0",
        b"Rar!\x1A\x07\0",
        b"\0\0\0\x18ftypcrx \0\0\0\x01",
    ] {
        assert_eq!(examine(&padded(start)), Err(Refusal::UnsupportedFormat));
    }
}

#[test]
fn a_tag_longer_than_its_file_hides_no_sound() {
    let mut frame = vec![0xFF, 0xFB, 0x90, 0x00];
    frame.resize(417, 0);
    let mut file = b"ID3\x03\0\0\x07\x7F\x7F\x7Fjunk".to_vec();
    file.extend(frame.repeat(5));
    assert_eq!(sound_behind_lying_tag(&file, file.len() as u64), Some(14));
    assert_eq!(sound_behind_lying_tag(&file, 1 << 30), None);
    assert_eq!(sound_behind_lying_tag(&frame.repeat(5), 2085), None);
}

#[test]
fn an_office_package_may_begin_with_any_of_its_parts() {
    let mut package = local_header("docProps/thumbnail.jpeg", &[0; 70_000]);
    package.extend(local_header("word/document.xml", b"x"));
    assert_eq!(sniff(&package).map(|s| (s.format, s.guess)), Some((Format::Ooxml, true)));
    let media = local_header("ppt/media/film.mp4", &[0; 70_000]);
    assert_eq!(sniff(&media).map(|s| s.format), Some(Format::Pptx));
}

#[test]
fn a_transport_stream_may_begin_inside_a_packet() {
    let mut packet = vec![0x47, 0x40, 0, 0x10];
    packet.resize(188, 0xFF);
    let stream = packet.repeat(20);
    assert_eq!(sniff(&stream).map(|s| s.format), Some(Format::MpegTs));
    assert_eq!(sniff(&stream[100..]).map(|s| s.format), Some(Format::MpegTs));
}

/// Bytes without a pattern, the same each time.
fn noise() -> impl FnMut() -> u8 {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    }
}

#[test]
fn random_bytes_are_nothing_we_know() {
    let mut next = noise();
    for round in 0..200 {
        let bytes: Vec<u8> = (0..SNIFF_BYTES).map(|_| next()).collect();
        assert_eq!(examine(&bytes), Err(Refusal::UnknownType), "round {round}");
    }
}

#[test]
fn bytes_that_could_be_letters_are_no_text_for_that() {
    let mut next = noise();
    // All beyond ASCII, and all but the control characters.
    for keep in [|byte: &u8| *byte >= 0x80, |byte: &u8| *byte >= 0x20 && *byte != 0x7F] {
        for round in 0..100 {
            let bytes: Vec<u8> =
                std::iter::repeat_with(&mut next).filter(keep).take(400 + round * 37).collect();
            assert_eq!(examine(&bytes), Err(Refusal::UnknownType), "round {round}");
        }
    }
}

#[test]
fn every_prefix_of_every_mark_is_judged_without_panic() {
    let marks: [&[u8]; 6] = [
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"\0\0\0\x01ftypheic\0\0\0\0mif1",
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x08\0\xFF\xFFmimetype",
        b"ID3\x03\0\0\x7F\x7F\x7F\x7F",
        b"\xFF\xFB\x90\x00",
    ];
    for mark in marks {
        for end in 0..=mark.len() {
            let _ = examine(&mark[..end]);
            let _ = examine(&padded(&mark[..end]));
        }
    }
}

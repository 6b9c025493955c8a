//! Claims about documents.

use crate::harness::{Bench, Run};
use balado_domain::deposit::RenditionKind;
use balado_media::Refusal;
use balado_media::wire::Limits;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn text_of(run: &Run) -> String {
    let output = Command::new("pdftotext").arg(run.file(RenditionKind::Pdf)).arg("-").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn assert_document(run: &Run, words: &str) {
    run.assert_done();
    assert_eq!(run.kinds(), [RenditionKind::Pdf, RenditionKind::Poster, RenditionKind::Text]);
    assert!(run.output(RenditionKind::Pdf).pages >= Some(1));
    let poster = run.jpeg(RenditionKind::Poster);
    assert_eq!(poster.width.max(poster.height), 1280);
    let text = text_of(run);
    assert!(text.contains(words), "{text}");
}

/// Has LibreOffice make a document of another kind out of a text.
fn office(bench: &Bench, source: &Path, extension: &str, filter: &str) -> PathBuf {
    let profile = format!("-env:UserInstallation=file://{}", bench.path("profile").display());
    let target = format!("{extension}:{filter}");
    let folder = bench.path("made");
    let status = Command::new("soffice")
        .args([profile.as_str(), "--headless", "--convert-to", &target, "--outdir"])
        .args([&folder, source])
        .output()
        .unwrap();
    let made = folder.join(source.with_extension(extension).file_name().unwrap());
    assert!(made.exists(), "{extension}: {}", String::from_utf8_lossy(&status.stderr));
    made
}

#[test]
fn texts_in_any_usual_encoding_and_tables_become_pdf() {
    let utf16: Vec<u8> = "\u{FEFF}La dictée".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let texts: [(&str, &[u8]); 4] = [
        ("utf8.txt", "La dictée\n".as_bytes()),
        ("latin.txt", b"La dict\xE9e du jour pour les \xE9l\xE8ves\n"),
        ("utf16.txt", &utf16),
        ("notes.csv", "La dictée;note\nLou;12\nMax;15\n".as_bytes()),
    ];
    for (name, bytes) in texts {
        let bench = Bench::new();
        assert_document(&bench.convert(&bench.write(name, bytes)), "La dictée");
    }
}

#[test]
fn every_promised_office_format_becomes_pdf() {
    let bench = Bench::new();
    let text = bench.write("lesson.txt", "La Renaissance\n");
    let table = bench.write("marks.csv", "La Renaissance,12\n");
    let formats = [
        ("docx", "MS Word 2007 XML", &text),
        ("doc", "MS Word 97", &text),
        ("odt", "writer8", &text),
        ("rtf", "Rich Text Format", &text),
        ("xlsx", "Calc MS Excel 2007 XML", &table),
        ("xls", "MS Excel 97", &table),
        ("ods", "calc8", &table),
    ];
    for (extension, filter, source) in formats {
        let made = office(&bench, source, extension, filter);
        let one = Bench::new();
        assert_document(&one.convert(&made), "La Renaissance");
    }
}

#[test]
fn a_pdf_keeps_its_words_and_links_and_loses_what_is_active() {
    let bench = Bench::new();
    let pdf = bench.write("active.pdf", active_pdf());
    let run = bench.convert(&pdf);
    assert_document(&run, "Bonjour");
    let bytes = run.bytes(RenditionKind::Pdf);
    let plain = bench.make(
        "plain.pdf",
        "qpdf",
        &format!("--qdf --object-streams=disable {} {{}}", run.file(RenditionKind::Pdf).display()),
    );
    let plain_text = String::from_utf8_lossy(&std::fs::read(&plain).unwrap()).into_owned();
    let plain_text = plain_text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(plain_text.matches("/Link").count(), 1, "one link leads to the web");
    assert!(plain_text.contains("(https://example.org/)"), "{plain_text}");
    assert!(plain_text.contains("/Rect [ 20.0 100.0 90.0 124.0 ]"), "{plain_text}");
    for active in ["/JavaScript", "/OpenAction", "/Launch", "/EmbeddedFile", "app.alert"] {
        for bytes in [&bytes, &std::fs::read(&plain).unwrap()] {
            assert!(!bytes.windows(active.len()).any(|window| window == active.as_bytes()), "{active}");
        }
    }
}

/// LibreOffice with a document open in it, and no window. Ends with this.
struct OpenOffice {
    program: Child,
    document: PathBuf,
}

impl OpenOffice {
    fn open(document: &Path, profile: &Path) -> Self {
        let program = Command::new("/usr/lib/libreoffice/program/soffice.bin")
            .arg(format!("-env:UserInstallation=file://{}", profile.display()))
            .args(["--headless", "--norestore", "--nolockcheck"])
            .arg(document)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { program, document: document.to_owned() }
    }

    /// How long it took until the macro of the document had run; nothing when it has not within that time.
    fn macro_ran(&mut self, within: Duration) -> Option<Duration> {
        let started = Instant::now();
        let mark = PathBuf::from(format!("{}-macro-ran", self.document.display()));
        while !mark.exists() {
            // A fresh profile is set up by a start that only asks for another.
            if self.program.try_wait().unwrap().is_some() || started.elapsed() > within {
                return None;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        std::fs::remove_file(mark).unwrap();
        Some(started.elapsed())
    }
}

impl Drop for OpenOffice {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Settings under which every macro runs unasked.
const CARELESS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"#;

#[test]
fn a_macro_that_runs_wherever_it_may_does_not_run_here() {
    let bench = Bench::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/hostile");
    let made = Command::new(fixtures).arg(bench.path("")).args(["--only", "54"]).status().unwrap();
    assert!(made.success());
    let document = bench.path("h54-basic.odt");
    let run = bench.convert(&document);
    assert_document(&run, "avant");
    let names = std::fs::read_dir(bench.scratch()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = names.filter(|name| name.to_string_lossy().ends_with("macro-ran")).collect();
    assert!(left.is_empty(), "{left:?}");
    // The same document, opened where macros are allowed: the first start may only set the profile up.
    let profile = bench.path("careless");
    std::fs::create_dir_all(profile.join("user")).unwrap();
    std::fs::write(profile.join("user/registrymodifications.xcu"), CARELESS).unwrap();
    let patience = Duration::from_secs(60);
    let ran = (0..2).find_map(|_| OpenOffice::open(&document, &profile).macro_ran(patience));
    let ran = ran.expect("the macro is no bait: it does not run where it may");
    // Opened with the settings of the service, and no other wall of its.
    let careful = bench.path("careful");
    std::fs::create_dir_all(careful.join("user")).unwrap();
    let settings = "user/registrymodifications.xcu";
    std::fs::copy(bench.scratch().join("office-profile").join(settings), careful.join(settings)).unwrap();
    // Another copy: the one that was open when LibreOffice was ended is locked.
    let copy = bench.path("copy.odt");
    std::fs::copy(&document, &copy).unwrap();
    let wait = ran * 3 + Duration::from_secs(2);
    let held = (0..3).any(|_| {
        let mut office = OpenOffice::open(&copy, &careful);
        assert_eq!(office.macro_ran(wait), None, "the settings let it run");
        office.program.try_wait().unwrap().is_none()
    });
    assert!(held, "it did not stay to run anything");
}

#[test]
fn the_words_behind_a_scanned_page_are_found() {
    // Text in mode 3 is invisible: what programs that read scans lay behind the picture of a page.
    let words = b"BT /F 24 Tf 3 Tr 20 100 Td (La dictee du jour) Tj ET";
    let stream = format!("<< /Length {} >>\nstream\n", words.len());
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 320 200] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>"
            .to_vec(),
        [stream.as_bytes(), words, b"\nendstream"].concat(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec(),
    ];
    let bench = Bench::new();
    let run = bench.convert(&bench.write("scan.pdf", pdf_of(&objects)));
    run.assert_done();
    assert_eq!(run.bytes(RenditionKind::Text), b"La dictee du jour");
}

#[test]
fn photographs_in_a_pdf_tell_no_place_and_no_author() {
    let bench = Bench::new();
    let photo = bench.ffmpeg("photo.jpg", "-f lavfi -i testsrc=size=320x200 -frames:v 1");
    let tags = "-q -overwrite_original -GPSLatitude=48.85 -GPSLatitudeRef=N -Artist=Lou -XMP:Creator=Lou -IPTC:By-line=Lou";
    bench.make("unused", "exiftool", &format!("{tags} {}", photo.display()));
    let jpeg = std::fs::read(photo).unwrap();
    let picture = format!(
        "<< /Type /XObject /Subtype /Image /Width 320 /Height 200 /ColorSpace /DeviceRGB /BitsPerComponent 8 \
         /Filter /DCTDecode /Length {} >>\nstream\n",
        jpeg.len()
    );
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 320 200] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>";
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        page.into(),
        b"<< /Length 30 >>\nstream\nq 320 0 0 200 0 0 cm /I Do Q   \nendstream".to_vec(),
        [picture.as_bytes(), &jpeg, b"\nendstream"].concat(),
    ];
    let run = bench.convert(&bench.write("photo.pdf", pdf_of(&objects)));
    run.assert_done();
    assert_eq!(run.kinds(), [RenditionKind::Pdf, RenditionKind::Poster], "a picture has no words");
    let pdf = run.file(RenditionKind::Pdf);
    bench.make("unused", "pdfimages", &format!("-all {} {}", pdf.display(), bench.path("found").display()));
    let found = Command::new("exiftool").arg(bench.path("found-000.jpg")).output().unwrap();
    let found = String::from_utf8(found.stdout).unwrap();
    assert!(found.contains("320x200") && !found.contains("GPS") && !found.contains("Lou"), "{found}");
}

/// One page that says "Bonjour", a script that runs on opening, a program to launch, an attached file.
fn active_pdf() -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R /OpenAction 5 0 R /Names << /EmbeddedFiles << /Names [(a) 6 0 R] >> >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /AA << /O << /S /Launch /F (x) >> >> \
         /Annots [<< /Subtype /Link /Rect [20 100 90 124] /A << /S /URI /URI (https://example.org/) >> >> \
         << /Subtype /Link /Rect [20 100 90 124] /A << /S /Launch /F (x) >> >>] \
         /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        "<< /Length 42 >>\nstream\nBT /F1 24 Tf 20 100 Td (Bonjour) Tj ET    \nendstream",
        "<< /S /JavaScript /JS (app.alert\\(1\\)) >>",
        "<< /Type /Filespec /F (a) /EF << /F 7 0 R >> >>",
        "<< /Type /EmbeddedFile /Length 5 >>\nstream\nhello\nendstream",
    ];
    pdf_of(&objects.map(|object| object.as_bytes().to_vec()))
}

/// A PDF of these objects, of which the first is the catalogue.
fn pdf_of(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.5\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        offsets.push(pdf.len());
        pdf.extend(format!("{} 0 obj\n", number + 1).bytes());
        pdf.extend(object);
        pdf.extend(b"\nendobj\n");
    }
    let start = pdf.len();
    pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        pdf.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    pdf.extend(
        format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1).bytes(),
    );
    pdf
}

#[test]
fn locked_documents_are_refused_by_name() {
    let bench = Bench::new();
    let pdf = bench.write("open.pdf", active_pdf());
    let locked =
        bench.make("locked.pdf", "qpdf", &format!("--encrypt geheim geheim 256 -- {} {{}}", pdf.display()));
    bench.convert(&locked).assert_refused(Refusal::PasswordProtected);
}

#[test]
fn a_document_of_too_many_pages_is_refused() {
    let bench = Bench::new();
    let limits = Limits { pages: 1, ..Limits::default() };
    let lines = "ligne\n".repeat(200);
    bench.convert_within(&bench.write("long.txt", lines), limits).assert_refused(Refusal::TooManyPages);
}

#[test]
fn pictures_a_document_links_to_are_not_fetched_from_disk() {
    let bench = Bench::new();
    let canary = bench.ffmpeg("canary.png", "-f lavfi -i color=red:size=64x64 -frames:v 1");
    let content = format!(
        "<?xml version='1.0'?><office:document-content office:version='1.2' \
         xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' \
         xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0' \
         xmlns:draw='urn:oasis:names:tc:opendocument:xmlns:drawing:1.0' \
         xmlns:svg='urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0' \
         xmlns:xlink='http://www.w3.org/1999/xlink'><office:body><office:text><text:p>Bonjour \
         <draw:frame svg:width='5cm' svg:height='5cm' text:anchor-type='paragraph'>\
         <draw:image xlink:href='file://{}' xlink:type='simple'/></draw:frame></text:p></office:text></office:body>\
         </office:document-content>",
        canary.display()
    );
    let path = bench.path("linked.odt");
    let mut zip = ZipWriter::new(std::fs::File::create(&path).unwrap());
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let kind = "application/vnd.oasis.opendocument.text";
    let manifest = format!(
        "<manifest:manifest xmlns:manifest='urn:oasis:names:tc:opendocument:xmlns:manifest:1.0' manifest:version='1.2'>\
         <manifest:file-entry manifest:full-path='/' manifest:media-type='{kind}'/>\
         <manifest:file-entry manifest:full-path='content.xml' manifest:media-type='text/xml'/></manifest:manifest>"
    );
    for (name, bytes) in [("mimetype", kind), ("META-INF/manifest.xml", &manifest), ("content.xml", &content)]
    {
        zip.start_file(name, stored).unwrap();
        zip.write_all(bytes.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let run = bench.convert(&path);
    assert_document(&run, "Bonjour");
    let images = Command::new("pdfimages").arg("-list").arg(run.file(RenditionKind::Pdf)).output().unwrap();
    let listed = String::from_utf8(images.stdout).unwrap();
    assert!(!listed.contains(" 64 "), "{listed}");
}

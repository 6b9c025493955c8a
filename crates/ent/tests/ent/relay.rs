//! Mail through a real SMTP server.

use balado_domain::notice::NoticeTopic;
use balado_domain::{NoticeId, SchoolId};
use balado_ent::mail::{Error, Mail, MailData, Relay, RelaySettings, RelayTls, compose};
use balado_ent::{Locale, SchoolInfo};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use uuid::Uuid;

/// A running SMTP server; it dies with the test.
struct Sink {
    process: Child,
    lines: BufReader<ChildStdout>,
    port: u16,
}

impl Sink {
    fn start(arguments: &[&Path]) -> Self {
        let mut process = Command::new("/usr/bin/python3")
            .args(["-c", include_str!("sink.py")])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("Debian's python3 with python3-aiosmtpd");
        let lines = BufReader::new(process.stdout.take().unwrap());
        let mut sink = Self { process, lines, port: 0 };
        sink.port = u16::try_from(sink.next().as_u64().unwrap()).unwrap();
        sink
    }

    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("the server said `{line}`"))
    }

    fn settings(&self) -> RelaySettings {
        RelaySettings {
            host: "localhost".to_owned(),
            port: self.port,
            tls: RelayTls::None,
            credentials: None,
            from: "Balado <balado@college.example>".to_owned(),
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn mail_to(to: &str) -> Mail {
    let data = MailData {
        notice: NoticeId::from_uuid(Uuid::from_u128(0x2A)),
        to: to.to_owned(),
        written_at: "2026-11-23T08:00:00Z".parse().unwrap(),
        school: SchoolInfo {
            id: SchoolId::from_uuid(Uuid::from_u128(1)),
            name: "Collège Exemple".to_owned(),
            locale: Locale::French,
            timezone: "Europe/Paris".to_owned(),
        },
        title: "L’été, à voix haute".to_owned(),
        by: "Alix D.".to_owned(),
        link: "https://balado.example/publications/2a".to_owned(),
        due_at: None,
    };
    compose(NoticeTopic::PublicationOffered, &data, Locale::French)
}

/// Headers and text as Python's standard mail reader decodes them.
fn read_by_python(message: &str) -> Value {
    let script = "import email, email.policy, json, sys\n\
                  m = email.message_from_string(sys.argv[1], policy=email.policy.default)\n\
                  assert not m.defects and not m.is_multipart()\n\
                  json.dump({**{k.lower(): str(v) for k, v in m.items()}, 'text': m.get_content()}, sys.stdout)";
    let output = Command::new("/usr/bin/python3").args(["-c", script, message]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_mail_arrives_as_it_was_worded() {
    let mut sink = Sink::start(&[]);
    let relay = Relay::open(&sink.settings()).unwrap();
    let mail = mail_to("camille@college.example");
    assert_eq!(relay.send(&mail), Ok(()));
    let taken = sink.next();
    assert_eq!(taken["from"], "balado@college.example");
    assert_eq!(taken["to"], serde_json::json!(["camille@college.example"]));
    let read = read_by_python(taken["message"].as_str().unwrap());
    assert_eq!(read["subject"], "Nouveau : L’été, à voix haute");
    assert_eq!(read["from"], "Balado <balado@college.example>");
    assert_eq!(read["date"], "Mon, 23 Nov 2026 08:00:00 +0000");
    assert_eq!(read["auto-submitted"], "auto-generated");
    assert_eq!(read["message-id"], "<00000000-0000-0000-0000-00000000002a@college.example>");
    assert_eq!(read["text"].as_str().unwrap().replace("\r\n", "\n"), mail.text + "\n");
}

#[test]
fn a_mailbox_that_is_gone_is_refused_for_good_and_a_full_one_for_now() {
    let sink = Sink::start(&[]);
    let relay = Relay::open(&sink.settings()).unwrap();
    let gone = relay.send(&mail_to("gone@college.example")).unwrap_err();
    assert_eq!((&gone, gone.is_permanent()), (&Error::Refused { status: 550 }, true));
    let full = relay.send(&mail_to("full@college.example")).unwrap_err();
    assert!(matches!(full, Error::Unavailable(_)) && !full.is_permanent());
    for error in [gone, full] {
        assert!(!error.to_string().contains("college.example"), "an address in the log: {error}");
    }
}

#[test]
fn an_address_that_is_none_never_reaches_the_relay() {
    let mut sink = Sink::start(&[]);
    let relay = Relay::open(&sink.settings()).unwrap();
    for wrong in ["", "camille", "a@b.example\r\nRCPT TO:<x@y.example>", "a@b.example, c@d.example"] {
        assert_eq!(relay.send(&mail_to(wrong)), Err(Error::Address), "{wrong:?}");
    }
    assert_eq!(relay.send(&mail_to("lou@college.example")), Ok(()));
    assert_eq!(sink.next()["to"], serde_json::json!(["lou@college.example"]));
}

#[test]
fn a_relay_that_is_away_may_come_back() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let settings = RelaySettings {
        host: "127.0.0.1".to_owned(),
        port,
        tls: RelayTls::None,
        credentials: None,
        from: "balado@college.example".to_owned(),
    };
    let error = Relay::open(&settings).unwrap().send(&mail_to("lou@college.example")).unwrap_err();
    assert_eq!((error.code(), error.is_permanent()), ("mail-relay-unavailable", false));
}

#[test]
fn a_relay_without_encryption_gets_nothing_when_encryption_is_asked_for() {
    let mut sink = Sink::start(&[]);
    let strict = RelaySettings { tls: RelayTls::StartTls, ..sink.settings() };
    let error = Relay::open(&strict).unwrap().send(&mail_to("lou@college.example")).unwrap_err();
    assert!(!error.is_permanent());
    Relay::open(&sink.settings()).unwrap().send(&mail_to("camille@college.example")).unwrap();
    assert_eq!(sink.next()["to"], serde_json::json!(["camille@college.example"]));
}

/// A certificate authority and a certificate for `localhost`, made by openssl in a folder.
fn make_certificates(folder: &Path) {
    let run = |arguments: &[&str]| {
        let output = Command::new("openssl").current_dir(folder).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    run(&[
        &["req", "-x509", "-days", "2", "-subj", "/CN=Authority", "-keyout", "ca.key", "-out", "ca.pem"],
        &curve[..],
    ]
    .concat());
    run(&[&["req", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "request.pem"], &curve[..]]
        .concat());
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
        .unwrap();
    run(&[
        "x509",
        "-req",
        "-days",
        "2",
        "-in",
        "request.pem",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-extfile",
        "names",
        "-out",
        "cert.pem",
    ]);
}

#[test]
fn an_encrypted_relay_is_trusted_by_its_authority_and_by_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    make_certificates(folder.path());
    let mut sink = Sink::start(&[&folder.path().join("cert.pem"), &folder.path().join("key.pem")]);
    let credentials = Some(("balado".to_owned(), "sésame".to_owned()));
    let settings = RelaySettings { tls: RelayTls::StartTls, credentials, ..sink.settings() };
    let authority = std::fs::read_to_string(folder.path().join("ca.pem")).unwrap();

    let stranger = Relay::open(&settings).unwrap().send(&mail_to("lou@college.example")).unwrap_err();
    assert_eq!((stranger.code(), stranger.is_permanent()), ("mail-relay-unavailable", false));

    let relay = Relay::open_trusting(&settings, &authority).unwrap();
    assert_eq!(relay.send(&mail_to("camille@college.example")), Ok(()));
    let taken = sink.next();
    assert_eq!((&taken["to"][0], &taken["encrypted"]), (&"camille@college.example".into(), &true.into()));

    let credentials = Some(("balado".to_owned(), "wrong".to_owned()));
    let mistaken = Relay::open_trusting(&RelaySettings { credentials, ..settings }, &authority).unwrap();
    let refused = mistaken.send(&mail_to("lou@college.example")).unwrap_err();
    assert!(!refused.is_permanent(), "the mail is kept until the password is mended: {refused}");
}

#[test]
fn settings_that_make_no_sense_are_refused_when_the_relay_is_opened() {
    let good = RelaySettings {
        host: "smtp.college.example".to_owned(),
        port: 587,
        tls: RelayTls::StartTls,
        credentials: Some(("balado".to_owned(), "secret".to_owned())),
        from: "balado@college.example".to_owned(),
    };
    assert!(Relay::open(&good).is_ok());
    for wrong in [
        RelaySettings { from: "balado".to_owned(), ..good.clone() },
        RelaySettings { host: String::new(), ..good.clone() },
        RelaySettings { tls: RelayTls::None, ..good.clone() },
    ] {
        let error = Relay::open(&wrong).unwrap_err();
        assert_eq!((error.code(), error.is_permanent()), ("mail-settings-invalid", true));
        assert!(!format!("{wrong:?} {error}").contains("secret"));
    }
    assert!(Relay::open_trusting(&good, "not a certificate").is_err());
}

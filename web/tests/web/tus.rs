//! Resumable upload as tus 1.0 wants it. Numbers are those of `reference/reliability-security.md` §1.2, without which the
//! names of the tests say the same.

use super::client::{Ask, Reply};
use super::served::Served;
use balado_testkit::Actor;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::TimeDelta;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

fn creation() -> Ask {
    let name = STANDARD.encode("écoute.wav");
    Ask::post("/api/uploads")
        .with("Tus-Resumable", "1.0.0")
        .with("Upload-Metadata", format!("filename {name}"))
}

fn patch(path: &str, offset: u64, bytes: impl Into<Vec<u8>>) -> Ask {
    Ask::new("PATCH", path)
        .with("Tus-Resumable", "1.0.0")
        .with("Content-Type", "application/offset+octet-stream")
        .with("Upload-Offset", offset.to_string())
        .bytes(bytes)
}

async fn opened(served: &Served, actor: &Actor<'_>, length: usize) -> String {
    let reply = served.ask_as(actor, creation().with("Upload-Length", length.to_string())).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.header("location").unwrap().to_owned()
}

fn sound() -> Bytes {
    balado_testkit::builders::fixture("answer.wav")
}

fn offset_of(reply: &Reply) -> Option<u64> {
    reply.header("upload-offset").map(|offset| offset.parse().unwrap())
}

#[tokio::test]
async fn options_tells_exactly_what_works_and_needs_no_proof() {
    let served = Served::start().await;
    for path in ["/api/uploads", "/api/uploads/0193a0f0-0000-7000-8000-000000000001"] {
        let reply = served.ask(Ask::new("OPTIONS", path).with("Tus-Resumable", "0.2.2")).await;
        assert_eq!(reply.status, 204);
        assert_eq!(reply.header("tus-version"), Some("1.0.0"));
        let extensions = "creation,creation-with-upload,creation-defer-length,termination,expiration";
        assert_eq!(reply.header("tus-extension"), Some(extensions));
        assert_eq!(reply.header("tus-max-size"), Some("4294967296"));
    }
}

#[tokio::test]
async fn another_version_is_refused_before_anything_happens() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let path = opened(&served, &lou, 4).await;
    for ask in [
        Ask::post("/api/uploads").with("Upload-Length", "4"),
        Ask::new("PATCH", &path),
        Ask::new("DELETE", &path),
    ] {
        for version in [None, Some("0.2.2")] {
            let ask =
                version.into_iter().fold(ask.clone(), |ask, version| ask.with("Tus-Resumable", version));
            let reply = served.ask_as(&lou, ask).await;
            assert_eq!((reply.status, reply.header("tus-version")), (412, Some("1.0.0")));
            assert_eq!(reply.header("tus-resumable"), Some("1.0.0"));
        }
    }
    assert_eq!(offset_of(&served.ask_as(&lou, Ask::new("HEAD", &path)).await), Some(0));
}

#[tokio::test]
async fn an_upload_in_pieces_becomes_the_deposit_it_names() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let bytes = sound();
    let created = served.ask_as(&lou, creation().with("Upload-Length", bytes.len().to_string())).await;
    assert!(created.header("upload-expires").is_some());
    let (path, deposit) = (
        created.header("location").unwrap().to_owned(),
        created.header("balado-deposit").unwrap().to_owned(),
    );
    let (first, second) = bytes.split_at(1000);
    let reply = served.ask_as(&lou, patch(&path, 0, first)).await;
    assert_eq!((reply.status, offset_of(&reply)), (204, Some(1000)));
    assert!(reply.header("upload-expires").is_some());
    let head = served.ask_as(&lou, Ask::new("HEAD", &path)).await;
    assert_eq!((head.status, offset_of(&head)), (200, Some(1000)));
    assert_eq!(head.header("upload-length"), Some(bytes.len().to_string().as_str()));
    assert_eq!(head.header("cache-control"), Some("no-store"));
    assert!(head.header("upload-metadata").unwrap().starts_with("filename "));
    let last = served.ask_as(&lou, patch(&path, 1000, second)).await;
    assert_eq!((last.status, last.header("upload-expires")), (204, None));
    let shown = served.ask_as(&lou, Ask::get(&deposit)).await.json();
    assert_eq!((shown["state"].as_str(), shown["name"].as_str()), (Some("received"), Some("écoute.wav")));
    let original =
        served.ask_as(&lou, Ask::get(format!("/media{}/original", &deposit["/api".len()..]))).await;
    assert_eq!(original.body, bytes);
    let done = served.ask_as(&lou, Ask::new("HEAD", &path)).await;
    assert_eq!(offset_of(&done), Some(bytes.len() as u64));
    assert_eq!(served.ask_as(&lou, patch(&path, bytes.len() as u64, "")).await.status, 204);
    assert_eq!(served.ask_as(&lou, patch(&path, bytes.len() as u64, "x")).await.status, 413);
    assert_eq!(served.ask_as(&lou, patch(&path, 1000, second)).await.status, 409);
    let refused = served.ask_as(&lou, Ask::new("DELETE", &path).with("Tus-Resumable", "1.0.0")).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "upload-finished"));
}

#[tokio::test]
async fn bytes_may_come_with_the_creation() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let bytes = sound();
    let create = creation().with("Upload-Length", bytes.len().to_string());
    let typed = create.clone().with("Content-Type", "application/offset+octet-stream");
    let whole = served.ask_as(&lou, typed.clone().bytes(bytes.clone())).await;
    assert_eq!((whole.status, offset_of(&whole)), (201, Some(bytes.len() as u64)));
    let part = served.ask_as(&lou, typed.bytes(&bytes[..10])).await;
    assert_eq!((part.status, offset_of(&part)), (201, Some(10)));
    let ignored = served.ask_as(&lou, create.with("Content-Type", "text/plain").bytes("hello")).await;
    assert_eq!((ignored.status, offset_of(&ignored)), (201, Some(0)));
}

#[tokio::test]
async fn a_length_may_come_later_but_only_once() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let created = served.ask_as(&lou, creation().with("Upload-Defer-Length", "1")).await;
    let path = created.header("location").unwrap().to_owned();
    assert_eq!(served.ask_as(&lou, patch(&path, 0, "RIFF")).await.status, 204);
    let head = served.ask_as(&lou, Ask::new("HEAD", &path)).await;
    assert_eq!((head.header("upload-defer-length"), head.header("upload-length")), (Some("1"), None));
    let short = served.ask_as(&lou, patch(&path, 4, "").with("Upload-Length", "3")).await;
    assert_eq!(short.status, 400);
    assert_eq!(served.ask_as(&lou, patch(&path, 4, "").with("Upload-Length", "8")).await.status, 204);
    assert_eq!(served.ask_as(&lou, patch(&path, 4, "").with("Upload-Length", "9")).await.status, 400);
    let last = served.ask_as(&lou, patch(&path, 4, "WAVE").with("Upload-Length", "8")).await;
    assert_eq!((last.status, offset_of(&last)), (204, Some(8)));
}

#[tokio::test]
async fn what_is_not_a_number_or_a_pair_is_refused() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let path = opened(&served, &lou, 4).await;
    for offset in ["-1", "+0", "1e0", "", "9223372036854775808", "x"] {
        let ask = Ask::new("PATCH", &path)
            .with("Tus-Resumable", "1.0.0")
            .with("Content-Type", "application/offset+octet-stream")
            .with("Upload-Offset", offset);
        assert_eq!(served.ask_as(&lou, ask).await.status, 400, "{offset}");
    }
    let base = || Ask::post("/api/uploads").with("Tus-Resumable", "1.0.0");
    let refused = [
        base(),
        base().with("Upload-Length", "4").with("Upload-Defer-Length", "1"),
        base().with("Upload-Defer-Length", "2"),
        base().with("Upload-Length", "-4"),
        base().with("Upload-Length", "4").with("Upload-Metadata", "filename !!"),
        base().with("Upload-Length", "4").with("Upload-Concat", "partial"),
    ];
    for ask in refused {
        let reply = served.ask_as(&lou, ask.clone()).await;
        assert_eq!(reply.status, 400, "{ask:?}");
        assert_eq!(reply.header("tus-resumable"), Some("1.0.0"));
    }
    let typed =
        Ask::new("PATCH", &path).with("Tus-Resumable", "1.0.0").with("Upload-Offset", "0").bytes("abcd");
    assert_eq!(served.ask_as(&lou, typed).await.status, 415);
}

#[tokio::test]
async fn a_wrong_offset_changes_nothing() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let path = opened(&served, &lou, 8).await;
    served.ask_as(&lou, patch(&path, 0, "abcd")).await;
    for offset in [0, 3, 5] {
        let reply = served.ask_as(&lou, patch(&path, offset, "zzzz")).await;
        assert_eq!((reply.status, reply.code().as_str()), (409, "upload-offset"));
    }
    assert_eq!(offset_of(&served.ask_as(&lou, Ask::new("HEAD", &path)).await), Some(4));
}

#[tokio::test]
async fn more_bytes_than_declared_are_cut_off_and_the_upload_is_whole() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let bytes = sound();
    let path = opened(&served, &lou, bytes.len()).await;
    let mut long = bytes.to_vec();
    long.extend_from_slice(b"more");
    let reply = served.ask_as(&lou, patch(&path, 0, long)).await;
    assert_eq!((reply.status, reply.code().as_str()), (413, "upload-complete"));
    let head = served.ask_as(&lou, Ask::new("HEAD", &path)).await;
    assert_eq!(offset_of(&head), Some(bytes.len() as u64));
}

#[tokio::test]
async fn too_much_is_refused_before_the_first_byte() {
    let served = Served::start_with(&[
        ("BALADO_LIMITS_UPLOAD_BYTES", "1000000"),
        ("BALADO_LIMITS_TEACHER_QUOTA_BYTES", "500000"),
    ])
    .await;
    let lou = served.kit.teacher("lou").await;
    let large = served.ask_as(&lou, creation().with("Upload-Length", "1000001")).await;
    assert_eq!((large.status, large.code().as_str()), (413, "upload-too-large"));
    let much = served.ask_as(&lou, creation().with("Upload-Length", "600000")).await;
    assert_eq!((much.status, much.code().as_str()), (413, "quota-exceeded"));
}

#[tokio::test]
async fn an_empty_file_is_whole_at_once_and_fails_where_its_owner_sees_it() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let created = served.ask_as(&lou, creation().with("Upload-Length", "0")).await;
    assert_eq!(created.status, 201);
    let shown = served.ask_as(&lou, Ask::get(created.header("balado-deposit").unwrap())).await.json();
    assert_eq!((shown["state"].as_str(), shown["failure"]["code"].as_str()), (Some("failed"), Some("empty")));
    assert!(!shown["failure"]["message"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn an_upload_can_be_given_up() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let path = opened(&served, &lou, 8).await;
    served.ask_as(&lou, patch(&path, 0, "abcd")).await;
    let gone = served.ask_as(&lou, Ask::new("DELETE", &path).with("Tus-Resumable", "1.0.0")).await;
    assert_eq!(gone.status, 204);
    for ask in [Ask::new("HEAD", &path), patch(&path, 4, "efgh")] {
        let reply = served.ask_as(&lou, ask).await;
        assert_eq!((reply.status, offset_of(&reply)), (410, None));
    }
}

#[tokio::test]
async fn an_upload_nobody_comes_back_for_is_gone_after_its_date() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let path = opened(&served, &lou, 8).await;
    served.kit.clock().advance(TimeDelta::hours(47));
    served.ask_as(&lou, patch(&path, 0, "abcd")).await;
    served.kit.clock().advance(TimeDelta::hours(2));
    served.kit.app().sweep().await.unwrap();
    assert_eq!(served.ask_as(&lou, Ask::new("HEAD", &path)).await.status, 200, "activity pushes the date");
    served.kit.clock().advance(TimeDelta::hours(48));
    served.kit.app().sweep().await.unwrap();
    assert_eq!(served.ask_as(&lou, Ask::new("HEAD", &path)).await.status, 410);
}

#[tokio::test]
async fn somebody_elses_upload_does_not_exist() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let path = opened(&served, &lou, 8).await;
    for other in ["max", "ines", "ada", "sam"] {
        let other = served.kit.person(other).await;
        for ask in [
            Ask::new("HEAD", &path),
            patch(&path, 0, "abcd"),
            Ask::new("DELETE", &path).with("Tus-Resumable", "1.0.0"),
        ] {
            let reply = served.ask_as(&other, ask).await;
            assert_eq!((reply.status, offset_of(&reply)), (404, None));
        }
    }
    for path in ["/api/uploads/..%2f..%2fetc%2fpasswd", "/api/uploads/%00", "/api/uploads/x"] {
        assert_eq!(served.ask_as(&lou, Ask::new("HEAD", path)).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_client_that_lost_its_session_keeps_the_address_of_its_upload() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let path = opened(&served, &lou, 8).await;
    for ask in [Ask::new("HEAD", &path), patch(&path, 0, "abcd")] {
        let reply = served.ask(ask).await;
        assert_eq!((reply.status, reply.header("retry-after")), (423, Some("1")));
    }
    assert_eq!(served.ask(creation().with("Upload-Length", "4")).await.status, 401);
    let delete = Ask::new("DELETE", &path).with("Tus-Resumable", "1.0.0");
    assert_eq!(served.ask(delete).await.status, 401);
}

#[tokio::test]
async fn clients_that_can_only_post_may_say_what_they_mean() {
    let served = Served::start().await;
    let (lou, max) = (served.kit.teacher("lou").await, served.kit.teacher("max").await);
    let path = opened(&served, &lou, 8).await;
    let post = |method: &str| {
        Ask::post(&path)
            .with("Tus-Resumable", "1.0.0")
            .with("X-HTTP-Method-Override", method)
            .with("Content-Type", "application/offset+octet-stream")
            .with("Upload-Offset", "0")
    };
    assert_eq!(served.ask_as(&max, post("PATCH").bytes("abcd")).await.status, 404);
    assert_eq!(served.ask(post("PATCH").bytes("abcd")).await.status, 423);
    assert_eq!(served.ask_as(&lou, post("PATCH").bytes("abcd")).await.status, 204);
    assert_eq!(served.ask_as(&lou, post("GET")).await.status, 405);
    assert_eq!(served.ask_as(&lou, post("DELETE")).await.status, 204);
    assert_eq!(served.ask_as(&lou, Ask::get(&path)).await.status, 405, "no bytes are ever given back");
}

#[tokio::test]
async fn a_connection_that_breaks_keeps_every_byte_that_arrived() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let path = opened(&served, &lou, 1000).await;
    let ask = patch(&path, 0, "").bearer(&lou.token);
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(ask.head(served.address, 1000).as_bytes()).await.unwrap();
    stream.write_all(&[7; 600]).await.unwrap();
    stream.flush().await.unwrap();
    drop(stream);
    let deposit = path.replace("/uploads/", "/deposits/");
    assert!(served.sees(&lou, &deposit, |deposit| deposit["size_bytes"] == 600).await);
    assert_eq!(offset_of(&served.ask_as(&lou, Ask::new("HEAD", &path)).await), Some(600));
}

#[tokio::test]
async fn a_new_request_ends_the_dead_one_that_holds_the_upload() {
    let served = Served::start().await;
    let lou = served.kit.teacher("lou").await;
    let path = opened(&served, &lou, 1000).await;
    let ask = patch(&path, 0, "").bearer(&lou.token);
    let mut dead = TcpStream::connect(served.address).await.unwrap();
    dead.write_all(ask.head(served.address, 1000).as_bytes()).await.unwrap();
    dead.write_all(&[7; 600]).await.unwrap();
    // On a busy machine the dead request may be read only after the first question; then clients ask once more.
    let mut status = 409;
    for _ in 0..2 {
        let head = served.ask_as(&lou, Ask::new("HEAD", &path)).await;
        assert_eq!(head.status, 200);
        let offset = offset_of(&head).unwrap();
        assert!(offset <= 600);
        let rest = vec![7; usize::try_from(1000 - offset).unwrap()];
        status = served.ask_as(&lou, patch(&path, offset, rest)).await.status;
        if status != 409 {
            break;
        }
    }
    assert_eq!(status, 204);
}

//! What goes wrong around the store: slow senders, two writers, lost files, a service that is away.

use crate::store::{Body, Store, Upload, body, key_of, noise, settings, sha256};
use balado_domain::{ErrorKind, Failure};
use balado_objects::{Durable, Error, Objects, S3Settings};
use balado_testkit::s3;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use tokio::sync::mpsc;

#[tokio::test(start_paused = true)]
async fn bytes_of_a_slow_sender_are_durable_on_disk_within_2_seconds() {
    let store = Store::disk();
    let upload = Upload::new();
    let (send, mut receive) = mpsc::unbounded_channel::<Bytes>();
    send.send(Bytes::from_static(b"a few bytes, then silence")).unwrap();
    let mut sender = Some(send);
    let mut slow = stream::poll_fn(|context| receive.poll_recv(context)).map(Ok::<_, String>);
    let started = tokio::time::Instant::now();
    let mut reported = Vec::new();
    let mut on_durable = |durable: Durable| {
        reported.push((durable.offset, started.elapsed()));
        // The sender goes away only once its bytes are safe: without the report this test would never end.
        sender.take();
        async { Ok::<(), Failure>(()) }
    };
    let appended = store.objects.append(upload.id, 0, &mut slow, None, &mut on_durable).await.unwrap();
    assert_eq!(appended.size, 25);
    assert_eq!(reported.len(), 1);
    assert_eq!(reported[0].0, 25);
    assert!(reported[0].1.as_millis() <= 2100, "{:?}", reported[0].1);
}

#[tokio::test(start_paused = true)]
async fn a_second_writer_on_disk_is_turned_away_and_harms_nothing() {
    let store = Store::disk();
    let upload = Upload::new();
    let (send, mut receive) = mpsc::unbounded_channel::<Bytes>();
    send.send(Bytes::from_static(b"first ")).unwrap();
    let first = {
        let (objects, id) = (store.objects.clone(), upload.id);
        let (told, on_told) = tokio::sync::oneshot::channel();
        let mut told = Some(told);
        let appending = tokio::spawn(async move {
            let mut slow = stream::poll_fn(|context| receive.poll_recv(context)).map(Ok::<_, String>);
            let mut on_durable = |_: Durable| {
                let _heard = told.take().map(|told| told.send(()));
                async { Ok::<(), Failure>(()) }
            };
            objects.append(id, 0, &mut slow, None, &mut on_durable).await
        });
        on_told.await.unwrap();
        appending
    };

    let other_process = store.reopened();
    let busy = upload.append(&other_process, body(b"second", 6), None).await.unwrap_err();
    assert_eq!((busy.kind(), busy.code()), (ErrorKind::Locked, "upload-busy"));
    let busy = other_process.seal(upload.id, &[], 6, upload.school).await.unwrap_err();
    assert_eq!(busy.code(), "upload-busy");

    send.send(Bytes::from_static(b"writer")).unwrap();
    drop(send);
    assert_eq!(first.await.unwrap().unwrap().size, 12);
    let blob = other_process.seal(upload.id, &[], 12, upload.school).await.unwrap();
    assert_eq!(blob.sha256, sha256(b"first writer"));
}

#[tokio::test]
async fn an_upload_whose_file_lost_bytes_raises_the_alarm() {
    let store = Store::disk();
    let upload = Upload::new();
    upload.append(&store.objects, body(&noise(20, 1000), 100), None).await.unwrap();
    let file = store.file_of(&format!("uploads/{}", upload.id)).unwrap();
    std::fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(500).unwrap();
    assert!(matches!(upload.append(&store.objects, body(b"x", 1), None).await, Err(Error::Missing(_))));
    std::fs::remove_file(&file).unwrap();
    assert!(matches!(upload.append(&store.objects, body(b"x", 1), None).await, Err(Error::Missing(_))));
    assert!(!file.exists(), "an empty file would hide that acknowledged bytes were lost");
}

#[tokio::test]
async fn an_upload_whose_piece_vanished_raises_the_alarm() {
    let store = Store::s3();
    let upload = Upload::new();
    upload.append(&store.objects, body(b"one", 3), None).await.unwrap();
    upload.append(&store.objects, body(b"two", 3), None).await.unwrap();
    std::fs::remove_file(store.file_of(&upload.segments()[0].key).unwrap()).unwrap();
    let alarm = upload.read(&store.objects).await.unwrap_err();
    assert_eq!((alarm.kind(), alarm.code()), (ErrorKind::Internal, "object-bytes-missing"));
    assert!(matches!(upload.seal(&store.reopened()).await, Err(Error::Missing(_))));
}

#[tokio::test]
async fn a_piece_damaged_in_the_bucket_does_not_become_a_blob() {
    let store = Store::s3();
    let upload = Upload::new();
    upload.append(&store.objects, body(b"genuine", 7), None).await.unwrap();
    std::fs::write(store.file_of(&upload.segments()[0].key).unwrap(), b"altered").unwrap();
    let refused = upload.seal(&store.objects).await.unwrap_err();
    assert!(matches!(refused, Error::Corrupt(_)), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_away_is_unavailable() {
    let objects = Store::s3().stop();
    let blob = key_of(b"x");
    assert_eq!(objects.ping().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(objects.size(&blob).await.unwrap_err().kind(), ErrorKind::Unavailable);
    let mut lost: Body = body(b"bytes", 5);
    let failed =
        objects.append(blob.deposit, 0, &mut lost, None, &mut |_| async { Ok(()) }).await.unwrap_err();
    assert_eq!(failed.code(), "storage-unavailable");
}

#[tokio::test]
async fn a_wrong_secret_is_refused_by_the_service() {
    let server = s3::start().unwrap();
    let wrong = S3Settings { secret_key: "guessed".to_owned(), ..settings(&server) };
    let objects = Objects::open(&format!("s3://{}", server.bucket), Some(&wrong)).unwrap();
    assert_eq!(objects.ping().await.unwrap_err().code(), "storage-unavailable");
}

#[test]
fn every_way_to_write_a_folder_names_the_same_one() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("objects");
    for prefix in ["", "file:", "file://"] {
        Objects::open(&format!("{prefix}{}", folder.display()), None).unwrap();
        assert!(folder.is_dir(), "{prefix}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
fn an_address_that_makes_no_sense_is_refused() {
    for url in ["", "file://", "gopher://somewhere", "s3://bucket", "s3:///prefix"] {
        let refused = Objects::open(url, None).unwrap_err();
        assert_eq!(refused.code(), "storage-settings-invalid", "{url}");
    }
}

#[test]
fn settings_shown_in_a_log_hold_no_key() {
    let server = s3::start().unwrap();
    let shown = format!("{:?}", settings(&server));
    assert!(!shown.contains(&server.secret_key) && !shown.contains(&server.access_key), "{shown}");
}

#[tokio::test]
async fn a_copy_that_a_dead_process_left_on_disk_is_swept_and_a_fresh_one_stays() {
    let store = Store::disk();
    let incoming = store.file_of("incoming").unwrap();
    let (old, fresh) = (incoming.join("old"), incoming.join("fresh"));
    for path in [&old, &fresh] {
        std::fs::write(path, b"half a copy").unwrap();
    }
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_hours(49);
    std::fs::File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
    store.objects.sweep().await.unwrap();
    assert_eq!((old.exists(), fresh.exists()), (false, true));
    for store in [Store::memory(), Store::s3()] {
        store.objects.sweep().await.unwrap();
    }
}

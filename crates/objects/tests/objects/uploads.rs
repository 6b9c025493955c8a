//! Uploads that grow: what was reported is kept, what was not reported does no harm.

use crate::store::{
    Body, Store, Upload, assert_send, body, broken_body, collect, noise, on_every_store, path_of, sha256,
};
use balado_domain::{ErrorKind, Failure};
use balado_objects::{BodyEnd, Durable, Error};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use std::convert::Infallible;

const MIB: usize = 1024 * 1024;

on_every_store! {
    bodies_appended_in_turn_make_one_upload
    a_body_that_breaks_keeps_what_had_arrived
    a_body_longer_than_its_limit_is_cut_there
    a_long_body_reports_durable_bytes_every_8_mib
    a_refusal_by_the_checkpoint_ends_the_append
    bytes_never_acknowledged_are_replaced_by_the_next_append
    an_append_dropped_midway_loses_only_what_was_not_reported
    a_follower_reads_acknowledged_bytes_while_more_arrive
    the_head_of_an_upload_is_its_first_bytes
    a_sealed_upload_is_a_blob_named_by_its_digest
    an_upload_sealed_by_another_process_has_the_same_digest
    sealing_again_after_a_crash_finds_the_same_blob
    an_upload_without_a_byte_can_be_sealed
    sealing_more_bytes_than_there_are_raises_the_alarm
    an_upload_that_never_was_cannot_be_sealed
    a_discarded_upload_leaves_nothing
}

async fn bodies_appended_in_turn_make_one_upload(store: Store) {
    let upload = Upload::new();
    let bytes = noise(10, 3 * MIB);
    for (part, chunk) in
        [(0..1, 1), (1..1_000_000, 999), (1_000_000..1_000_000, 1), (1_000_000..3 * MIB, 700_001)]
    {
        let appended = assert_send(upload.append(&store.objects, body(&bytes[part.clone()], chunk), None))
            .await
            .unwrap();
        assert_eq!((appended.size, appended.ended), (part.len() as u64, BodyEnd::Complete));
    }
    assert!(upload.read(&store.objects).await.unwrap() == bytes);
    let middle = store.objects.read_upload(upload.id, &upload.segments(), 999_999..1_000_002);
    assert_eq!(collect(middle).await.unwrap(), bytes[999_999..1_000_002]);
}

async fn a_body_that_breaks_keeps_what_had_arrived(store: Store) {
    let upload = Upload::new();
    let bytes = noise(11, 500_000);
    let broken = upload.append(&store.objects, broken_body(&bytes[..300_001], 4096), None).await.unwrap();
    assert_eq!((broken.size, broken.ended), (300_001, BodyEnd::Broken));
    let rest = upload.append(&store.reopened(), body(&bytes[300_001..], 4096), None).await.unwrap();
    assert_eq!(rest.ended, BodyEnd::Complete);
    assert!(upload.read(&store.objects).await.unwrap() == bytes);
}

async fn a_body_longer_than_its_limit_is_cut_there(store: Store) {
    let bytes = noise(12, 10_000);
    for (limit, kept, ended) in [
        (10_001, 10_000, BodyEnd::Complete),
        (10_000, 10_000, BodyEnd::Complete),
        (9_999, 9_999, BodyEnd::LimitReached),
        (0, 0, BodyEnd::LimitReached),
    ] {
        let upload = Upload::new();
        let appended = upload.append(&store.objects, body(&bytes, 1000), Some(limit)).await.unwrap();
        assert_eq!((appended.size, appended.ended), (kept, ended), "limit {limit}");
        let kept = usize::try_from(kept).unwrap();
        assert!(upload.read(&store.objects).await.unwrap() == bytes[..kept], "limit {limit}");
    }
}

async fn a_long_body_reports_durable_bytes_every_8_mib(store: Store) {
    let upload = Upload::new();
    let bytes = noise(13, 20 * MIB);
    let appended = upload.append(&store.objects, body(&bytes, 3 * MIB + 1), None).await.unwrap();
    assert_eq!(appended.size, 20 * MIB as u64);
    assert!(upload.read(&store.objects).await.unwrap() == bytes);
    let checkpoints = upload.recorded.lock().unwrap().checkpoints.clone();
    assert!(checkpoints.contains(&(8 * MIB as u64)), "{checkpoints:?}");
    assert!(checkpoints.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= 8 * MIB as u64));
    assert!(20 * MIB as u64 - checkpoints.last().unwrap() < 8 * MIB as u64);
}

async fn a_refusal_by_the_checkpoint_ends_the_append(store: Store) {
    let upload = Upload::new();
    let mut calls = 0;
    let mut refuse = |_: Durable| {
        calls += 1;
        async { Err(Failure::new(ErrorKind::Locked, "upload-taken-over", "another request holds it")) }
    };
    let mut endless = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(&[7; 65536])));
    let refused = store.objects.append(upload.id, 0, &mut endless, None, &mut refuse).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Locked, "upload-taken-over"));
    assert_eq!(calls, 1);
}

async fn bytes_never_acknowledged_are_replaced_by_the_next_append(store: Store) {
    let upload = Upload::new();
    upload.append(&store.objects, body(b"acknowledged ", 4), None).await.unwrap();
    let mut ignore = |_: Durable| async { Ok(()) };
    let mut lost: Body = body(b"stored, but the server died before it could say so", 4);
    store.objects.append(upload.id, upload.offset(), &mut lost, None, &mut ignore).await.unwrap();

    upload.append(&store.reopened(), body(b"and resumed", 4), None).await.unwrap();
    assert_eq!(upload.read(&store.objects).await.unwrap(), b"acknowledged and resumed");
    let blob = upload.seal(&store.objects).await.unwrap();
    assert_eq!(blob.sha256, sha256(b"acknowledged and resumed"));
    assert_eq!(store.objects.verify(&blob).await.unwrap(), 24);
}

async fn an_append_dropped_midway_loses_only_what_was_not_reported(store: Store) {
    let upload = Upload::new();
    let bytes = noise(14, 12 * MIB);
    let silent = body(&bytes[..9 * MIB], MIB).chain(stream::pending()).boxed();
    {
        let mut appending = std::pin::pin!(upload.append(&store.objects, silent, None));
        while upload.offset() < 8 * MIB as u64 {
            assert!(futures::poll!(&mut appending).is_pending());
            tokio::task::yield_now().await;
        }
    }
    let offset = usize::try_from(upload.offset()).unwrap();
    assert!(upload.read(&store.objects).await.unwrap() == bytes[..offset]);
    upload.append(&store.objects, body(&bytes[offset..], MIB), None).await.unwrap();
    assert_eq!(upload.seal(&store.objects).await.unwrap().sha256, sha256(&bytes));
}

async fn a_follower_reads_acknowledged_bytes_while_more_arrive(store: Store) {
    let upload = Upload::new();
    let bytes = noise(15, 2 * MIB);
    let mut followed = Vec::new();
    for turn in bytes.chunks(300_000) {
        upload.append(&store.objects, body(turn, 10_000), None).await.unwrap();
        let range = followed.len() as u64..upload.offset();
        let fresh = store.objects.read_upload(upload.id, &upload.segments(), range);
        followed.extend(collect(fresh).await.unwrap());
        assert_eq!(followed.len() as u64, upload.offset());
    }
    assert!(followed == bytes);
    let beyond = store.objects.read_upload(upload.id, &upload.segments(), 0..upload.offset() + 1);
    assert!(matches!(collect(beyond).await, Err(Error::Missing(_))));
}

async fn the_head_of_an_upload_is_its_first_bytes(store: Store) {
    let upload = Upload::new();
    upload.append(&store.objects, body(b"RIFF", 4), None).await.unwrap();
    upload.append(&store.objects, body(b"....WAVE and much more", 4), None).await.unwrap();
    let segments = upload.segments();
    let head = assert_send(store.objects.head_of_upload(upload.id, &segments, 12)).await.unwrap();
    assert_eq!(&head[..], b"RIFF....WAVE");
    assert_eq!(store.objects.head_of_upload(upload.id, &segments, 65536).await.unwrap().len(), 26);
}

async fn a_sealed_upload_is_a_blob_named_by_its_digest(store: Store) {
    let upload = Upload::new();
    let bytes = noise(16, 17 * MIB);
    upload.append(&store.objects, body(&bytes[..5_000_000], 65536), None).await.unwrap();
    upload.append(&store.objects, body(&bytes[5_000_000..], 65536), None).await.unwrap();
    let blob = assert_send(upload.seal(&store.objects)).await.unwrap();
    assert_eq!((blob.school, blob.deposit), (upload.school, upload.id));
    assert_eq!(blob.sha256, sha256(&bytes));
    assert_eq!(store.objects.verify(&blob).await.unwrap(), bytes.len() as u64);

    assert_send(store.objects.discard_upload(upload.id)).await.unwrap();
    assert_eq!(store.reopened().verify(&blob).await.unwrap(), bytes.len() as u64);
}

async fn an_upload_sealed_by_another_process_has_the_same_digest(store: Store) {
    let upload = Upload::new();
    let bytes = noise(17, 9 * MIB + 1);
    upload.append(&store.objects, body(&bytes[..MIB], 65536), None).await.unwrap();
    upload.append(&store.reopened(), body(&bytes[MIB..2 * MIB], 65536), None).await.unwrap();
    upload.append(&store.objects, body(&bytes[2 * MIB..], 65536), None).await.unwrap();
    let blob = upload.seal(&store.reopened()).await.unwrap();
    assert_eq!(blob.sha256, sha256(&bytes));
    assert_eq!(store.objects.verify(&blob).await.unwrap(), bytes.len() as u64);
}

async fn sealing_again_after_a_crash_finds_the_same_blob(store: Store) {
    let upload = Upload::new();
    let bytes = noise(18, 400_000);
    upload.append(&store.objects, body(&bytes, 65536), None).await.unwrap();
    let blob = upload.seal(&store.objects).await.unwrap();
    assert_eq!(upload.seal(&store.objects).await.unwrap(), blob);
    assert_eq!(upload.seal(&store.reopened()).await.unwrap(), blob);
    assert_eq!(store.objects.verify(&blob).await.unwrap(), 400_000);
}

async fn an_upload_without_a_byte_can_be_sealed(store: Store) {
    let upload = Upload::new();
    let blob = upload.seal(&store.objects).await.unwrap();
    assert_eq!(blob.sha256, sha256(b""));
    assert_eq!(upload.seal(&store.reopened()).await.unwrap(), blob);
    assert_eq!(store.objects.size(&blob).await.unwrap(), 0);
}

async fn sealing_more_bytes_than_there_are_raises_the_alarm(store: Store) {
    let upload = Upload::new();
    upload.append(&store.objects, body(b"short", 5), None).await.unwrap();
    let alarm = store.objects.seal(upload.id, &upload.segments(), 6, upload.school).await.unwrap_err();
    assert_eq!((alarm.kind(), alarm.code()), (ErrorKind::Internal, "object-bytes-missing"));
    assert_eq!(upload.read(&store.objects).await.unwrap(), b"short");
}

async fn an_upload_that_never_was_cannot_be_sealed(store: Store) {
    let upload = Upload::new();
    let refused = store.objects.seal(upload.id, &[], 10, upload.school).await.unwrap_err();
    assert!(matches!(refused, Error::NotFound(_) | Error::Missing(_)), "{refused}");
}

async fn a_discarded_upload_leaves_nothing(store: Store) {
    let upload = Upload::new();
    upload.append(&store.objects, body(b"recorded", 8), None).await.unwrap();
    let mut ignore = |_: Durable| async { Ok(()) };
    let mut lost: Body = body(b"not recorded", 12);
    store.objects.append(upload.id, upload.offset(), &mut lost, None, &mut ignore).await.unwrap();

    store.objects.discard_upload(upload.id).await.unwrap();
    store.objects.discard_upload(upload.id).await.unwrap();
    assert!(upload.read(&store.objects).await.is_err());
    if let Some(place) = store.file_of(&format!("uploads/{}", upload.id)) {
        let left = place.exists() && (place.is_file() || std::fs::read_dir(&place).unwrap().count() > 0);
        assert!(!left, "{} still holds something", place.display());
    }
}

#[tokio::test]
async fn sealing_on_disk_drops_bytes_never_acknowledged() {
    let store = Store::disk();
    let upload = Upload::new();
    upload.append(&store.objects, body(b"acknowledged", 12), None).await.unwrap();
    let mut ignore = |_: Durable| async { Ok(()) };
    let mut lost: Body = body(b" and not", 8);
    store.objects.append(upload.id, upload.offset(), &mut lost, None, &mut ignore).await.unwrap();
    let blob = upload.seal(&store.objects).await.unwrap();
    assert_eq!(std::fs::read(store.file_of(&path_of(&blob)).unwrap()).unwrap(), b"acknowledged");
}

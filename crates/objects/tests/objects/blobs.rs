//! Finished blobs: what goes in comes out, or an error says why not.

use crate::store::{Store, assert_send, collect, key_of, noise, on_every_store, path_of, sha256};
use balado_domain::ErrorKind;
use balado_objects::{BlobKey, Error, Stored};
use bytes::Bytes;
use futures::future::join_all;

const MIB: usize = 1024 * 1024;

on_every_store! {
    a_file_comes_back_whole_under_the_name_its_bytes_give
    bytes_put_from_memory_come_back
    bytes_with_another_digest_are_refused_and_leave_nothing
    putting_a_blob_twice_is_harmless
    a_range_is_exactly_the_bytes_asked_for
    a_range_outside_the_blob_is_refused
    a_blob_that_does_not_exist_is_not_found
    many_readers_at_once_each_get_their_own_range
    deleting_a_blob_leaves_the_others_of_its_deposit
    deleting_a_deposit_removes_its_blobs_and_no_others
    a_text_that_is_no_digest_never_becomes_a_path
    a_store_that_works_answers_the_ping
}

async fn a_file_comes_back_whole_under_the_name_its_bytes_give(store: Store) {
    for length in [0, 1, 256 * 1024, 256 * 1024 + 1, 8 * MIB, 19 * MIB + 7] {
        let bytes = noise(1, length);
        let blob = key_of(&bytes);
        let file = store.file(&bytes);
        let stored = assert_send(store.objects.put_file(blob.school, blob.deposit, &file)).await.unwrap();
        assert_eq!(stored, Stored { blob: blob.clone(), size_bytes: length as u64 });
        assert_eq!(store.objects.size(&blob).await.unwrap(), length as u64);

        let copy = store.scratch();
        assert_eq!(assert_send(store.objects.download(&blob, &copy)).await.unwrap(), length as u64);
        assert!(std::fs::read(copy).unwrap() == bytes, "{length} bytes came back changed");
    }
}

async fn bytes_put_from_memory_come_back(store: Store) {
    let blob = key_of(b"bonjour");
    assert_send(store.objects.put_bytes(&blob, Bytes::from_static(b"bonjour"))).await.unwrap();
    let stream = assert_send(store.objects.read(&blob, 0..7)).await.unwrap();
    assert_eq!(collect(stream).await.unwrap(), b"bonjour");
}

async fn bytes_with_another_digest_are_refused_and_leave_nothing(store: Store) {
    for length in [100, 9 * MIB] {
        let blob = key_of(b"something else");
        let refused = store.objects.put_bytes(&blob, noise(2, length).into()).await.unwrap_err();
        assert!(matches!(refused, Error::Corrupt(_)), "{refused}");
        assert!(matches!(store.objects.size(&blob).await, Err(Error::NotFound(_))));
    }
    if let Some(incoming) = store.file_of("incoming").filter(|folder| folder.exists()) {
        assert_eq!(std::fs::read_dir(incoming).unwrap().count(), 0, "an unfinished copy stayed behind");
    }
}

async fn putting_a_blob_twice_is_harmless(store: Store) {
    let bytes = noise(3, 300_000);
    let blob = key_of(&bytes);
    let file = store.file(&bytes);
    let first = store.objects.put_file(blob.school, blob.deposit, &file).await.unwrap();
    let second = store.objects.put_file(blob.school, blob.deposit, &file).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(store.reopened().verify(&blob).await.unwrap(), 300_000);
}

async fn a_range_is_exactly_the_bytes_asked_for(store: Store) {
    let bytes = noise(4, 5 * MIB + 3);
    let blob = key_of(&bytes);
    store.put(&blob, &bytes).await;
    let end = bytes.len();
    for range in [0..0, 0..1, 7..19, 262_143..262_145, 1_000_000..3_000_001, end - 1..end, end..end, 0..end] {
        let stream = store.objects.read(&blob, range.start as u64..range.end as u64).await.unwrap();
        assert!(collect(stream).await.unwrap() == bytes[range.clone()], "{range:?}");
    }
}

async fn a_range_outside_the_blob_is_refused(store: Store) {
    let blob = key_of(b"ten bytes.");
    store.objects.put_bytes(&blob, Bytes::from_static(b"ten bytes.")).await.unwrap();
    for (start, end) in [(0, 11), (10, 11), (11, 11), (11, 12), (5, 4)] {
        let refused = store.objects.read(&blob, start..end).await.err().unwrap();
        assert!(matches!(refused, Error::Range { .. }), "{start}..{end}: {refused}");
        assert_eq!(refused.kind(), ErrorKind::Invalid);
    }
}

async fn a_blob_that_does_not_exist_is_not_found(store: Store) {
    let blob = key_of(b"never stored");
    let copy = store.scratch();
    let failures = [
        store.objects.size(&blob).await.err(),
        store.objects.read(&blob, 0..1).await.err(),
        store.objects.read(&blob, 0..0).await.err(),
        store.objects.verify(&blob).await.err(),
        store.objects.download(&blob, &copy).await.err(),
    ];
    for failure in failures {
        assert_eq!(failure.unwrap().code(), "object-not-found");
    }
    assert!(!copy.exists());
}

async fn many_readers_at_once_each_get_their_own_range(store: Store) {
    let bytes = noise(5, 3 * MIB);
    let blob = key_of(&bytes);
    store.put(&blob, &bytes).await;
    let readers = (0..24_usize).map(|reader| {
        let (objects, blob) = (store.objects.clone(), blob.clone());
        let range = reader * 100_000..reader * 100_000 + 500_001;
        tokio::spawn(async move {
            let stream = objects.read(&blob, range.start as u64..range.end as u64).await.unwrap();
            (range, collect(stream).await.unwrap())
        })
    });
    for read in join_all(readers).await {
        let (range, got) = read.unwrap();
        assert!(got == bytes[range.clone()], "{range:?}");
    }
}

async fn deleting_a_blob_leaves_the_others_of_its_deposit(store: Store) {
    let first = key_of(b"first");
    let second = BlobKey { sha256: sha256(b"second"), ..first.clone() };
    for (blob, bytes) in [(&first, &b"first"[..]), (&second, b"second")] {
        store.objects.put_bytes(blob, Bytes::from_static(bytes)).await.unwrap();
    }
    for _ in 0..2 {
        assert_send(store.objects.delete(&first)).await.unwrap();
        assert!(matches!(store.objects.size(&first).await, Err(Error::NotFound(_))));
    }
    assert_eq!(store.objects.size(&second).await.unwrap(), 6);
}

async fn deleting_a_deposit_removes_its_blobs_and_no_others(store: Store) {
    let kept = key_of(b"kept");
    let first = BlobKey { school: kept.school, ..key_of(b"first") };
    let second = BlobKey { sha256: sha256(b"second"), ..first.clone() };
    for (blob, bytes) in [(&kept, &b"kept"[..]), (&first, b"first"), (&second, b"second")] {
        store.objects.put_bytes(blob, Bytes::from_static(bytes)).await.unwrap();
    }
    assert_eq!(assert_send(store.objects.delete_deposit(first.school, first.deposit)).await.unwrap(), 2);
    assert!(matches!(store.objects.size(&first).await, Err(Error::NotFound(_))));
    assert!(matches!(store.objects.size(&second).await, Err(Error::NotFound(_))));
    assert_eq!(store.objects.size(&kept).await.unwrap(), 4);
    assert_eq!(store.objects.delete_deposit(first.school, first.deposit).await.unwrap(), 0);
}

async fn a_text_that_is_no_digest_never_becomes_a_path(store: Store) {
    let genuine = key_of(b"x");
    let upper = genuine.sha256.to_uppercase();
    for text in ["", "..", "../../../etc/passwd", &upper, &format!("{}/", &genuine.sha256[..63])] {
        let blob = BlobKey { sha256: text.to_owned(), ..genuine.clone() };
        assert_eq!(store.objects.size(&blob).await.unwrap_err().code(), "object-key-invalid");
        assert!(matches!(store.objects.put_bytes(&blob, Bytes::new()).await, Err(Error::Key(_))));
    }
}

async fn a_store_that_works_answers_the_ping(store: Store) {
    assert_send(store.objects.ping()).await.unwrap();
    if let Some(incoming) = store.file_of("incoming").filter(|folder| folder.exists()) {
        assert_eq!(std::fs::read_dir(incoming).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_damaged_blob_is_detected_and_never_handed_out_as_whole() {
    for store in [Store::disk(), Store::s3()] {
        let bytes = noise(6, MIB);
        let blob = key_of(&bytes);
        store.put(&blob, &bytes).await;
        let mut damaged = bytes;
        damaged[700_000] ^= 1;
        std::fs::write(store.file_of(&path_of(&blob)).unwrap(), &damaged).unwrap();

        let copy = store.scratch();
        assert!(matches!(store.objects.verify(&blob).await, Err(Error::Corrupt(_))));
        assert_eq!(store.objects.download(&blob, &copy).await.unwrap_err().code(), "object-corrupt");
        assert!(!copy.exists(), "a damaged copy was left for somebody to use");
    }
}

//! The three stores under test, and a stand-in for the database that records what they report.

use balado_domain::deposit::UploadSegment;
use balado_domain::{DepositId, Failure, SchoolId};
use balado_objects::{Appended, BlobKey, ByteStream, Durable, Objects, Result, S3Settings};
use balado_testkit::s3::{self, S3Server};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use uuid::Uuid;

/// A store that starts empty and goes away with the test.
pub(crate) struct Store {
    pub(crate) objects: Objects,
    place: Place,
    scratch: TempDir,
}

enum Place {
    Disk(TempDir),
    Memory,
    S3(Box<S3Server>),
}

impl Store {
    pub(crate) fn disk() -> Self {
        Self::at(Place::Disk(tempfile::tempdir().unwrap()))
    }

    pub(crate) fn memory() -> Self {
        Self::at(Place::Memory)
    }

    pub(crate) fn s3() -> Self {
        Self::at(Place::S3(Box::new(s3::start().unwrap())))
    }

    fn at(place: Place) -> Self {
        Self { objects: open(&place), place, scratch: tempfile::tempdir().unwrap() }
    }

    /// What a process started later finds. Memory does not outlive its process: its clone stands for the same one.
    pub(crate) fn reopened(&self) -> Objects {
        if matches!(self.place, Place::Memory) { self.objects.clone() } else { open(&self.place) }
    }

    /// The file that holds an object, where there are files.
    pub(crate) fn file_of(&self, key: &str) -> Option<PathBuf> {
        match &self.place {
            Place::Disk(root) => Some(root.path().join("objects").join(key)),
            Place::Memory => None,
            Place::S3(server) => Some(server.file_of(&format!("school-files/{key}"))),
        }
    }

    pub(crate) fn stop(self) -> Objects {
        self.objects
    }

    /// A path nobody uses.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.scratch.path().join(Uuid::new_v4().to_string())
    }

    /// A file with these bytes.
    pub(crate) fn file(&self, bytes: &[u8]) -> Arc<File> {
        let path = self.scratch();
        std::fs::write(&path, bytes).unwrap();
        Arc::new(File::open(path).unwrap())
    }

    /// Stores these bytes from a file.
    pub(crate) async fn put(&self, blob: &BlobKey, bytes: &[u8]) {
        let stored = self.objects.put_file(blob.school, blob.deposit, &self.file(bytes)).await.unwrap();
        assert_eq!(stored.blob, *blob);
    }
}

fn open(place: &Place) -> Objects {
    match place {
        Place::Disk(root) => {
            Objects::open(&format!("file://{}", root.path().join("objects").display()), None).unwrap()
        }
        Place::Memory => Objects::open("memory:", None).unwrap(),
        Place::S3(server) => {
            let url = format!("s3://{}/school-files/", server.bucket);
            Objects::open(&url, Some(&settings(server))).unwrap()
        }
    }
}

pub(crate) fn settings(server: &S3Server) -> S3Settings {
    S3Settings {
        endpoint: Some(server.endpoint.clone()),
        region: "test".to_owned(),
        access_key: server.access_key.clone(),
        secret_key: server.secret_key.clone(),
        allow_http: true,
    }
}

/// One growing upload, and what the database would know about it.
pub(crate) struct Upload {
    pub(crate) id: DepositId,
    pub(crate) school: SchoolId,
    pub(crate) recorded: Arc<Mutex<Recorded>>,
}

#[derive(Default)]
pub(crate) struct Recorded {
    pub(crate) offset: u64,
    pub(crate) segments: Vec<UploadSegment>,
    /// Every offset reported while a body was flowing.
    pub(crate) checkpoints: Vec<u64>,
}

impl Recorded {
    fn record(&mut self, offset: u64, segment: Option<UploadSegment>) {
        self.offset = offset;
        self.segments.extend(segment);
    }
}

impl Upload {
    pub(crate) fn new() -> Self {
        Self { id: DepositId::from_uuid(Uuid::new_v4()), school: school(), recorded: Arc::default() }
    }

    pub(crate) fn offset(&self) -> u64 {
        self.recorded.lock().unwrap().offset
    }

    pub(crate) fn segments(&self) -> Vec<UploadSegment> {
        self.recorded.lock().unwrap().segments.clone()
    }

    /// Appends at the recorded offset and records the outcome, as `app` does.
    pub(crate) async fn append(&self, objects: &Objects, body: Body, limit: Option<u64>) -> Result<Appended> {
        let offset = self.offset();
        let mut body = body;
        let mut on_durable = |durable: Durable| {
            let mut recorded = self.recorded.lock().unwrap();
            recorded.checkpoints.push(durable.offset);
            recorded.record(durable.offset, durable.segment);
            async { Ok::<(), Failure>(()) }
        };
        let appended = objects.append(self.id, offset, &mut body, limit, &mut on_durable).await?;
        self.recorded.lock().unwrap().record(offset + appended.size, appended.segment.clone());
        Ok(appended)
    }

    /// Reads every recorded byte.
    pub(crate) async fn read(&self, objects: &Objects) -> Result<Vec<u8>> {
        collect(objects.read_upload(self.id, &self.segments(), 0..self.offset())).await
    }

    pub(crate) async fn seal(&self, objects: &Objects) -> Result<BlobKey> {
        objects.seal(self.id, &self.segments(), self.offset(), self.school).await
    }
}

pub(crate) type Body = futures::stream::BoxStream<'static, std::result::Result<Bytes, String>>;

/// A body that arrives in chunks of this many bytes.
pub(crate) fn body(bytes: &[u8], chunk: usize) -> Body {
    let chunks: Vec<_> = bytes.chunks(chunk).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    stream::iter(chunks).boxed()
}

/// A body whose connection breaks after these bytes.
pub(crate) fn broken_body(bytes: &[u8], chunk: usize) -> Body {
    body(bytes, chunk).chain(stream::iter([Err("connection reset".to_owned())])).boxed()
}

pub(crate) fn school() -> SchoolId {
    SchoolId::from_uuid(Uuid::new_v4())
}

/// The key these bytes have in a fresh deposit.
pub(crate) fn key_of(bytes: &[u8]) -> BlobKey {
    BlobKey::new(school(), DepositId::from_uuid(Uuid::new_v4()), sha256(bytes))
}

pub(crate) fn path_of(blob: &BlobKey) -> String {
    format!("{}/{}/{}", blob.school, blob.deposit, blob.sha256)
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// `length` bytes that repeat nowhere nearby; equal for equal seeds.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

pub(crate) async fn collect(mut stream: ByteStream) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk?);
    }
    Ok(bytes)
}

/// Makes one test per store from each claim.
macro_rules! on_every_store {
    ($($claim:ident)+) => {
        mod on_disk { $(#[tokio::test] async fn $claim() { super::$claim(crate::store::Store::disk()).await; })+ }
        mod in_memory { $(#[tokio::test] async fn $claim() { super::$claim(crate::store::Store::memory()).await; })+ }
        mod on_s3 { $(#[tokio::test] async fn $claim() { super::$claim(crate::store::Store::s3()).await; })+ }
    };
}
pub(crate) use on_every_store;

/// Fails to compile when a future of ours could not be awaited on a multi-threaded runtime.
pub(crate) fn assert_send<T: Send>(future: T) -> T {
    future
}

//! Growing uploads in a bucket: one object per piece. Which pieces count is recorded in the database.

use super::{Bucket, FIRST_WINDOW, PASS_WINDOW};
use crate::digest::Digest;
use crate::{BlobKey, ByteStream, Error, Result, key};
use balado_domain::{DepositId, SchoolId, deposit::UploadSegment};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use object_store::PutPayloadMut;
use std::ops::Range;

/// Allocation unit of a piece in memory: small bodies arrive in small chunks, which are copied together.
const BLOCK_BYTES: usize = 64 * 1024;

/// The end of an upload, open for one append.
pub(crate) struct UploadTail {
    bucket: Bucket,
    upload: DepositId,
    /// Where the piece being gathered starts.
    start: u64,
    piece: PutPayloadMut,
}

impl UploadTail {
    /// Takes bytes into the piece being gathered.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        self.piece.extend_from_slice(bytes);
    }

    /// Stores the piece; nothing when it is empty.
    pub(crate) async fn checkpoint(&mut self) -> Result<Option<UploadSegment>> {
        if self.piece.is_empty() {
            return Ok(None);
        }
        let size = self.piece.content_length() as u64;
        let name = key::segment(self.upload, self.start);
        let payload = std::mem::replace(&mut self.piece, empty_piece()).freeze();
        self.bucket.put_whole(&name, payload).await?;
        let segment = UploadSegment { start: row_number(self.start)?, size: row_number(size)?, key: name };
        self.start += size;
        Ok(Some(segment))
    }
}

impl Bucket {
    /// Opens an upload for appending at `offset`. Pieces beyond it were never recorded, so nothing refers to them.
    pub(crate) fn upload_tail(&self, upload: DepositId, offset: u64) -> UploadTail {
        UploadTail { bucket: self.clone(), upload, start: offset, piece: empty_piece() }
    }

    /// Reads a range of an upload that is still growing.
    pub(crate) fn read_upload(
        &self,
        segments: &[UploadSegment],
        range: Range<u64>,
        window: u64,
    ) -> ByteStream {
        let pieces = match overlapping(segments, range) {
            Ok(pieces) => pieces,
            Err(error) => return stream::once(async { Err(error) }).boxed(),
        };
        let bucket = self.clone();
        stream::iter(pieces)
            .map(move |(name, range)| bucket.windows(&name, range, window).map_err(lost))
            .flatten()
            .boxed()
    }

    /// The first bytes of an upload, `max` at most.
    pub(crate) async fn head_of_upload(&self, segments: &[UploadSegment], max: usize) -> Result<Bytes> {
        let size =
            segments.iter().map(|segment| bytes_of(segment).map_or(0, |bytes| bytes.end)).max().unwrap_or(0);
        let mut stream = self.read_upload(segments, 0..size.min(max as u64), FIRST_WINDOW);
        let mut head = BytesMut::new();
        while let Some(bytes) = stream.next().await {
            head.extend_from_slice(&bytes?);
        }
        Ok(head.freeze())
    }

    /// Copies an upload into a blob. `sha256` is the digest of its `size` bytes, when it is already known. The
    /// pieces stay, so that a caller that dies before recording the blob can ask again.
    pub(crate) async fn seal(
        &self,
        upload: DepositId,
        segments: &[UploadSegment],
        size: u64,
        school: SchoolId,
        sha256: Option<String>,
    ) -> Result<BlobKey> {
        let sha256 = match sha256 {
            Some(known) => known,
            None => digest_of(self.read_upload(segments, 0..size, PASS_WINDOW)).await?,
        };
        let blob = BlobKey::new(school, upload, sha256);
        match self.size(&blob).await {
            Ok(stored) if stored == size => return Ok(blob),
            Ok(_) | Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
        self.put(&blob, size, self.read_upload(segments, 0..size, PASS_WINDOW)).await?;
        Ok(blob)
    }

    /// Removes every piece of an upload, those never recorded included.
    pub(crate) async fn discard_upload(&self, upload: DepositId) -> Result<()> {
        self.delete_folder(&key::upload(upload)).await.map(|_| ())
    }
}

fn empty_piece() -> PutPayloadMut {
    PutPayloadMut::new().with_block_size(BLOCK_BYTES)
}

async fn digest_of(mut bytes: ByteStream) -> Result<String> {
    let mut digest = Digest::default();
    while let Some(chunk) = bytes.next().await {
        digest.update(&chunk?);
    }
    Ok(digest.finish())
}

/// The part of each piece that lies in the range, in order.
fn overlapping(segments: &[UploadSegment], range: Range<u64>) -> Result<Vec<(String, Range<u64>)>> {
    let mut pieces = Vec::new();
    for segment in segments {
        pieces.push((bytes_of(segment)?, segment.key.clone()));
    }
    pieces.sort_by_key(|(bytes, _)| bytes.start);
    let mut wanted = Vec::new();
    let mut at = range.start;
    for (bytes, name) in pieces {
        if bytes.start <= at && at < bytes.end && at < range.end {
            let end = bytes.end.min(range.end);
            wanted.push((name, at - bytes.start..end - bytes.start));
            at = end;
        }
    }
    if at < range.end {
        return Err(Error::Missing(format!("no recorded piece holds byte {at} of the upload")));
    }
    Ok(wanted)
}

fn bytes_of(segment: &UploadSegment) -> Result<Range<u64>> {
    let (Ok(start), Ok(size)) = (u64::try_from(segment.start), u64::try_from(segment.size)) else {
        return Err(Error::Missing(format!("{} has no sensible place in its upload", segment.key)));
    };
    Ok(start..start.saturating_add(size))
}

/// A piece that was recorded and is not there is not "unknown": acknowledged bytes were lost.
fn lost(error: Error) -> Error {
    match error {
        Error::NotFound(name) => Error::Missing(name),
        other => other,
    }
}

fn row_number(bytes: u64) -> Result<i64> {
    i64::try_from(bytes).map_err(|_| Error::Key(format!("{bytes} bytes")))
}

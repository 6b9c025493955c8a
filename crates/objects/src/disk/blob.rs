//! Finished blobs on local disk.

use super::{Disk, NewFile, blocking, chunks, open_file, sync_folder};
use crate::digest::{self, Digest};
use crate::{BlobKey, ByteStream, Error, Result, Stored, key};
use balado_domain::{DepositId, SchoolId};
use futures::StreamExt as _;
use std::fs;
use std::io;
use std::ops::Range;

impl Disk {
    /// Copies `bytes` in; they become visible only once complete, equal to the key's digest, and durable.
    pub(crate) async fn put(&self, blob: &BlobKey, bytes: ByteStream) -> Result<()> {
        let target = self.path(&blob.path()?);
        let mut file = NewFile::create(self.incoming()).await?;
        let mut bytes = digest::checked(bytes, blob.clone());
        while let Some(chunk) = bytes.next().await {
            file.write(chunk?).await?;
        }
        file.publish(target).await.map(|_| ())
    }

    /// Copies `bytes` in; they become visible only once complete and durable, under the name that they themselves give.
    pub(crate) async fn put_unnamed(
        &self,
        school: SchoolId,
        deposit: DepositId,
        mut bytes: ByteStream,
    ) -> Result<Stored> {
        let mut file = NewFile::create(self.incoming()).await?;
        let mut digest = Digest::default();
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk?;
            digest.update(&chunk);
            file.write(chunk).await?;
        }
        let blob = BlobKey::new(school, deposit, digest.finish());
        let size_bytes = file.publish(self.path(&blob.path()?)).await?;
        Ok(Stored { blob, size_bytes })
    }

    /// Bytes in the blob.
    pub(crate) async fn size(&self, blob: &BlobKey) -> Result<u64> {
        let path = blob.path()?;
        let file = self.path(&path);
        blocking(move || Ok(fs::metadata(file).map_err(|error| Error::disk(&path, &error))?.len())).await
    }

    /// Opens the blob, then reads the range as it is asked for.
    pub(crate) async fn read(&self, blob: &BlobKey, range: Range<u64>) -> Result<ByteStream> {
        let path = blob.path()?;
        let (file, size) = open_file(self.path(&path), path.clone()).await?;
        if range.start > range.end || range.end > size {
            return Err(Error::Range { key: path, start: range.start, end: range.end });
        }
        Ok(chunks(file, range, path))
    }

    /// Removes a blob, if there is one.
    pub(crate) async fn delete(&self, blob: &BlobKey) -> Result<()> {
        let path = blob.path()?;
        let file = self.path(&path);
        blocking(move || match fs::remove_file(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => {
                let gone = removed.and_then(|()| file.parent().map_or(Ok(()), sync_folder));
                gone.map_err(|error| Error::disk(&path, &error))
            }
        })
        .await
    }

    /// Removes every blob of a deposit; returns how many there were.
    pub(crate) async fn delete_deposit(&self, school: SchoolId, deposit: DepositId) -> Result<u64> {
        let prefix = key::deposit_prefix(school, deposit);
        let folder = self.path(&prefix);
        blocking(move || {
            let entries = match fs::read_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
                other => other.map_err(|error| Error::disk(&prefix, &error))?,
            };
            let mut removed = 0;
            for entry in entries {
                entry
                    .and_then(|entry| fs::remove_file(entry.path()))
                    .map_err(|error| Error::disk(&prefix, &error))?;
                removed += 1;
            }
            let gone = fs::remove_dir(&folder).and_then(|()| folder.parent().map_or(Ok(()), sync_folder));
            gone.map_err(|error| Error::disk(&prefix, &error))?;
            Ok(removed)
        })
        .await
    }
}

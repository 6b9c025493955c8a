//! The S3 operations Balado uses, passed on to `s3s-fs` with one repair.
//!
//! `s3s-fs` keeps the particulars of an unfinished long object in a file named after its encoded key, and our keys
//! make that name longer than the 255 bytes a file system allows. So a long object is gathered under a short name and
//! moved to its key once complete. Does not serve any operation that Balado does not use.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, GetObjectInput,
    GetObjectOutput, HeadObjectInput, HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output,
    PutObjectInput, PutObjectOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};
use s3s_fs::FileSystem;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// `s3s-fs`, for keys of any length.
#[derive(Debug)]
pub(super) struct LongKeys {
    pub(super) objects: FileSystem,
    /// The folder that holds the buckets.
    pub(super) root: PathBuf,
    /// Whether nothing may be deleted.
    pub(super) keeps_all: Arc<AtomicBool>,
}

impl LongKeys {
    /// Moves a complete object to its key, with the facts `s3s-fs` keeps beside it: without its ETag every request
    /// would digest the whole object again.
    fn move_to_key(&self, bucket: &str, key: &str) -> io::Result<()> {
        let folder = self.root.join(bucket);
        let target = folder.join(key);
        if let Some(above) = target.parent() {
            std::fs::create_dir_all(above)?;
        }
        std::fs::rename(self.facts(bucket, &short(key)), self.facts(bucket, key))?;
        std::fs::rename(folder.join(short(key)), target)
    }

    fn may_delete(&self) -> S3Result<()> {
        let refused = || S3Error::with_message(S3ErrorCode::AccessDenied, "a test said so");
        if self.keeps_all.load(Ordering::Relaxed) { Err(refused()) } else { Ok(()) }
    }

    fn facts(&self, bucket: &str, key: &str) -> PathBuf {
        let (bucket, key) = (URL_SAFE_NO_PAD.encode(bucket), URL_SAFE_NO_PAD.encode(key));
        self.root.join(format!(".bucket-{bucket}.object-{key}.internal.json"))
    }
}

/// The name under which the object of this key is gathered.
fn short(key: &str) -> String {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    format!("gathering-{:016x}", hasher.finish())
}

#[async_trait::async_trait]
impl S3 for LongKeys {
    async fn create_multipart_upload(
        &self,
        mut request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let key = std::mem::take(&mut request.input.key);
        request.input.key = short(&key);
        let mut response = self.objects.create_multipart_upload(request).await?;
        response.output.key = Some(key);
        Ok(response)
    }

    async fn upload_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        self.objects.upload_part(request).await
    }

    async fn complete_multipart_upload(
        &self,
        mut request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let bucket = request.input.bucket.clone();
        let key = std::mem::take(&mut request.input.key);
        request.input.key = short(&key);
        let response = self.objects.complete_multipart_upload(request).await?;
        self.move_to_key(&bucket, &key)
            .map_err(|error| S3Error::with_message(S3ErrorCode::InternalError, error.to_string()))?;
        Ok(response)
    }

    async fn abort_multipart_upload(
        &self,
        mut request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        request.input.key = short(&request.input.key);
        self.objects.abort_multipart_upload(request).await
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        self.objects.put_object(request).await
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        self.objects.get_object(request).await
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        self.objects.head_object(request).await
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.objects.list_objects_v2(request).await
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.may_delete()?;
        self.objects.delete_object(request).await
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        self.may_delete()?;
        self.objects.delete_objects(request).await
    }
}

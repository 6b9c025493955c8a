//! What `balado-objects` promises, checked on local disk, in memory and against a real S3 server.

#[cfg(test)]
mod blobs;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod store;
#[cfg(test)]
mod uploads;

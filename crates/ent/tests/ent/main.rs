//! Portal modules against a school in memory, calendars against a Python reader, the relay against an SMTP server.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be prepared must fail")]

mod agenda;
mod conformance;
mod homework;
mod messaging;
mod registry;
mod relay;
mod school;

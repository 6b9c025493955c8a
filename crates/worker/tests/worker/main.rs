//! Claims about the worker.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests: by panicking")]

mod supervisor;

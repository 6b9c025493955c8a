//! The log: one line per event on standard error, filtered by `BALADO_LOG` (default `info`). It never holds a token, a
//! title or a name.

use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Starts logging for this process.
pub(crate) fn start() {
    let filter = EnvFilter::try_from_env("BALADO_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Colours are for a terminal: in a file or a journal they stand between the words one looks for.
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    // A second subscriber can only come from a test harness in the same process; the first one stays.
    let _ = subscriber.try_init();
}

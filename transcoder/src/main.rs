//! `balado-transcoder`: one request in, files and events out, exit. Started by `balado`'s workers, never by hand.
//!
//! It closes its box, says so, then reads one [`balado_media::wire::Request`] and makes the outputs. It holds no
//! secret and keeps no state; whatever happens in a decoder ends with this process.

mod converter;
mod error;
mod family;
mod original;
mod output;
mod sandbox;
mod session;

mod demux;
mod document;
mod picture;
mod sound;
mod video;

use error::{Error, Result};
use sandbox::Strictness;
use session::Session;
use std::process::ExitCode;

/// The developers' override, for machines without Landlock: `--tolerate-gaps`.
const TOLERATE_GAPS: &str = "--tolerate-gaps";

fn main() -> ExitCode {
    let strictness = match std::env::args().nth(1).as_deref() {
        Some(TOLERATE_GAPS) => Strictness::TolerateGaps,
        _ => Strictness::FailClosed,
    };
    let report = sandbox::close();
    let mut session = Session::new();
    let result = if report.closed || strictness == Strictness::TolerateGaps {
        session.announce(&report);
        work(&mut session, &report)
    } else {
        Err(Error::missing(
            "sandbox",
            format!("A Linux kernel with Landlock and seccomp. {}", report.faults.join("; ")),
        ))
    };
    session.conclude(result)
}

fn work(session: &mut Session, report: &balado_media::wire::BoxReport) -> Result<()> {
    let request = session.receive_request()?;
    sandbox::tighten(&request.limits, report).map_err(|why| Error::fault("limits", why))?;
    family::convert(session, &request)
}

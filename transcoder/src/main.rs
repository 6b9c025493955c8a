//! `balado-transcoder`: one request in, files and events out, exit. Started by `balado`'s workers, never by hand.
//!
//! It closes its box, says so, then reads one [`balado_media::wire::Request`] and makes the outputs. It holds no
//! secret and keeps no state; whatever happens in a decoder ends with this process.

mod boxes;
mod converter;
mod error;
mod family;
mod original;
mod output;
mod sandbox;
mod session;

mod cut;
mod demux;
mod document;
mod picture;
mod sound;
mod survey;
mod video;

use balado_media::wire::BoxReport;
use error::{Error, Result};
use sandbox::Strictness;
use session::Session;
use std::process::ExitCode;

/// The developers' override, for machines without Landlock.
const TOLERATE_GAPS: &str = "--tolerate-gaps";

/// Tries to break out instead of working; the targets follow on stdin.
const PROVE_BOX: &str = "--prove-box";

fn main() -> ExitCode {
    let argument = std::env::args().nth(1);
    let strictness = match argument.as_deref() {
        Some(TOLERATE_GAPS) => Strictness::TolerateGaps,
        _ => Strictness::FailClosed,
    };
    let report = sandbox::close();
    let mut session = Session::new();
    if !report.closed && strictness == Strictness::FailClosed {
        let how = format!("A Linux kernel with Landlock and seccomp. {}", report.faults.join("; "));
        return session.conclude(Err(Error::missing("sandbox", how)));
    }
    session.announce(&report);
    if argument.as_deref() == Some(PROVE_BOX) {
        return session.prove();
    }
    let result = work(&mut session, &report);
    session.conclude(result)
}

fn work(session: &mut Session, report: &BoxReport) -> Result<()> {
    let request = session.receive_request()?;
    sandbox::tighten(&request.limits, report).map_err(|why| Error::fault("limits", why))?;
    family::convert(session, &request)
}

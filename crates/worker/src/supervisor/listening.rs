//! Listens to a child from its request to its end, as fast as somebody hears what it says: while nobody does, the child
//! waits.

use super::child::{Child, Line};
use super::manners::Manners;
use super::pump::{Pumping, Sent};
use super::{CANCELLED_WITHIN, Outcome, Said, output};
use balado_media::wire::{
    Control, EXIT_BROKEN, EXIT_DONE, EXIT_MISSING, EXIT_REFUSED, EXIT_TIMED_OUT, Event,
};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

/// Things a child said that may wait to be heard.
const WAITING: usize = 16;

/// The two ends of what is heard of a child. The nearer one takes [`WAITING`] things and no more.
pub(super) fn ear() -> (mpsc::Sender<Said>, mpsc::Receiver<Said>) {
    mpsc::channel(WAITING)
}

/// What ends a child before it has come to its own end.
pub(super) struct Ends<'e> {
    pub(super) deadline: Instant,
    pub(super) cancel: &'e CancellationToken,
}

impl Ends<'_> {
    /// What comes of `work`, or how the child ends that would be waited for in vain; whoever drops it kills it.
    pub(super) async fn before<T>(&self, work: impl Future<Output = T>) -> Result<T, Outcome> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Outcome::Cancelled),
            () = sleep_until(self.deadline) => Err(Outcome::TimedOut),
            done = work => Ok(done),
        }
    }
}

/// Hears a child that has its request until it ends, or is ended.
pub(super) async fn listen(
    mut child: Child,
    scratch: &Path,
    ends: Ends<'_>,
    mut pumping: Pumping,
    tell: mpsc::Sender<Said>,
) -> Outcome {
    let (mut manners, mut last_word, mut untold) = (Manners::default(), None, None);
    loop {
        let line = tokio::select! {
            () = ends.cancel.cancelled() => return cancelled(child, pumping).await,
            () = sleep_until(ends.deadline) => return Outcome::TimedOut,
            sent = pumping.end() => {
                match sent {
                    Sent::Whole(size) => {
                        if let Err(outcome) = ends.before(child.say(&Control::Complete { size })).await {
                            return outcome;
                        }
                    }
                    Sent::Broken => return cancelled(child, pumping).await,
                    // A child that stopped reading has a last word to say; its own story counts.
                    Sent::Unread => {}
                }
                continue;
            }
            place = tell.reserve(), if untold.is_some() => {
                // Whoever hears no more has a reason, and cancels.
                if let (Some(said), Ok(place)) = (untold.take(), place) {
                    place.send(said);
                }
                continue;
            }
            line = child.next_line(), if untold.is_none() => line,
        };
        let event = match line {
            Line::Event(event) => event,
            Line::Nonsense(why) => return child.crash(why).await,
            Line::End => return conclude(child, last_word, ends.deadline).await,
        };
        if let Err(why) = manners.admit(&event) {
            return child.crash(why).await;
        }
        match event {
            Event::Output(output) => match output::take(scratch, output).await {
                Ok(made) => untold = Some(Said::Made(made)),
                Err(why) => return child.crash(why).await,
            },
            Event::Done | Event::Refused { .. } | Event::Missing { .. } => last_word = Some(event),
            // The next one says as much.
            Event::Progress { .. } | Event::Alive => drop(tell.try_send(Said::Event(event))),
            other => untold = Some(Said::Event(other)),
        }
    }
}

/// Ends a child that may be waiting for bytes: it hears the word first, then finds its stream at an end.
async fn cancelled(mut child: Child, pumping: Pumping) -> Outcome {
    let _ = timeout(CANCELLED_WITHIN, child.say(&Control::Cancel)).await;
    drop(pumping);
    child.cancel(CANCELLED_WITHIN).await
}

/// The last word counts only with the exit status that says the same.
async fn conclude(mut child: Child, last_word: Option<Event>, deadline: Instant) -> Outcome {
    let Ok(status) = timeout_at(deadline, child.wait()).await else { return Outcome::TimedOut };
    let code = status.as_ref().ok().and_then(|status| status.code()).and_then(|code| u8::try_from(code).ok());
    match (last_word, code) {
        (Some(Event::Done), Some(EXIT_DONE)) => Outcome::Done,
        (Some(Event::Refused { code, message }), Some(EXIT_REFUSED)) => Outcome::Refused { code, message },
        (Some(Event::Missing { what, how }), Some(EXIT_MISSING)) => Outcome::Missing { what, how },
        (None, Some(EXIT_TIMED_OUT)) => Outcome::TimedOut,
        _ => {
            let is_broken = code == Some(EXIT_BROKEN) || status.as_ref().is_ok_and(|s| s.signal().is_some());
            let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
            match child.crash(status).await {
                Outcome::Crashed { why } if is_broken => Outcome::Broken { why },
                other => other,
            }
        }
    }
}

//! The talk with the worker: control lines in, events out. The only user of stdin and stdout.

use crate::error::{Error, Result};
use crate::sandbox;
use balado_media::wire::{
    BoxReport, Control, EXIT_BROKEN, EXIT_DONE, EXIT_MISSING, EXIT_REFUSED, EXIT_TIMED_OUT, Event,
    MAX_LINE_BYTES, Request,
};
use std::io::{BufRead, Read, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often progress is told.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// How often the worker hears at least that work goes on.
const SIGN_EVERY: Duration = Duration::from_secs(10);

/// How long the worker may take to say whether a stream that ended is whole.
const VERDICT_WITHIN: Duration = Duration::from_secs(60);

/// What is left of the worker's deadline for the last word.
const LAST_WORD: Duration = Duration::from_secs(1);

/// One talk, from the box report to the last word.
pub struct Session {
    heard: Arc<Heard>,
    started: Instant,
    allowed: Duration,
    told: Option<(Instant, i32)>,
    /// When the last sign of life was due, in milliseconds from the start.
    signed_ms: AtomicU64,
    span: (i32, i32),
}

/// What the worker said after the request.
#[derive(Default)]
struct Heard {
    cancelled: AtomicBool,
    complete: Mutex<Option<u64>>,
    changed: Condvar,
}

impl Session {
    /// A talk that has not begun.
    pub fn new() -> Self {
        Self {
            heard: Arc::default(),
            started: Instant::now(),
            allowed: Duration::ZERO,
            told: None,
            signed_ms: AtomicU64::new(0),
            span: (0, 1000),
        }
    }

    /// The first line.
    pub fn announce(&self, report: &BoxReport) {
        self.say(&Event::Boxed { report: report.clone() });
    }

    /// Waits for the request, then keeps listening beside the work.
    ///
    /// # Errors
    /// When the worker sends something else, or nothing.
    pub fn receive_request(&mut self) -> Result<Request> {
        let Some(Control::Start(request)) = next_line()? else {
            return Err(Error::Fault("the first line is not a request".to_owned()));
        };
        let heard = Arc::clone(&self.heard);
        std::thread::Builder::new().name("control".to_owned()).spawn(move || heard.listen())?;
        self.started = Instant::now();
        self.allowed = Duration::from_secs(request.limits.wall_seconds).saturating_sub(LAST_WORD);
        Ok(*request)
    }

    /// How long a converter may still run, so that the story of its end is told before the worker ends it all.
    pub fn time_left(&self) -> Duration {
        self.allowed.saturating_sub(self.started.elapsed())
    }

    /// Tells the worker something.
    pub fn say(&self, event: &Event) {
        // A worker that no longer reads has no use for us; the next `check` or the end of the work will show.
        if let Ok(mut line) = serde_json::to_vec(event) {
            line.push(b'\n');
            let mut stdout = std::io::stdout().lock();
            let _ = stdout.write_all(&line).and_then(|()| stdout.flush());
        }
    }

    /// Stops the work here if the worker wants so; else gives it a sign of life, now and then.
    ///
    /// # Errors
    /// [`Error::Cancelled`].
    pub fn check(&self) -> Result<()> {
        let now_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let sign_ms = u64::try_from(SIGN_EVERY.as_millis()).unwrap_or(u64::MAX);
        if now_ms.saturating_sub(self.signed_ms.load(Ordering::Relaxed)) >= sign_ms {
            self.signed_ms.store(now_ms, Ordering::Relaxed);
            self.say(&Event::Alive);
        }
        if self.heard.cancelled.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// From here, [`Session::progress`] counts within this part of the whole, in thousandths.
    pub fn enter_stage(&mut self, from: i32, to: i32) {
        self.span = (from, to);
    }

    /// How much of the stage is done, 0.0 to 1.0. Told at most twice a second, and never backwards.
    pub fn progress(&mut self, share: f64) {
        let Some(permille) = self.news(share) else { return };
        let spent = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        // Before two per cent the pace says nothing.
        let remaining_ms =
            (permille >= 20).then(|| spent.saturating_mul(i64::from(1000 - permille)) / i64::from(permille));
        self.say(&Event::Progress { permille, remaining_ms });
    }

    /// A step of the stage is reached, after as much of it as 0.0 to 1.0 tells. Steps say nothing of the pace.
    pub fn reach(&mut self, share: f64) {
        if let Some(permille) = self.news(share) {
            self.say(&Event::Progress { permille, remaining_ms: None });
        }
    }

    /// The share of the whole in thousandths, if it is worth telling.
    fn news(&mut self, share: f64) -> Option<i32> {
        let now = Instant::now();
        let (from, to) = self.span;
        let permille = from + (f64::from(to - from) * share.clamp(0.0, 1.0)) as i32;
        if let Some((at, last)) = self.told
            && (now - at < PROGRESS_EVERY || permille <= last)
        {
            return None;
        }
        self.told = Some((now, permille));
        Some(permille)
    }

    /// Waits for the worker's word on a stream that ended after `received` bytes.
    ///
    /// # Errors
    /// When the stream broke off, or was cancelled.
    pub fn confirm_complete(&self, received: u64) -> Result<()> {
        let guard = self.heard.complete.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = |complete: &mut Option<u64>| complete.is_none() && self.check().is_ok();
        let (complete, _) = self
            .heard
            .changed
            .wait_timeout_while(guard, VERDICT_WITHIN, waiting)
            .unwrap_or_else(PoisonError::into_inner);
        self.check()?;
        match *complete {
            Some(size) if size == received => Ok(()),
            Some(size) => Err(Error::Fault(format!("the stream had {size} bytes, {received} came"))),
            None => Err(Error::Fault("the stream broke off".to_owned())),
        }
    }

    /// Tries to break out, and tells of each attempt. Fails when one succeeded.
    pub fn prove(&self) -> ExitCode {
        let mut line = String::new();
        let targets = std::io::stdin().lock().take(MAX_LINE_BYTES as u64).read_line(&mut line);
        let Some(targets) = targets.ok().and_then(|_| serde_json::from_str(&line).ok()) else {
            return ExitCode::FAILURE;
        };
        let attempts = sandbox::proof::attempt_all(&targets);
        for attempt in &attempts {
            println!("{}", serde_json::to_string(attempt).unwrap_or_default());
        }
        if attempts.iter().all(|attempt| attempt.held) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// The last word, and the exit status that says the same.
    pub fn conclude(&self, result: Result<()>) -> ExitCode {
        match result {
            Ok(()) => {
                self.say(&Event::Done);
                ExitCode::from(EXIT_DONE)
            }
            Err(Error::Refused { code, detail }) => {
                self.say(&Event::Refused { code, message: detail });
                ExitCode::from(EXIT_REFUSED)
            }
            Err(Error::Missing { what, how }) => {
                self.say(&Event::Missing { what, how });
                ExitCode::from(EXIT_MISSING)
            }
            Err(error) => {
                eprintln!("{} ({:?}): {error}", error.code(), error.kind());
                match error {
                    Error::TimedOut(_) => ExitCode::from(EXIT_TIMED_OUT),
                    Error::Broken(_) => ExitCode::from(EXIT_BROKEN),
                    _ => ExitCode::FAILURE,
                }
            }
        }
    }
}

impl Heard {
    fn listen(&self) {
        // The end of stdin means nothing: a worker that died takes this process with it.
        while let Ok(Some(control)) = next_line() {
            match control {
                Control::Complete { size } => {
                    *self.complete.lock().unwrap_or_else(PoisonError::into_inner) = Some(size);
                }
                Control::Cancel => self.cancelled.store(true, Ordering::Relaxed),
                Control::Start(_) => {}
            }
            self.changed.notify_all();
        }
    }
}

fn next_line() -> Result<Option<Control>> {
    let mut line = Vec::new();
    let limit = MAX_LINE_BYTES as u64;
    std::io::stdin().lock().take(limit).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(&line).map(Some).map_err(|e| Error::fault("control line", e))
}

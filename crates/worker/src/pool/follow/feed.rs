//! The bytes of a deposit as they become durable, as one stream for a child: it waits where the sender pauses, begins at
//! the first byte whoever followed before, and ends where the deposit does.

use balado_app::App;
use balado_app::deposits::{Followed, Next};
use balado_domain::DepositId;
use balado_domain::job::Lane;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;

/// How long what should be readable may not be: while an upload is sealed it is in neither place for a moment.
const TROUBLE: Duration = Duration::from_secs(60);
/// How often an idle follower asks whether another upload waits for its slot.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Why a stream ended before its deposit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaving {
    /// The upload was given up, or somebody else has done the work.
    Gone,
    /// Nothing came for long, and another upload waits for the slot.
    Crowded,
    /// Acknowledged bytes cannot be read.
    Unreadable,
    /// The child takes nothing.
    Stuck,
}

impl Leaving {
    /// For the log.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Gone => "the upload is gone",
            Self::Crowded => "another upload waits for the slot",
            Self::Unreadable => "its bytes cannot be read",
            Self::Stuck => "its child is stuck",
        }
    }
}

/// What is known of a stream while it flows. Clones tell the same tale.
#[derive(Clone)]
pub(super) struct Tale(Arc<Mutex<Told>>);

struct Told {
    leaving: Option<Leaving>,
    /// Since when the child has not asked for the next bytes; nothing while it waits for some that are not here yet.
    busy_since: Option<Instant>,
}

impl Tale {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Told { leaving: None, busy_since: Some(Instant::now()) })))
    }

    /// Why the stream was left, if it was.
    pub(super) fn leaving(&self) -> Option<Leaving> {
        self.told().leaving
    }

    /// The stream ends here, for this reason unless there was one before.
    pub(super) fn leave(&self, why: Leaving) {
        self.told().leaving.get_or_insert(why);
    }

    /// How long the child has been busy with what it got.
    pub(super) fn stuck_for(&self) -> Duration {
        self.told().busy_since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn waits(&self) {
        self.told().busy_since = None;
    }

    /// The child said something: it is busy, and alive.
    pub(super) fn lives(&self) {
        if let Some(since) = &mut self.told().busy_since {
            *since = Instant::now();
        }
    }

    fn gave(&self) {
        self.told().busy_since = Some(Instant::now());
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stream.
pub(super) struct Feed {
    app: App,
    followed: Followed,
    tale: Tale,
    at: u64,
    open: Option<BoxStream<'static, balado_app::error::Result<Bytes>>>,
    /// Since when nothing could be read that should be there.
    trouble: Option<Instant>,
    idle_since: Option<Instant>,
    asked_at: Option<Instant>,
}

impl Feed {
    /// A stream from the first byte, and its tale.
    pub(super) fn new(app: &App, deposit: DepositId) -> (Self, Tale) {
        let tale = Tale::new();
        let feed = Self {
            app: app.clone(),
            followed: app.follow(deposit),
            tale: tale.clone(),
            at: 0,
            open: None,
            trouble: None,
            idle_since: None,
            asked_at: None,
        };
        (feed, tale)
    }

    /// For reading.
    pub(super) fn into_reader(self) -> impl AsyncRead + Send {
        StreamReader::new(Box::pin(stream::try_unfold(self, |mut feed| async move {
            Ok::<_, io::Error>(feed.piece().await?.map(|piece| (piece, feed)))
        })))
    }

    /// The next bytes, however long they take; nothing at the end.
    async fn piece(&mut self) -> io::Result<Option<Bytes>> {
        self.tale.waits();
        loop {
            match self.look().await {
                Ok(Next::Bytes(bytes)) => self.open = Some(bytes),
                Ok(Next::End) => {
                    self.tale.gave();
                    return Ok(None);
                }
                Ok(Next::Gone) => return Err(self.left(Leaving::Gone)),
                Ok(Next::Nothing) => self.wait().await?,
                Err(error) => self.endure(&error).await?,
            }
            if let Some(piece) = self.read_open().await? {
                self.at += piece.len() as u64;
                (self.trouble, self.idle_since) = (None, None);
                self.tale.gave();
                return Ok(Some(piece));
            }
        }
    }

    /// Looks for what comes next, unless some of it is open already.
    async fn look(&mut self) -> balado_app::error::Result<Next> {
        match self.open.take() {
            Some(open) => Ok(Next::Bytes(open)),
            None => self.followed.next(self.at).await,
        }
    }

    async fn read_open(&mut self) -> io::Result<Option<Bytes>> {
        let Some(open) = &mut self.open else { return Ok(None) };
        match open.next().await {
            Some(Ok(bytes)) => Ok(Some(bytes)),
            None => {
                self.open = None;
                Ok(None)
            }
            Some(Err(error)) => {
                self.open = None;
                self.endure(&error).await?;
                Ok(None)
            }
        }
    }

    /// The sender pauses. The slot is kept as long as nobody else needs it.
    async fn wait(&mut self) -> io::Result<()> {
        let idle = self.idle_since.get_or_insert_with(Instant::now).elapsed();
        let patience = u64::from(self.app.configuration().worker.follower_idle_seconds);
        let asked_lately = self.asked_at.is_some_and(|at| at.elapsed() < ASK_EVERY);
        if idle > Duration::from_secs(patience) && !asked_lately {
            self.asked_at = Some(Instant::now());
            if self.app.is_crowded(Lane::Follow).await.unwrap_or(false) {
                return Err(self.left(Leaving::Crowded));
            }
        }
        self.followed.changed(super::LOOK_EVERY).await;
        Ok(())
    }

    async fn endure(&mut self, error: &balado_app::Error) -> io::Result<()> {
        if self.trouble.get_or_insert_with(Instant::now).elapsed() > TROUBLE {
            tracing::warn!(%error, "a follower cannot read");
            return Err(self.left(Leaving::Unreadable));
        }
        self.followed.changed(super::LOOK_EVERY).await;
        Ok(())
    }

    fn left(&self, why: Leaving) -> io::Error {
        self.tale.leave(why);
        io::Error::other(why.words())
    }
}

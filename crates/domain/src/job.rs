//! Jobs: units of queued work, claimed under a lease. Payloads hold ids only.

use crate::deposit::Family;
use crate::{CutId, DepositId, EventId, JobId, LeaseId, NoticeId, SchoolId, Timestamp, text_enum};
use serde::{Deserialize, Serialize};

text_enum! {
    /// Which slots may run a job, by what it costs (DESIGN §4.4): short work never waits behind long.
    pub enum Lane {
        /// Runs a sandboxed child for seconds: sound, pictures, documents.
        Media = "media",
        /// Runs a sandboxed child for minutes: the pictures of films.
        Film = "film",
        /// Runs a sandboxed child that mostly waits for bytes to arrive.
        Follow = "follow",
        /// Publication, mail, housekeeping; never waits behind video.
        Light = "light",
    }
}

text_enum! {
    /// Where a job stands.
    pub enum JobState {
        /// Waiting for `run_at` and a worker.
        Queued = "queued",
        /// Claimed; if its lease ends it may be claimed again.
        Running = "running",
        /// Finished.
        Done = "done",
        /// Every attempt failed, or the failure is permanent. Visible to its owner, with "try again".
        Dead = "dead",
        /// No longer wanted.
        Cancelled = "cancelled",
    }
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
pub enum Work {
    /// Make the outputs of a deposit by a recipe: all of them, or those of its sound when it is a film. Idempotence
    /// key: (deposit, recipe).
    Transcode {
        /// Which deposit.
        deposit: DepositId,
        /// By which recipe, e.g. `standard-1`.
        recipe: String,
    },
    /// Make the outputs of a film that need its pictures, after its sound. Idempotence key: (deposit, recipe).
    Pictures {
        /// Which deposit.
        deposit: DepositId,
        /// By which recipe.
        recipe: String,
    },
    /// Make the small video out of the finished one. Idempotence key: (deposit, recipe).
    LightVideo {
        /// Which deposit.
        deposit: DepositId,
        /// By which recipe.
        recipe: String,
    },
    /// Transcode a deposit while it is received. Idempotence key: (deposit, recipe).
    Follow {
        /// Which deposit.
        deposit: DepositId,
        /// By which recipe.
        recipe: String,
    },
    /// Make new deposits of pieces of one. Idempotence key: the cut.
    Cut {
        /// Which cut.
        cut: CutId,
        /// What the source is: films take minutes.
        family: Family,
    },
    /// Hand an event to one ENT module. Idempotence key: (event, module).
    DispatchEvent {
        /// Which event.
        event: EventId,
        /// Permanent kebab-case name of the module.
        module: String,
    },
    /// Send one notice over the network. Idempotence key: the notice.
    Deliver {
        /// Which notice.
        notice: NoticeId,
    },
    /// Drop expired uploads, sessions and old rows. Idempotent by nature.
    Sweep,
}

impl Work {
    /// Which slots may run it.
    #[must_use]
    pub fn lane(&self) -> Lane {
        match self {
            Self::Cut { family: Family::Video, .. } => Lane::Film,
            Self::Transcode { .. } | Self::Cut { .. } => Lane::Media,
            Self::Pictures { .. } | Self::LightVideo { .. } => Lane::Film,
            Self::Follow { .. } => Lane::Follow,
            Self::DispatchEvent { .. } | Self::Deliver { .. } | Self::Sweep => Lane::Light,
        }
    }

    /// The deposit it works on, when it makes outputs of one.
    #[must_use]
    pub fn deposit(&self) -> Option<DepositId> {
        match self {
            Self::Transcode { deposit, .. }
            | Self::Pictures { deposit, .. }
            | Self::LightVideo { deposit, .. }
            | Self::Follow { deposit, .. } => Some(*deposit),
            Self::Cut { .. } | Self::DispatchEvent { .. } | Self::Deliver { .. } | Self::Sweep => None,
        }
    }

    /// The recipe it follows, when it makes outputs of a deposit.
    #[must_use]
    pub fn recipe(&self) -> Option<&str> {
        match self {
            Self::Transcode { recipe, .. }
            | Self::Pictures { recipe, .. }
            | Self::LightVideo { recipe, .. }
            | Self::Follow { recipe, .. } => Some(recipe),
            Self::Cut { .. } | Self::DispatchEvent { .. } | Self::Deliver { .. } | Self::Sweep => None,
        }
    }

    /// The key under which at most one queued or running job may exist.
    #[must_use]
    pub fn unique_key(&self) -> String {
        match self {
            Self::Transcode { deposit, recipe } => format!("transcode:{deposit}:{recipe}"),
            Self::Pictures { deposit, recipe } => format!("pictures:{deposit}:{recipe}"),
            Self::LightVideo { deposit, recipe } => format!("light-video:{deposit}:{recipe}"),
            Self::Follow { deposit, recipe } => format!("follow:{deposit}:{recipe}"),
            Self::Cut { cut, .. } => format!("cut:{cut}"),
            Self::DispatchEvent { event, module } => format!("dispatch:{event}:{module}"),
            Self::Deliver { notice } => format!("deliver:{notice}"),
            Self::Sweep => "sweep".to_owned(),
        }
    }

    /// How often it is tried before it is dead.
    #[must_use]
    pub fn max_attempts(&self) -> i32 {
        match self {
            Self::Transcode { .. } | Self::Pictures { .. } | Self::LightVideo { .. } | Self::Cut { .. } => 3,
            // Restarts of server and child while a lesson is recorded; past them the queued job does the work.
            Self::Follow { .. } => 8,
            Self::DispatchEvent { .. } => 8,
            Self::Deliver { .. } => 10,
            Self::Sweep => 3,
        }
    }
}

/// A job to be inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// The school it counts for, for fairness.
    pub school_id: Option<SchoolId>,
    /// The deposit it works on, so that the owner can see it.
    pub deposit_id: Option<DepositId>,
    /// What is to be done.
    pub work: Work,
    /// Smaller runs first among jobs that are due.
    pub priority: i32,
    /// Not before.
    pub run_at: Timestamp,
}

/// A job as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The school it counts for.
    pub school_id: Option<SchoolId>,
    /// The deposit it works on.
    pub deposit_id: Option<DepositId>,
    /// What is to be done; `None` when the payload no longer parses, which is a permanent failure.
    pub work: Option<Work>,
    /// Where it stands.
    pub state: JobState,
    /// Smaller runs first.
    pub priority: i32,
    /// Not before.
    pub run_at: Timestamp,
    /// How many times it was claimed.
    pub attempts: i32,
    /// How many times it may be.
    pub max_attempts: i32,
    /// Stable code of the last failure.
    pub last_error: Option<String>,
    /// Thousandths done, while running.
    pub progress_permille: i32,
    /// What is left by the pace so far, while running, once that can be told.
    pub remaining_ms: Option<i64>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// A job in the hands of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedJob {
    /// The job.
    pub job: Job,
    /// The fence: every write made for this claim names it, and fails once another claim was made.
    pub lease: LeaseId,
}

/// How an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setback {
    /// Trying again may help.
    Retry {
        /// Stable code.
        code: String,
    },
    /// Trying again cannot help.
    Permanent {
        /// Stable code.
        code: String,
    },
}

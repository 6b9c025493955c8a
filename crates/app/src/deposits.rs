//! Deposits: opening one, receiving its bytes, finishing it, looking at it, calling its work off, trying again, taking it
//! back.
//!
//! Nothing is acknowledged before it is durable: bytes are synced by `objects` before their offset is committed, and the
//! end of an upload is one transaction that makes the deposit `Received`, tells the event and queues the work.

mod cancelling;
mod discarding;
mod following;
mod opening;
mod overview;
mod receiving;

pub use following::{Followed, Next};
pub use opening::OpenDeposit;
pub use overview::{DepositFilter, DepositView, JobView};
pub use receiving::UploadStatus;

pub(crate) use cancelling::CANCELLED;
pub(crate) use following::Arrivals;
pub(crate) use opening::{current_year as current_year_of, refuse_over_quota};
pub(crate) use receiving::Writers;

use crate::error::Result;
use crate::happenings::Scribe;
use crate::recipes;
use balado_domain::deposit::Family;
use balado_domain::job::Work;
use balado_domain::{DepositId, Viewer};
use balado_store::{Tx, deposits};

/// The priority of sound that takes seconds at most; none is smaller.
pub(crate) const SHORT_SOUND_PRIORITY: i32 = 10;

/// From how many bytes on a file of its family is worked on after the others: copying it about takes seconds.
const LARGE_BYTES: i64 = 64 << 20;

/// Queues the work of a deposit: sound before pictures before video, small before large, so that short work never waits
/// behind long. Done again, it follows the recipe it followed before.
pub(crate) fn enqueue_transcode(
    tx: &mut Tx<'_>,
    scribe: &Scribe,
    deposit: DepositId,
    family: Family,
) -> Result<bool> {
    let class = match family {
        Family::Audio => SHORT_SOUND_PRIORITY,
        Family::Image => 20,
        // Of a film only its sound is made here.
        Family::Document | Family::Video => 30,
    };
    let is_large = deposits::get_for(tx, &Viewer::System, deposit)?.size_bytes > LARGE_BYTES;
    let recipe = recipes::of_deposit(tx, scribe, deposit)?;
    scribe.enqueue(tx, Work::Transcode { deposit, recipe }, class + if is_large { 5 } else { 0 })
}

//! Deposits: opening one, receiving its bytes, finishing it, looking at it, trying again.
//!
//! Nothing is acknowledged before it is durable: bytes are synced by `objects` before their offset is committed, and the
//! end of an upload is one transaction that makes the deposit `Received`, tells the event and queues the work.

mod opening;
mod overview;
mod receiving;

pub use opening::OpenDeposit;
pub use overview::{DepositFilter, DepositView, JobView};
pub use receiving::UploadStatus;

pub(crate) use opening::{current_year as current_year_of, refuse_over_quota};
pub(crate) use receiving::Writers;

use crate::error::Result;
use crate::happenings::Scribe;
use balado_domain::DepositId;
use balado_domain::deposit::Family;
use balado_domain::job::Work;
use balado_store::Tx;

/// The recipe used when nothing else is said.
pub const STANDARD_RECIPE: &str = "standard-1";

/// Queues the work of a deposit: sound before pictures before video, so that short work never waits behind long.
pub(crate) fn enqueue_transcode(
    tx: &mut Tx<'_>,
    scribe: &Scribe,
    deposit: DepositId,
    family: Family,
) -> Result<bool> {
    let priority = match family {
        Family::Audio => 10,
        Family::Image => 20,
        Family::Document => 30,
        Family::Video => 50,
    };
    scribe.enqueue(tx, Work::Transcode { deposit, recipe: STANDARD_RECIPE.to_owned() }, priority)
}

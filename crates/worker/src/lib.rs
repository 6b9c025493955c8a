//! Work beside the web: a pool that claims jobs under lease, sandboxed children that convert media, and what runs them.
//!
//! [`pool`] claims jobs through `app` and ends them there; [`supervisor`] starts one `balado-transcoder` per media job and
//! listens to it; [`transcode_file`] does that for one file without any server. Knows no HTTP and no SQL.

pub mod cut_file;
mod error;
pub mod examination;
pub mod pool;
pub mod supervisor;
pub mod transcode_file;

pub use balado_media::Recipe;
pub use balado_media::cut::{CutError, CutWish, Precision, Split, parse_spans};
pub use balado_media::recipe::RecipeBook;
pub use error::Error;
pub use pool::run;
pub use supervisor::{Assignment, Courtesy, Media, Outcome, Said, Supervisor};

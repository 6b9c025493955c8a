//! `balado transcode FILE --out FOLDER [--json]`: the pipeline on one file, without any server.

use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `balado transcode`. Exit codes: 0 done, 2 refused, 3 this machine lacks something.
#[derive(Args)]
pub(crate) struct Transcode {
    /// The file to convert.
    file: PathBuf,
    /// Folder for the outputs; made when absent.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Print one JSON line per output, or `{code, message}` for a refusal.
    #[arg(long)]
    json: bool,
}

impl Transcode {
    pub(crate) async fn run(self) -> ExitCode {
        balado_worker::transcode_file(&self.file, &self.out, self.json).await
    }
}

//! `balado settings`: the table of settings, as the program itself knows it.

use balado_app::configuration::{SETTINGS, variable_of};
use std::io::Write;
use std::process::ExitCode;

/// Prints every setting; a closed pipe is no failure.
pub(crate) fn print() -> ExitCode {
    let mut out = std::io::stdout().lock();
    for setting in SETTINGS {
        let default = match (setting.secret, setting.default) {
            (true, _) => "secret".to_owned(),
            (false, "") => "unset".to_owned(),
            (false, default) => format!("default {default}"),
        };
        let line = format!(
            "{}  ({}; {default})\n    {}\n",
            setting.name,
            variable_of(setting.name),
            setting.meaning
        );
        if out.write_all(line.as_bytes()).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

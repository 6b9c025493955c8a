//! One module per subcommand.

pub(crate) mod admin;
pub(crate) mod demonstration;
pub(crate) mod doctor;
pub(crate) mod import;
pub(crate) mod serve;
pub(crate) mod settings;
pub(crate) mod transcode;
pub(crate) mod worker;

//! The program as its users run it: real processes, real requests, both engines. One module per promise.

mod balado {
    pub(crate) mod command_line;
    pub(crate) mod crash;
    pub(crate) mod instance;
    pub(crate) mod path;
}

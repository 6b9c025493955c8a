//! Measurements of Balado, run by `make bench`: one criterion bench per noun in `benches/`.
//!
//! Nothing here is part of the program.

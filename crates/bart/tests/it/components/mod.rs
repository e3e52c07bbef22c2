//! One end-to-end test file for each folder in `components/`; `build.rs` refuses to build without.

mod fileserver;
mod redirect;
mod renderer;

//! The fuzz target of `fuzz::request_path`.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::request_path::check(input));

/// Checks the inputs in the files that are named.
#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    fuzz::check_files(std::env::args_os().skip(1), fuzz::request_path::check)
}

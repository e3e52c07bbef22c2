//! The fuzz target of `fuzz::entity_tags`.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::entity_tags::check(input));

/// Checks the inputs in the files that are named.
#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    fuzz::check_files(std::env::args_os().skip(1), fuzz::entity_tags::check)
}

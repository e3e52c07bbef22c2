//! The `bart` command.

/// That of musl, with which the image is linked, takes one lock for all threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    bart::run(std::env::args_os())
}

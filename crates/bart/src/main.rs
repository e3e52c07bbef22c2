//! The `bart` command.

fn main() -> std::process::ExitCode {
    bart::run(std::env::args_os())
}

//! SIGTERM and Ctrl-C: the first one asks for an orderly end, the second one ends at once.

use tokio::signal::unix::{SignalKind, signal};

/// The exit code after a second signal: 128 and the number of SIGINT, as shells say it.
const INTERRUPTED: i32 = 130;

/// Resolves at the first SIGTERM or SIGINT. From then on a further one ends the process.
///
/// # Errors
///
/// When the system refuses a handler.
pub(crate) fn shutdown() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            std::process::exit(INTERRUPTED);
        });
    })
}

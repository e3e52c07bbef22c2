//! The runtime of servers: one thread for all connections. Instances have threads of their own, which the engine starts when it needs them.

use anyhow::Context;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::runtime::{Builder, Runtime};

use crate::Failure;

/// Connections at once, unless the limit of open files allows fewer.
const CONNECTIONS: u32 = 16_384;

/// Files that are open besides those of connections and instances: the second listener, its connections, logs, the registry.
const OTHER_FILES: u64 = 192;

/// Files that an instance may have open at once, for all the pages we have seen.
const FILES_OF_AN_INSTANCE: u64 = 4;

/// A runtime on the thread that blocks on it.
///
/// # Errors
///
/// When the system has no room for it.
pub(crate) fn start() -> Result<Runtime, Failure> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    Ok(runtime)
}

/// How many connections there may be besides so many instances: as many as are `wanted`, if the limit of open files, which is raised as far as
/// it goes, leaves room for them.
pub(crate) fn connections(wanted: Option<u32>, instances: usize) -> u32 {
    let Some(files) = raise_limit_of_files() else {
        return wanted.unwrap_or(CONNECTIONS);
    };
    let others = OTHER_FILES + FILES_OF_AN_INSTANCE * instances as u64;
    let room = u32::try_from(files.saturating_sub(others)).unwrap_or(u32::MAX);
    let connections = within(wanted, room);
    if wanted.is_some_and(|wanted| wanted > connections) {
        tracing::warn!(
            "the limit of open files, {files}, leaves room for {connections} connections: raise it with `ulimit -n`"
        );
    }
    connections
}

/// At least a few, since what is left over for others is a guess.
fn within(wanted: Option<u32>, room: u32) -> u32 {
    const FEWEST: u32 = 16;
    let wanted = wanted.unwrap_or(CONNECTIONS);
    wanted.min(room.max(FEWEST))
}

/// The limit of open files, raised to what an unprivileged process may have. `None` where there is none.
fn raise_limit_of_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_as_many_as_wanted_within_the_room_that_there_is() {
        let cases = [
            (None, 1_000_000, CONNECTIONS),
            (None, 700, 700),
            (None, 0, 16),
            (Some(50_000), 1_000_000, 50_000),
            (Some(50_000), 700, 700),
            (Some(5), 700, 5),
            (Some(5), 0, 5),
        ];
        for (wanted, room, expected) in cases {
            assert_eq!(within(wanted, room), expected, "{wanted:?} in {room}");
        }
    }

    #[test]
    fn the_limit_of_files_is_raised_as_far_as_it_goes() {
        let files = raise_limit_of_files();
        let limit = getrlimit(Resource::Nofile);
        assert!(files == limit.maximum || files == limit.current);
    }
}

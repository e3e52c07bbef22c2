//! Child processes, each in a group of its own that ends with the task, whatever ends the task, and what the kernel counts of them.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, exit};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::signal::unix::{SignalKind, signal};

/// Clock ticks in which the kernel counts processor time: `sysconf(_SC_CLK_TCK)` on every Linux that Rust runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// What a shell reports after Ctrl-C.
const INTERRUPTED: i32 = 130;

/// The leaders of all groups that run.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// A program with all that it starts, ended when dropped and when a signal ends the task.
pub(crate) struct Group {
    child: Child,
    leader: Pid,
}

/// What `/proc/PID/stat` says of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    /// The process group.
    group: i32,
    /// Processor time in seconds, in steps of 10 ms.
    pub(crate) cpu_seconds: f64,
    /// Page faults that took no reading.
    pub(crate) minor_faults: u64,
    /// Page faults that waited for a disk.
    pub(crate) major_faults: u64,
}

impl Group {
    /// Starts a program in a group of its own.
    ///
    /// # Errors
    ///
    /// When it cannot start.
    pub(crate) fn spawn(command: &mut Command) -> Result<Group> {
        static WATCH: Once = Once::new();
        let mut watched = Ok(());
        WATCH.call_once(|| watched = end_all_on_signals());
        watched.context("failed to watch for signals")?;
        // Locked from before the start, so that no signal finds a child that is not in the list yet.
        let mut running = running();
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("failed to start `{name}`"))?;
        let leader = Pid::from_child(&child);
        running.push(leader);
        Ok(Group { child, leader })
    }

    /// What it prints, if that is piped and nobody has taken it.
    pub(crate) fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// As [`Group::take_stdout`].
    pub(crate) fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub(crate) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub(crate) fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait()
    }

    /// Sends a signal to all of the group. A group that has ended takes none.
    pub(crate) fn signal(&self, signal: Signal) {
        let _ = kill_process_group(self.leader, signal);
    }

    /// All processes of the group.
    pub(crate) fn members(&self) -> Vec<u32> {
        let Ok(entries) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        let processes = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let leader = self.leader.as_raw_nonzero().get();
        processes
            .filter(|id| usage(*id).is_some_and(|usage| usage.group == leader))
            .collect()
    }

    /// The processor time and page faults of all processes of the group together.
    pub(crate) fn usage(&self) -> Usage {
        let parts = self.members().into_iter().filter_map(usage);
        parts.fold(Usage::default(), |sum, part| Usage {
            group: part.group,
            cpu_seconds: sum.cpu_seconds + part.cpu_seconds,
            minor_faults: sum.minor_faults + part.minor_faults,
            major_faults: sum.major_faults + part.major_faults,
        })
    }

    /// Resident memory of all processes of the group together, in bytes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        self.kilobytes("status", "VmRSS:") * 1024
    }

    /// Memory of the group in bytes, in which a page that several processes map counts for its share (proc(5): `smaps_rollup`).
    pub(crate) fn proportional_bytes(&self) -> u64 {
        self.kilobytes("smaps_rollup", "Pss:") * 1024
    }

    fn kilobytes(&self, file: &str, name: &str) -> u64 {
        let parts = self.members().into_iter().filter_map(|id| {
            let text = fs::read_to_string(format!("/proc/{id}/{file}")).ok()?;
            kilobytes(&text, name)
        });
        parts.sum()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        // Nothing can be done where it has ended before.
        let _ = self.child.wait();
        running().retain(|leader| *leader != self.leader);
    }
}

fn running() -> MutexGuard<'static, Vec<Pid>> {
    // A list of numbers is whole also after a panic.
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// In a group of its own a child does not see the Ctrl-C of a terminal, so the task passes on what ends it.
fn end_all_on_signals() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (mut interrupt, mut terminate, mut hangup) = {
        let _context = runtime.enter();
        (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        )
    };
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        });
        let running = running();
        for leader in running.iter() {
            let _ = kill_process_group(*leader, Signal::KILL);
        }
        exit(INTERRUPTED);
    });
    Ok(())
}

fn usage(id: u32) -> Option<Usage> {
    parse_usage(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

/// proc(5): fields 5, 10, 12, 14 and 15 of `stat`.
fn parse_usage(stat: &str) -> Option<Usage> {
    // The second field is the program's name in parentheses, which may hold spaces.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(Usage {
        group: fields.get(2)?.parse().ok()?,
        cpu_seconds: ticks / TICKS_PER_SECOND,
        minor_faults: fields.get(7)?.parse().ok()?,
        major_faults: fields.get(9)?.parse().ok()?,
    })
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_program_may_look_like_fields() {
        let stat = "42 (a) 1 b) S 1 40 40 0 -1 4194304 150 0 3 0 70 30 0 0 20 0 1 0 100 1000 50";
        let expected = Usage {
            group: 40,
            cpu_seconds: 1.0,
            minor_faults: 150,
            major_faults: 3,
        };
        assert_eq!(parse_usage(stat), Some(expected));
        assert_eq!(parse_usage("42 (a"), None);
        assert_eq!(parse_usage("42 (a) S 1"), None);
    }

    #[test]
    fn sizes_are_found_by_their_whole_name() {
        let text = "VmHWM:\t 9 kB\nVmRSS:\t    1234 kB\n";
        assert_eq!(kilobytes(text, "VmRSS:"), Some(1234));
        assert_eq!(kilobytes(text, "Pss:"), None);
    }

    #[test]
    fn a_group_ends_with_all_that_it_started() {
        let mut command = Command::new("sh");
        command
            .args(["-c", "sleep 1000 & echo started; wait"])
            .stdout(std::process::Stdio::piped());
        let mut group = Group::spawn(&mut command).unwrap();
        let mut line = String::new();
        let stdout = group.take_stdout().unwrap();
        let mut stdout = io::BufReader::new(stdout);
        io::BufRead::read_line(&mut stdout, &mut line).unwrap();
        assert_eq!(line, "started\n");
        assert_eq!(group.members().len(), 2);
        drop(group);
        // The pipe ends when the last process that holds it has ended.
        assert_eq!(io::BufRead::read_line(&mut stdout, &mut line).unwrap(), 0);
    }
}

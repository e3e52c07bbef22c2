//! Whether anything moves on a connection: what its deadline is judged by, at no cost of a timer for each request.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// What a connection has done so far.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// Requests that began, and writes that the client took.
    moves: AtomicU64,
    /// Requests that the engine is answering: it has deadlines for them.
    answering: AtomicU32,
    /// Whether the client does not take what is written to it.
    blocked: AtomicBool,
}

/// The longest time between two looks: for about as long, a client that wants nothing keeps the memory of one that does.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The fewest quiet looks in a row that make a connection a dead one.
const FEWEST_LOOKS: u32 = 3;

/// Looks at a [`Pulse`] now and then.
#[derive(Debug)]
pub(super) struct Watch {
    seen: u64,
    /// How many looks in a row found nothing new.
    quiet: u32,
    /// How many make a dead connection.
    limit: u32,
}

/// What a look finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Something moved, or may move again.
    Alive,
    /// Since the last look the client wanted nothing. Found once for each pause.
    Idle,
    /// Nothing moved for so long that the client is gone, or as good as gone.
    Dead,
}

/// The time between two looks, where a connection is dead after `quiet` without a move.
pub(super) fn pause(quiet: Duration) -> Duration {
    // A third is rounded up, or three would be less than the whole.
    (quiet / FEWEST_LOOKS + Duration::from_nanos(1)).min(LONGEST_PAUSE)
}

impl Pulse {
    /// A request begins.
    pub(super) fn begin(&self) {
        self.moved();
        self.answering.fetch_add(1, Ordering::Relaxed);
    }

    /// One that began is answered, or nobody waits for it.
    pub(super) fn end(&self) {
        self.answering.fetch_sub(1, Ordering::Relaxed);
    }

    /// The client took something, or could take nothing.
    pub(super) fn wrote(&self, took: bool) {
        self.blocked.store(!took, Ordering::Relaxed);
        if took {
            self.moved();
        }
    }

    /// Whether the client does not take what is written to it.
    pub(super) fn is_blocked(&self) -> bool {
        self.blocked.load(Ordering::Relaxed)
    }

    /// The count is only compared, so that two at once may be one.
    fn moved(&self) {
        let moves = self.moves.load(Ordering::Relaxed);
        self.moves.store(moves.wrapping_add(1), Ordering::Relaxed);
    }
}

impl Watch {
    /// Of a connection that is dead after `quiet` without a move, if it is looked at after each [`pause`].
    pub(super) fn new(quiet: Duration) -> Watch {
        // The first quiet look comes a pause after the last move at the earliest, so this many take `quiet` at least.
        let looks = quiet.as_nanos().div_ceil(pause(quiet).as_nanos());
        Watch {
            seen: 0,
            quiet: 0,
            limit: u32::try_from(looks).unwrap_or(u32::MAX).max(FEWEST_LOOKS),
        }
    }

    /// What has become of the connection since the last look.
    pub(super) fn look(&mut self, pulse: &Pulse) -> Look {
        let moves = pulse.moves.load(Ordering::Relaxed);
        let waits_for_us = pulse.answering.load(Ordering::Relaxed) > 0 && !pulse.is_blocked();
        if moves != self.seen || waits_for_us {
            self.seen = moves;
            self.quiet = 0;
            return Look::Alive;
        }
        self.quiet = self.quiet.saturating_add(1);
        match self.quiet {
            1 if !pulse.is_blocked() => Look::Idle,
            looks if looks >= self.limit => Look::Dead,
            _ => Look::Alive,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Short enough for the fewest looks.
    const QUIET: Duration = Duration::from_millis(30);

    /// What as many looks find.
    fn looks<const N: usize>(watch: &mut Watch, pulse: &Pulse) -> [Look; N] {
        [(); N].map(|()| watch.look(pulse))
    }

    #[test]
    fn a_connection_on_which_nothing_moves_is_idle_and_then_dead() {
        let pulse = Pulse::default();
        let found = looks(&mut Watch::new(QUIET), &pulse);
        assert_eq!(found, [Look::Idle, Look::Alive, Look::Dead]);
    }

    #[test]
    fn what_moves_begins_the_time_anew() {
        let pulse = Pulse::default();
        let mut watch = Watch::new(QUIET);
        for _ in 0..9 {
            assert_eq!(looks(&mut watch, &pulse), [Look::Idle, Look::Alive]);
            pulse.wrote(true);
            assert_eq!(watch.look(&pulse), Look::Alive);
        }
        pulse.begin();
        pulse.end();
        let found = looks(&mut watch, &pulse);
        assert_eq!(found, [Look::Alive, Look::Idle, Look::Alive, Look::Dead]);
    }

    #[test]
    fn a_request_that_is_answered_has_another_deadline_unless_the_client_takes_nothing() {
        let pulse = Pulse::default();
        let mut watch = Watch::new(QUIET);
        pulse.begin();
        assert_eq!(looks(&mut watch, &pulse), [Look::Alive; 9]);
        pulse.wrote(false);
        let found = looks(&mut watch, &pulse);
        assert_eq!(found, [Look::Alive, Look::Alive, Look::Dead]);
    }

    #[test]
    fn a_client_is_given_its_time_however_often_it_is_looked_at() {
        for (milliseconds, expected) in [(1, 3), (30, 3), (6_000, 3), (7_000, 4), (60_000, 30)] {
            let quiet = Duration::from_millis(milliseconds);
            let (mut watch, pulse) = (Watch::new(quiet), Pulse::default());
            let looks = (1..).find(|_| watch.look(&pulse) == Look::Dead);
            assert_eq!(looks, Some(expected), "{quiet:?}");
            assert!(pause(quiet) * expected >= quiet, "{quiet:?}");
        }
    }
}

//! Whether anything moves on a connection: what its deadline is judged by, at no cost of a timer for each request.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

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

/// Looks at a [`Pulse`] now and then.
#[derive(Debug)]
pub(super) struct Watch {
    seen: u64,
    /// How many looks in a row found nothing new.
    quiet: u32,
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

/// How many quiet looks in a row make a connection a dead one. One less would cut the time short by what had passed before the first.
pub(super) const QUIET_LOOKS: u32 = 3;

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
    pub(super) fn new() -> Watch {
        Watch { seen: 0, quiet: 0 }
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
        self.quiet += 1;
        match self.quiet {
            QUIET_LOOKS.. => Look::Dead,
            1 if !pulse.is_blocked() => Look::Idle,
            _ => Look::Alive,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What as many looks find.
    fn looks<const N: usize>(watch: &mut Watch, pulse: &Pulse) -> [Look; N] {
        [(); N].map(|()| watch.look(pulse))
    }

    #[test]
    fn a_connection_on_which_nothing_moves_is_idle_and_then_dead() {
        let pulse = Pulse::default();
        let found = looks(&mut Watch::new(), &pulse);
        assert_eq!(found, [Look::Idle, Look::Alive, Look::Dead]);
    }

    #[test]
    fn what_moves_begins_the_time_anew() {
        let pulse = Pulse::default();
        let mut watch = Watch::new();
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
        let mut watch = Watch::new();
        pulse.begin();
        assert_eq!(looks(&mut watch, &pulse), [Look::Alive; 9]);
        pulse.wrote(false);
        let found = looks(&mut watch, &pulse);
        assert_eq!(found, [Look::Alive, Look::Alive, Look::Dead]);
    }
}

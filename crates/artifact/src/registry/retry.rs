//! When a request that failed is tried again, and after what pause.

use std::time::{Duration, SystemTime};

/// How patiently passing faults are met.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// How often a request is tried in all, at least once.
    pub attempts: u32,
    /// The pause after the first failure; each further one is twice as long.
    pub first_pause: Duration,
    /// The longest pause. Where a registry asks for a longer one, the request fails and says so.
    pub longest_pause: Duration,
}

impl RetryPolicy {
    /// Four attempts, with pauses of 250 ms, 500 ms and 1 s, or up to 30 s where the registry asks for that.
    pub const DEFAULT: RetryPolicy = RetryPolicy {
        attempts: 4,
        first_pause: Duration::from_millis(250),
        longest_pause: Duration::from_secs(30),
    };

    /// The pause after the `failures`th failure in a row, from 1; `None` to give up. `asked` is what `Retry-After` said.
    #[must_use]
    pub fn pause(&self, failures: u32, asked: Option<Duration>) -> Option<Duration> {
        if failures >= self.attempts {
            return None;
        }
        let doublings = failures.saturating_sub(1).min(16);
        let own = self
            .first_pause
            .saturating_mul(1 << doublings)
            .min(self.longest_pause);
        match asked {
            Some(asked) if asked > self.longest_pause => None,
            Some(asked) => Some(asked.max(own)),
            None => Some(own),
        }
    }
}

/// What a `Retry-After` field asks for: seconds or a date (RFC 9110 section 10.2.3).
pub(super) fn retry_after(field: &str, now: SystemTime) -> Option<Duration> {
    let field = field.trim();
    if let Ok(seconds) = field.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(field).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_until_the_attempts_are_used_up() {
        let second = Duration::from_secs(1);
        let policy = RetryPolicy {
            attempts: 5,
            first_pause: second,
            longest_pause: 3 * second,
        };
        for (failures, asked, pause) in [
            (1, None, Some(second)),
            (2, None, Some(2 * second)),
            (3, None, Some(3 * second)),
            (4, None, Some(3 * second)),
            (5, None, None),
            (1, Some(Duration::ZERO), Some(second)),
            (1, Some(3 * second), Some(3 * second)),
            (1, Some(4 * second), None),
            (u32::MAX, None, None),
        ] {
            assert_eq!(policy.pause(failures, asked), pause, "{failures} {asked:?}");
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        let now = httpdate::parse_http_date("Wed, 21 Oct 2015 07:28:00 GMT").expect("a date");
        for (field, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", Some(30)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(
                retry_after(field, now),
                seconds.map(Duration::from_secs),
                "{field}"
            );
        }
    }
}

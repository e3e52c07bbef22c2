//! Bytes and times as people read and write them, in one way for the whole program.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// A number of bytes. It reads `999 B`, `1.2 kB`, `3.4 MB` (units of 1,000), and is written as a number alone or with one of the
/// units of 1,000 (`500MB`) or 1,024 (`2GiB`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

/// How long something took. It reads `0.42 s`, and `2 min 5 s` from a minute on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed(pub Duration);

/// How long ago something was. It reads `40 s`, `12 min`, `5 h`, `3 d`, rounded down, and is written as a whole number with one of
/// the units `s`, `min` (or `m`), `h`, `d` and `w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age(pub Duration);

/// Why a text is no quantity.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QuantityError {
    /// Not a number and a unit.
    #[error("expected {expected}")]
    Malformed {
        /// What would have been one.
        expected: &'static str,
    },
    /// It does not fit.
    #[error("it is too large")]
    TooLarge,
}

const STEP: u128 = 1_000;

/// Units of [`STEP`] each, from its first power on.
const LARGER_UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl fmt::Display for Bytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if u128::from(self.0) < STEP {
            return formatter.pad(&format!("{} B", self.0));
        }
        let mut size = 1;
        let mut text = String::new();
        for unit in LARGER_UNITS {
            size *= STEP;
            let tenths = (u128::from(self.0) * 10 + size / 2) / size;
            text = format!("{}.{} {unit}", tenths / 10, tenths % 10);
            if tenths < STEP * 10 {
                break;
            }
        }
        formatter.pad(&text)
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.as_secs();
        formatter.pad(&if whole < MINUTE {
            format!("{:.2} s", self.0.as_secs_f64())
        } else {
            format!("{} min {} s", whole / MINUTE, whole % MINUTE)
        })
    }
}

impl fmt::Display for Age {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (size, unit) = match seconds {
            0..MINUTE => (1, "s"),
            MINUTE..HOUR => (MINUTE, "min"),
            HOUR..DAY => (HOUR, "h"),
            DAY.. => (DAY, "d"),
        };
        formatter.pad(&format!("{} {unit}", seconds / size))
    }
}

impl FromStr for Bytes {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Bytes, QuantityError> {
        let expected = "a number of bytes, such as `500MB` or `2GiB`";
        let (number, unit) = split(text, expected)?;
        let power = |letter: &str| match letter {
            "k" => Some(1),
            "m" => Some(2),
            "g" => Some(3),
            "t" => Some(4),
            _ => None,
        };
        let unit = unit.to_ascii_lowercase();
        let size = match unit.strip_suffix('b').unwrap_or(&unit) {
            "" => Some(1),
            letters => match letters.strip_suffix('i') {
                Some(letter) => power(letter).map(|power| 1024_u64.pow(power)),
                None => power(letters).map(|power| 1000_u64.pow(power)),
            },
        };
        let size = size.ok_or(QuantityError::Malformed { expected })?;
        Ok(Bytes(
            number.checked_mul(size).ok_or(QuantityError::TooLarge)?,
        ))
    }
}

impl FromStr for Age {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Age, QuantityError> {
        let expected = "a number with a unit, such as `90s`, `30min`, `12h`, `7d` or `2w`";
        let (number, unit) = split(text, expected)?;
        let size = match unit {
            "s" => 1,
            "min" | "m" => MINUTE,
            "h" => HOUR,
            "d" => DAY,
            "w" => 7 * DAY,
            _ => return Err(QuantityError::Malformed { expected }),
        };
        let seconds = number.checked_mul(size).ok_or(QuantityError::TooLarge)?;
        Ok(Age(Duration::from_secs(seconds)))
    }
}

/// The whole number that a text begins with, and the unit behind it.
fn split<'a>(text: &'a str, expected: &'static str) -> Result<(u64, &'a str), QuantityError> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Err(QuantityError::Malformed { expected });
    }
    // Digits alone fail only where they are too many.
    let number = number.parse().map_err(|_| QuantityError::TooLarge)?;
    Ok((number, unit.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_with_one_digit_after_the_point() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_049, "1.0 kB"),
            (1_050, "1.1 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (1_234_567, "1.2 MB"),
            (5_000_000_000, "5.0 GB"),
            (u64::MAX, "18.4 EB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
        assert_eq!(format!("{:>8}|", Bytes(7)), "     7 B|");
    }

    #[test]
    fn times_read_in_the_unit_that_fits() {
        let elapsed = [
            (0, "0.00 s"),
            (420, "0.42 s"),
            (59_990, "59.99 s"),
            (125_000, "2 min 5 s"),
        ];
        for (milliseconds, text) in elapsed {
            assert_eq!(
                Elapsed(Duration::from_millis(milliseconds)).to_string(),
                text
            );
        }
        let ages = [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (7_200, "2 h"),
            (86_400, "1 d"),
            (1_000_000, "11 d"),
        ];
        for (seconds, text) in ages {
            assert_eq!(Age(Duration::from_secs(seconds)).to_string(), text);
        }
    }

    #[test]
    fn sizes_are_understood_in_units_of_1000_and_of_1024() {
        let cases = [
            ("0", Some(0)),
            ("17", Some(17)),
            ("17B", Some(17)),
            ("500MB", Some(500_000_000)),
            ("500 MB", Some(500_000_000)),
            ("1k", Some(1_000)),
            ("2GiB", Some(2 << 30)),
            ("2gib", Some(2 << 30)),
            ("2Gi", Some(2 << 30)),
            ("3TiB", Some(3 << 40)),
            ("", None),
            ("MB", None),
            ("-1", None),
            ("1.5GB", None),
            ("1XB", None),
            ("1iB", None),
            ("1Bb", None),
            ("99999999999999999999", None),
            ("99999999TiB", None),
        ];
        for (text, bytes) in cases {
            assert_eq!(text.parse().ok(), bytes.map(Bytes), "{text}");
        }
    }

    #[test]
    fn ages_are_understood_with_a_unit_only() {
        let cases = [
            ("90s", Some(90)),
            ("30min", Some(1_800)),
            ("30m", Some(1_800)),
            ("12h", Some(43_200)),
            ("7d", Some(604_800)),
            ("2 w", Some(1_209_600)),
            ("7", None),
            ("d", None),
            ("7D", None),
            ("7 days", None),
            ("99999999999999999d", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(
                text.parse().ok(),
                seconds.map(|seconds| Age(Duration::from_secs(seconds))),
                "{text}"
            );
        }
    }
}

//! Versions of releases: three numbers, as the tags that start a release have them.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A version without anything behind its three numbers, in the order of semver.org.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([u64; 3]);

/// A text is no version of a release: it is not three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("it is not three numbers such as `1.2.3`, which the tag of a release is")]
pub struct VersionError;

impl Version {
    /// Whether it comes after another version, which may have more than three numbers.
    pub(super) fn is_after(self, other: &str) -> Result<bool, VersionError> {
        let other = other.split('+').next().unwrap_or_default();
        let (numbers, is_preview) = match other.split_once('-') {
            Some((numbers, _)) => (numbers, true),
            None => (other, false),
        };
        let other: Version = numbers.parse()?;
        // A preview comes before the version that it is one of.
        Ok(self > other || (self == other && is_preview))
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Version, VersionError> {
        let numbers: Vec<u64> = text
            .split('.')
            .map(number)
            .collect::<Option<_>>()
            .ok_or(VersionError)?;
        numbers.try_into().map(Version).map_err(|_| VersionError)
    }
}

/// A number without a sign and without zeros before it.
fn number(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_number)?;
    (text == "0" || !text.starts_with('0')).then_some(number)
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Version([major, minor, patch]) = self;
        write!(formatter, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_three_numbers() {
        for (text, is_version) in [
            ("0.1.3", true),
            ("10.20.30", true),
            ("1.2", false),
            ("1.2.3.4", false),
            ("v1.2.3", false),
            ("01.2.3", false),
            ("+1.2.3", false),
            ("1.2.3-rc.1", false),
            ("1.2.3+build", false),
            ("1..3", false),
            ("", false),
            ("99999999999999999999.0.0", false),
        ] {
            assert_eq!(text.parse::<Version>().is_ok(), is_version, "{text}");
        }
    }

    #[test]
    fn versions_grow_by_number() {
        let version: Version = "0.10.0".parse().unwrap();
        for (other, grows) in [
            ("0.9.9", Ok(true)),
            ("0.10.0-rc.1", Ok(true)),
            ("0.10.0", Ok(false)),
            ("0.10.0+build-1", Ok(false)),
            ("1.0.0", Ok(false)),
            ("1.0.0-rc.1", Ok(false)),
            ("new", Err(VersionError)),
        ] {
            assert_eq!(version.is_after(other), grows, "{other}");
        }
    }
}

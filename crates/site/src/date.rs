//! Dates as a page head writes them: RFC 3339, read leniently, kept in UTC.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};

/// Reads a date and time.
///
/// Accepted are RFC 3339 with `T` or a space between date and time, an optional fraction and an offset that may be
/// written `+0000` or stand apart (`2019-05-06 07:08:09 +01:00`); without an offset the time is UTC, and without a
/// time it is midnight UTC. Anything else is `None`.
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    text.parse::<DateTime<FixedOffset>>()
        .map(|date| date.to_utc())
        .ok()
        .or_else(|| without_offset(text))
}

/// Writes a date as templates see it: RFC 3339 in UTC with `Z` and as many fractional digits (0, 3, 6 or 9) as needed.
pub(crate) fn format(date: DateTime<Utc>) -> String {
    date.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn without_offset(text: &str) -> Option<DateTime<Utc>> {
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .or_else(|| {
            NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .ok()
                .map(|day| day.and_time(NaiveTime::MIN))
        })
        .map(|date| date.and_utc())
}

//! Helpers for dates, in the formats of strftime.

use std::fmt::Write as _;
use std::sync::Once;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde_json::Value;

use super::arguments::{Arguments, Complaint, describe};
use crate::log;
use crate::surroundings::{ClockUse, Surroundings};

type Answer = Result<Value, Complaint>;

/// The current time in UTC.
pub(super) fn now(arguments: &Arguments<'_, '_, '_>, surroundings: &Surroundings) -> Answer {
    let format = arguments.text(0)?;
    write(format, surroundings.read_clock(ClockUse::of_format(format)))
}

/// A date in UTC. A page without one gets an empty string, as its template may be shared with pages that have one.
pub(super) fn date_format(arguments: &Arguments<'_, '_, '_>) -> Answer {
    let (format, date) = (arguments.text(0)?, arguments.value(1)?);
    match date {
        Value::Null => {
            warn_of_missing_date();
            Ok("".into())
        }
        Value::String(text) => match parse(text) {
            Some(date) => write(format, date),
            None => Err(not_a_date(date)),
        },
        _ => Err(not_a_date(date)),
    }
}

/// Once, as a list may have thousands of them.
fn warn_of_missing_date() {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        log::warn(format_args!(
            "`date_format` was given no date and writes nothing"
        ));
    });
}

fn write(format: &str, date: DateTime<Utc>) -> Answer {
    let items: Vec<Item<'_>> = StrftimeItems::new(format).collect();
    let mut text = String::with_capacity(format.len() * 2);
    if items.contains(&Item::Error)
        || write!(text, "{}", date.format_with_items(items.iter())).is_err()
    {
        return Err(Complaint::Value(format!(
            "cannot use the format `{format}`"
        )));
    }
    Ok(text.into())
}

/// A date and time as RFC 3339 has it, or as loosely as in the head of a page. Without an offset it is UTC.
fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(date) = text.parse::<DateTime<Utc>>() {
        return Some(date);
    }
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Some(date.and_time(NaiveTime::MIN).and_utc());
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    local.map(|date| date.and_utc())
}

fn not_a_date(value: &Value) -> Complaint {
    Complaint::Value(format!(
        "needs a date such as `2024-05-06T07:08:09Z`, not {}",
        describe(value)
    ))
}

//! The time that a command takes for now: that of whoever wants the same result again, or else the clock's.

use std::env;
use std::time::SystemTime;

use anyhow::Context;
use chrono::{DateTime, Utc};

use crate::Failure;

/// The time that everything reproducible was made at, in seconds since 1970 (reproducible-builds.org, "SOURCE_DATE_EPOCH").
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// What `SOURCE_DATE_EPOCH` says, in seconds since 1970.
///
/// # Errors
///
/// When it is no number.
pub(crate) fn source_date() -> Result<Option<i64>, Failure> {
    let Some(epoch) = env::var_os(SOURCE_DATE_EPOCH) else {
        return Ok(None);
    };
    let seconds = epoch.to_str().and_then(|epoch| epoch.parse().ok());
    seconds
        .map(Some)
        .with_context(|| format!("`{SOURCE_DATE_EPOCH}` is not a number of seconds"))
        .map_err(Failure::usage)
}

/// What `SOURCE_DATE_EPOCH` says, or else the clock.
///
/// # Errors
///
/// When `SOURCE_DATE_EPOCH` is no number.
pub(crate) fn now() -> Result<DateTime<Utc>, Failure> {
    let given = source_date()?.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    Ok(given.unwrap_or_else(|| SystemTime::now().into()))
}

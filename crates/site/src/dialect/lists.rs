//! Helpers that make lists of strings, or something of them.

use serde_json::Value;

use super::arguments::{Arguments, Complaint};

type Answer = Result<Value, Complaint>;

pub(super) fn join(arguments: &Arguments<'_, '_, '_>) -> Answer {
    let (separator, items) = (arguments.text(0)?, arguments.texts(1)?);
    Ok(items.join(separator).into())
}

pub(super) fn split(arguments: &Arguments<'_, '_, '_>) -> Answer {
    let (separator, text) = (arguments.text(0)?, arguments.text(1)?);
    Ok(text.split(separator).collect())
}

/// The text in at most `n` parts, the last of which has all that is left.
pub(super) fn splitn(arguments: &Arguments<'_, '_, '_>) -> Answer {
    let (separator, count, text) = (arguments.text(0)?, arguments.count(1)?, arguments.text(2)?);
    Ok(text.splitn(count, separator).collect())
}

pub(super) fn sort_alpha(arguments: &Arguments<'_, '_, '_>) -> Answer {
    let mut items = arguments.texts(0)?;
    items.sort_unstable();
    Ok(items.into_iter().collect())
}

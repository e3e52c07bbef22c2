//! Helpers that turn strings into strings.

use serde_json::Value;

use super::arguments::{Arguments, Complaint};

type Answer = Result<Value, Complaint>;

pub(super) fn upper(arguments: &Arguments<'_, '_, '_>) -> Answer {
    Ok(arguments.text(0)?.to_uppercase().into())
}

pub(super) fn lower(arguments: &Arguments<'_, '_, '_>) -> Answer {
    Ok(arguments.text(0)?.to_lowercase().into())
}

pub(super) fn trim(arguments: &Arguments<'_, '_, '_>) -> Answer {
    Ok(arguments.text(0)?.trim().into())
}

/// The first `n` bytes, or fewer where these end inside a character.
pub(super) fn trunc(arguments: &Arguments<'_, '_, '_>) -> Answer {
    let (size, text) = (arguments.count(0)?, arguments.text(1)?);
    Ok(prefix(text, size).into())
}

/// The text in at most `n` bytes, the last three of which are dots when it was longer.
pub(super) fn abbrev(arguments: &Arguments<'_, '_, '_>) -> Answer {
    let (size, text) = (arguments.count(0)?, arguments.text(1)?);
    if text.len() <= size {
        return Ok(text.into());
    }
    Ok(match size.checked_sub(3) {
        None | Some(0) => prefix(text, size).into(),
        Some(kept) => format!("{}...", prefix(text, kept)).into(),
    })
}

pub(super) fn plural(arguments: &Arguments<'_, '_, '_>) -> Answer {
    let (one, many) = (arguments.text(1)?, arguments.text(2)?);
    Ok(if arguments.integer(0)? == 1 {
        one
    } else {
        many
    }
    .into())
}

pub(super) fn trim_suffix(arguments: &Arguments<'_, '_, '_>) -> Answer {
    let (suffix, text) = (arguments.text(0)?, arguments.text(1)?);
    Ok(text.strip_suffix(suffix).unwrap_or(text).into())
}

pub(super) fn trim_prefix(arguments: &Arguments<'_, '_, '_>) -> Answer {
    let (prefix, text) = (arguments.text(0)?, arguments.text(1)?);
    Ok(text.strip_prefix(prefix).unwrap_or(text).into())
}

/// The text without one suffix and one prefix.
pub(super) fn trim_all(arguments: &Arguments<'_, '_, '_>) -> Answer {
    let (affix, text) = (arguments.text(0)?, arguments.text(1)?);
    let text = text.strip_suffix(affix).unwrap_or(text);
    Ok(text.strip_prefix(affix).unwrap_or(text).into())
}

fn prefix(text: &str, size: usize) -> &str {
    &text[..text.floor_char_boundary(size)]
}

//! `values.yaml` as a list of documented values. It reads the part of YAML that the file keeps to: maps over several lines, everything else in
//! one line, a comment above each key.

use std::mem;

use anyhow::{Context, Result, bail};

/// Blanks before a key, for each map around it.
const INDENT: usize = 2;

/// A key of `values.yaml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The heading that it is under.
    pub section: String,
    /// Its name, and before it those of the maps around it.
    pub path: Vec<String>,
    /// Its comment.
    pub description: String,
    /// Its value as it is written; nothing for a map with keys of its own.
    pub default: Option<String>,
}

impl Entry {
    /// How it is named with `--set`.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.join(".")
    }
}

/// The values of a `values.yaml`, in their order.
///
/// # Errors
///
/// When a line is none of those above, or a key has no comment.
pub fn parse(text: &str) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut section = None;
    let mut comment: Vec<&str> = Vec::new();
    let mut around: Vec<String> = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            comment.clear();
        } else if let Some(title) = trimmed.strip_prefix("## ") {
            section = Some(title.to_owned());
        } else if let Some(words) = trimmed.strip_prefix("# ") {
            comment.push(words);
        } else {
            let (depth, key, value) =
                key(line).with_context(|| format!("values.yaml:{number}: not one key a line"))?;
            if depth > around.len() {
                bail!("values.yaml:{number}: `{key}` is indented too far");
            }
            around.truncate(depth);
            around.push(key.to_owned());
            if comment.is_empty() {
                bail!("values.yaml:{number}: no comment above `{key}`");
            }
            entries.push(Entry {
                section: section.clone().context("a value above the first heading")?,
                path: around.clone(),
                description: mem::take(&mut comment).join(" "),
                default: value.map(str::to_owned),
            });
        }
    }
    Ok(entries)
}

/// How deep a key is, its name, and its value if that is in the same line.
fn key(line: &str) -> Option<(usize, &str, Option<&str>)> {
    let words = line.trim_start_matches(' ');
    let blanks = line.len() - words.len();
    let (key, value) = words.split_once(':')?;
    let is_name = key.chars().all(|letter| letter.is_ascii_alphanumeric());
    if !is_name || key.is_empty() || !blanks.is_multiple_of(INDENT) {
        return None;
    }
    let value = value.trim();
    Some((
        blanks / INDENT,
        key,
        Some(value).filter(|value| !value.is_empty()),
    ))
}

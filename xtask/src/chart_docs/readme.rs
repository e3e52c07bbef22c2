//! The tables of values in the README of the chart, one for each heading of `values.yaml`.

use std::fmt::Write;

use anyhow::{Context, Result};

use super::values::Entry;

const BEGIN: &str = "<!-- values -->\n";
const END: &str = "<!-- /values -->";

/// The README with new tables. They name no version, which each release of the site raises.
///
/// # Errors
///
/// When it has no place for them.
pub(super) fn generate(readme: &str, entries: &[Entry], version: &str) -> Result<String> {
    let place = || {
        let (before, rest) = readme.split_once(BEGIN)?;
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    };
    let (before, after) = place().context("README.md has no place for the values")?;
    Ok(format!(
        "{before}{BEGIN}{}\n{END}{after}",
        tables(entries, version)
    ))
}

fn tables(entries: &[Entry], version: &str) -> String {
    let mut text = String::new();
    for group in entries.chunk_by(|one, next| one.section == next.section) {
        let section = &group[0].section;
        write_to(
            &mut text,
            &format!("\n### {section}\n\n| Value | Default | Meaning |\n|---|---|---|\n"),
        );
        for entry in group {
            let default = match entry.default.as_deref() {
                Some(value) if value.trim_matches('"') == version => "`appVersion`".to_owned(),
                Some(value) => format!("`{}`", escape(value)),
                None => String::new(),
            };
            let line = format!(
                "| `{}` | {default} | {} |\n",
                entry.name(),
                escape(&entry.description)
            );
            write_to(&mut text, &line);
        }
    }
    text
}

/// A bar would end the cell.
fn escape(text: &str) -> String {
    text.replace('|', "\\|")
}

fn write_to(text: &mut String, part: &str) {
    text.write_str(part).expect("a string takes any text");
}

//! New versions in files, with everything around them left as it is.

use chrono::NaiveDate;
use serde::Deserialize;
use thiserror::Error;
use toml::{Spanned, Value};

use super::version::Version;

/// What the changelog collects entries under (keepachangelog.com).
const UNRELEASED: &str = "## [Unreleased]";

/// Why a file has no place for a version.
#[derive(Debug, Error)]
pub(super) enum EditError {
    /// The manifest is not TOML.
    #[error("it is not TOML: {0}")]
    Toml(String),
    /// There is no such key, or it has no value on its line.
    #[error("it has no `{0}`")]
    NoKey(&'static str),
}

/// A text with another value at one place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Edited {
    /// What was there.
    pub(super) before: String,
    /// The whole text.
    pub(super) text: String,
}

/// The part of a manifest that a release is about.
#[derive(Deserialize)]
struct Manifest {
    spin_manifest_version: Option<Value>,
    /// Of version 1.
    version: Option<Spanned<String>>,
    application: Option<Application>,
}

#[derive(Deserialize)]
struct Application {
    version: Option<Spanned<String>>,
}

/// The version of the application in a `spin.toml`, of either version of manifests.
pub(super) fn manifest(text: &str, version: Version) -> Result<Edited, EditError> {
    let manifest: Manifest =
        toml::from_str(text).map_err(|error| EditError::Toml(error.message().to_owned()))?;
    let (written, key) = match manifest.spin_manifest_version {
        Some(Value::Integer(2)) => {
            let application = manifest.application;
            (application.and_then(|it| it.version), "application.version")
        }
        _ => (manifest.version, "version"),
    };
    let written = written.ok_or(EditError::NoKey(key))?;
    let span = written.span();
    let quote = match text[span.clone()].starts_with('\'') {
        true => '\'',
        false => '"',
    };
    Ok(Edited {
        text: format!(
            "{}{quote}{version}{quote}{}",
            &text[..span.start],
            &text[span.end..]
        ),
        before: written.into_inner(),
    })
}

/// A top-level value of a YAML file.
pub(super) fn yaml(text: &str, key: &'static str, version: Version) -> Result<Edited, EditError> {
    let line = lines(text).find(|line| line.key() == Some((0, key)));
    let line = line.ok_or(EditError::NoKey(key))?;
    Ok(line.with_value(text, version))
}

/// The `tag` of the `image` in the values of a chart.
pub(super) fn image_tag(text: &str, version: Version) -> Result<Edited, EditError> {
    let mut below = lines(text).skip_while(|line| line.key() != Some((0, "image")));
    below.next();
    let mut inside = below
        .take_while(|line| line.key().is_none_or(|(indent, _)| indent > 0))
        .filter_map(|line| Some((line.key()?, line)));
    let missing = EditError::NoKey("image.tag");
    let Some(((indent, first), line)) = inside.next() else {
        return Err(missing);
    };
    let mut entries = std::iter::once(((indent, first), line)).chain(inside);
    let tag = entries.find(|(key, _)| *key == (indent, "tag"));
    let (_, line) = tag.ok_or(missing)?;
    Ok(line.with_value(text, version))
}

/// A changelog whose unreleased entries are those of a version from now on; `None` where it collects none.
pub(super) fn changelog(text: &str, version: Version, date: NaiveDate) -> Option<String> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == UNRELEASED {
            let end = offset + line.trim_end().len();
            let newline = if line.ends_with("\r\n") { "\r\n" } else { "\n" };
            let date = date.format("%Y-%m-%d");
            let heading = format!("{newline}{newline}## [{version}] - {date}");
            return Some(format!("{}{heading}{}", &text[..end], &text[end..]));
        }
        offset += line.len();
    }
    None
}

/// A line of YAML, and where it is.
#[derive(Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    start: usize,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |text| {
        let line = Line { text, start };
        start += text.len();
        line
    })
}

impl<'a> Line<'a> {
    /// How far a key is indented, and the key; `None` for comments, list entries and empty lines.
    fn key(self) -> Option<(usize, &'a str)> {
        let content = self.text.trim_start();
        let (key, rest) = content.split_once(':')?;
        let is_key = !key.is_empty()
            && key
                .chars()
                .all(|c| c.is_alphanumeric() || "_-.".contains(c))
            && (rest.is_empty() || rest.starts_with([' ', '\n', '\r', '\t']));
        is_key.then(|| (self.text.len() - content.len(), key))
    }

    /// The whole text with another value on this line, quoted as it was, and quoted where there was none.
    fn with_value(self, text: &str, version: Version) -> Edited {
        let after_key = self.text.find(':').map_or(self.text.len(), |at| at + 1);
        let rest = &self.text[after_key..];
        let content = rest.trim_start_matches([' ', '\t']);
        let blank = rest.len() - content.len();
        let value = scalar(content);
        let (start, end, written) = match value.chars().next() {
            None => {
                let space = if content.starts_with('#') { " " } else { "" };
                (0, blank, format!(" \"{version}\"{space}"))
            }
            Some(quote @ ('"' | '\'')) => (
                blank,
                blank + value.len(),
                format!("{quote}{version}{quote}"),
            ),
            Some(_) => (blank, blank + value.len(), version.to_string()),
        };
        let at = self.start + after_key;
        Edited {
            before: value.trim_matches(['"', '\'']).to_owned(),
            text: format!("{}{written}{}", &text[..at + start], &text[at + end..]),
        }
    }
}

/// The scalar that a text begins with, without a comment behind it.
fn scalar(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    if let Some(quote) = line.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let end = line[1..].find(quote).map_or(line.len(), |at| at + 2);
        return &line[..end];
    }
    let end = match line.starts_with('#') {
        true => 0,
        false => line.find(" #").unwrap_or(line.len()),
    };
    line[..end].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version() -> Version {
        "0.1.3".parse().unwrap()
    }

    #[test]
    fn the_version_of_a_manifest_is_changed_and_nothing_else() {
        for (text, before, after) in [
            (
                "spin_manifest_version = 2 # v\n[application]\nname = \"a\"\nversion = \"0.1.0\" # mine\n",
                "0.1.0",
                "spin_manifest_version = 2 # v\n[application]\nname = \"a\"\nversion = \"0.1.3\" # mine\n",
            ),
            (
                "spin_manifest_version = 2\r\napplication = { version = '0.1.0', name = 'version' }\r\n",
                "0.1.0",
                "spin_manifest_version = 2\r\napplication = { version = '0.1.3', name = 'version' }\r\n",
            ),
            (
                "spin_manifest_version = \"1\"\nversion = \"0.1.0\"\nname = \"a\"\n",
                "0.1.0",
                "spin_manifest_version = \"1\"\nversion = \"0.1.3\"\nname = \"a\"\n",
            ),
            (
                "spin_version = \"1\"\nversion = \"2\"\n",
                "2",
                "spin_version = \"1\"\nversion = \"0.1.3\"\n",
            ),
        ] {
            let edited = manifest(text, version()).unwrap();
            assert_eq!(
                (edited.before.as_str(), edited.text.as_str()),
                (before, after)
            );
        }
        let error = manifest("spin_manifest_version = 2\n[application]\n", version()).unwrap_err();
        assert_eq!(error.to_string(), "it has no `application.version`");
    }

    #[test]
    fn lines_of_yaml_keep_their_quotes_and_comments() {
        for (text, before, after) in [
            ("version: 1.0.3\n", "1.0.3", "version: 0.1.3\n"),
            (
                "# version: 9\nappVersion: 1\nversion:  \"1\"  # c\nx: 1\n",
                "1",
                "# version: 9\nappVersion: 1\nversion:  \"0.1.3\"  # c\nx: 1\n",
            ),
            ("version: '1'\r\n", "1", "version: '0.1.3'\r\n"),
            (
                "a:\n  version: 2\nversion: 1 # c\n",
                "1",
                "a:\n  version: 2\nversion: 0.1.3 # c\n",
            ),
            ("version:\n", "", "version: \"0.1.3\"\n"),
            ("version: # c\n", "", "version: \"0.1.3\" # c\n"),
            ("version: 1", "1", "version: 0.1.3"),
        ] {
            let edited = yaml(text, "version", version()).unwrap();
            assert_eq!(
                (edited.before.as_str(), edited.text.as_str()),
                (before, after)
            );
        }
        assert!(yaml("a:\n  version: 1\n", "version", version()).is_err());
    }

    #[test]
    fn the_tag_is_that_of_the_image() {
        let text = "sidecar:\n  tag: 1\nimage:\n  # the image\n  registry: r\n  pull:\n    tag: 5\n  tag: \"\" # default\nother:\n  tag: 2\n";
        let after = text.replace("tag: \"\"", "tag: \"0.1.3\"");
        assert_eq!(image_tag(text, version()).unwrap().text, after);
        for text in [
            "image:\nother:\n  tag: 1\n",
            "tag: 1\n",
            "image:\n  pull:\n    tag: 5\n",
        ] {
            assert!(image_tag(text, version()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_unreleased_becomes_the_release() {
        let date = NaiveDate::from_ymd_opt(2024, 5, 6).unwrap();
        let text = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- It.\n";
        let after =
            "# Changelog\n\n## [Unreleased]\n\n## [0.1.3] - 2024-05-06\n\n### Added\n\n- It.\n";
        assert_eq!(changelog(text, version(), date).as_deref(), Some(after));
        assert_eq!(changelog("# Changes\n", version(), date), None);
    }
}

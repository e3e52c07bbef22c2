//! Reading the page index.

use std::borrow::Cow;
use std::fmt;
use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{HEADER, PATH};
use crate::head::Publication;
use crate::reads::HeadReads;

/// The index of a site's pages.
#[derive(Debug)]
pub(crate) struct PageIndex(String);

/// One page of the index.
#[derive(Debug)]
pub(crate) struct IndexedPage<'a> {
    /// The name of its file, relative to the content folder.
    pub(crate) name: Cow<'a, str>,
    pub(crate) publication: Publication,
    /// Where the body begins in the file's text.
    pub(crate) body: usize,
    pub(crate) enables_shortcodes: Option<bool>,
    head: &'a str,
}

/// A line that is not as this version of bart writes it.
#[derive(Debug)]
pub(crate) struct Malformed;

impl PageIndex {
    /// The index of the site at `root`; none when there is none in this version's format.
    pub(crate) fn read(root: &Path) -> Option<Self> {
        let text = fs::read_to_string(root.join(PATH)).ok()?;
        text.starts_with(HEADER).then_some(Self(text))
    }

    /// The pages, in the order of their names.
    pub(crate) fn pages(&self) -> impl Iterator<Item = Result<IndexedPage<'_>, Malformed>> {
        self.0[HEADER.len()..]
            .lines()
            .map(|line| IndexedPage::parse(line).ok_or(Malformed))
    }
}

impl<'a> IndexedPage<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut fields = line.splitn(6, '\t');
        let name = name(fields.next()?)?;
        let published = truth(fields.next()?)?;
        let date = match fields.next()? {
            "" => None,
            text => Some(date(text)?),
        };
        Some(Self {
            name,
            publication: Publication { published, date },
            body: fields.next()?.parse().ok()?,
            enables_shortcodes: truth(fields.next()?)?,
            head: fields.next()?,
        })
    }

    /// The head as templates see it, without fields that none of them reads.
    pub(crate) fn head(&self, reads: &HeadReads) -> Result<Map<String, Value>, Malformed> {
        let mut json = serde_json::Deserializer::from_str(self.head);
        json.deserialize_map(HeadVisitor(reads))
            .map_err(|_| Malformed)
    }
}

/// The text of a JSON string, most often without a copy.
fn name(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        return serde_json::from_str(json).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// A truth value that may be absent.
fn truth(text: &str) -> Option<Option<bool>> {
    match text {
        "" => Some(None),
        "0" => Some(Some(false)),
        "1" => Some(Some(true)),
        _ => None,
    }
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = text.split_once('.')?;
    DateTime::from_timestamp(seconds.parse().ok()?, nanoseconds.parse().ok()?)
}

struct HeadVisitor<'r>(&'r HeadReads);

impl<'de> Visitor<'de> for HeadVisitor<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the head of a page")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut head = Map::new();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if self.0.contains(&key) {
                head.insert(key.into_owned(), map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(head)
    }
}

//! The head of a page: what its TOML may say, and how templates see it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

use crate::date;
use crate::json::{from_table, map};
use crate::reads::HeadReads;
use crate::source_error::Mistake;

/// The keys of a head, in order. Others are ignored.
pub const KEYS: [&str; 14] = [
    "body_source",
    "cache_control",
    "content_type",
    "date",
    "description",
    "enable_shortcodes",
    "extra",
    "path_info",
    "published",
    "redirect",
    "status",
    "tags",
    "template",
    "title",
];

/// What the head of a page says.
///
/// An absent key is `None` (an empty list for `tags`): templates see the difference between absent and default.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// The title.
    pub title: String,
    /// When the page is from, or when it goes public.
    pub date: Option<DateTime<Utc>>,
    /// A summary.
    pub description: Option<String>,
    /// The template that renders the page; `main` when absent.
    pub template: Option<String>,
    /// Whether the page is public, whatever its date.
    pub published: Option<bool>,
    /// Free keywords.
    pub tags: Vec<String>,
    /// The `Content-Type` of the response.
    pub content_type: Option<String>,
    /// The `Cache-Control` of the response.
    pub cache_control: Option<String>,
    /// The status of the response.
    pub status: Option<u16>,
    /// Where the page sends its readers instead of being shown.
    pub redirect: Option<String>,
    /// Whether the body goes through the shortcodes first.
    pub enable_shortcodes: Option<bool>,
    /// The path that relative links of the body start from; the path of the request when absent.
    pub path_info: Option<String>,
    /// Another page whose body is shown instead of this one's.
    pub body_source: Option<String>,
    /// Whatever the site's templates agree on.
    pub extra: Option<Map<String, Value>>,
}

impl Head {
    /// The head of a document that has only a title.
    pub fn titled(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            date: None,
            description: None,
            template: None,
            published: None,
            tags: Vec::new(),
            content_type: None,
            cache_control: None,
            status: None,
            redirect: None,
            enable_shortcodes: None,
            path_info: None,
            body_source: None,
            extra: None,
        }
    }

    /// Reads a head. Unknown keys are ignored, as sites keep keys of other tools.
    pub(crate) fn parse(text: &str) -> Result<Self, Mistake> {
        let written: Written = toml::from_str(text)?;
        Ok(Self {
            title: written.title.ok_or_else(missing_title)?,
            date: written.date.as_ref().map(read_date).transpose()?,
            description: written.description,
            template: written.template,
            published: written.published,
            tags: written.tags,
            content_type: written.content_type.map(read_field).transpose()?,
            cache_control: written.cache_control.map(read_field).transpose()?,
            status: written.status.as_ref().map(read_status).transpose()?,
            redirect: written.redirect.map(read_field).transpose()?,
            enable_shortcodes: written.enable_shortcodes,
            path_info: written.path_info,
            body_source: written.body_source,
            extra: written.extra.map(from_table),
        })
    }

    /// Whether readers may see the page at that moment.
    pub fn is_published(&self, now: DateTime<Utc>) -> bool {
        self.publication().is_published(now)
    }

    /// The moment at which the page goes public by itself, if that is still to come.
    pub fn scheduled(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.publication().scheduled(now)
    }

    pub(crate) const fn publication(&self) -> Publication {
        Publication {
            published: self.published,
            date: self.date,
        }
    }

    /// The head as templates see it: every key is there, absent ones are null.
    pub(crate) fn into_value(self) -> Value {
        self.into_map().into()
    }

    pub(crate) fn into_map(self) -> Map<String, Value> {
        map([
            ("title", self.title.into()),
            ("date", self.date.map(date::format).into()),
            ("description", self.description.into()),
            ("template", self.template.into()),
            ("published", self.published.into()),
            ("tags", self.tags.into()),
            ("content_type", self.content_type.into()),
            ("cache_control", self.cache_control.into()),
            ("status", self.status.into()),
            ("redirect", self.redirect.into()),
            ("enable_shortcodes", self.enable_shortcodes.into()),
            ("path_info", self.path_info.into()),
            ("body_source", self.body_source.into()),
            ("extra", self.extra.map_or(Value::Null, Value::Object)),
        ])
    }
}

/// From when on readers may see a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Publication {
    /// What the head says, whatever the date.
    pub(crate) published: Option<bool>,
    pub(crate) date: Option<DateTime<Utc>>,
}

impl Publication {
    pub(crate) fn is_published(self, now: DateTime<Utc>) -> bool {
        self.published
            .unwrap_or_else(|| self.date.is_none_or(|date| date <= now))
    }

    pub(crate) fn scheduled(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.date
            .filter(|&date| self.published.is_none() && date > now)
    }
}

/// Adds what is absent from `head` as null, as far as it may be read.
pub(crate) fn complete(head: &mut Map<String, Value>, reads: &HeadReads) {
    for key in KEYS.into_iter().filter(|key| reads.contains(key)) {
        if !head.contains_key(key) {
            head.insert(key.to_owned(), Value::Null);
        }
    }
}

/// The head as TOML, before the keys that may be written in several ways are understood.
#[derive(Deserialize)]
struct Written {
    title: Option<String>,
    date: Option<Spanned<toml::Value>>,
    description: Option<String>,
    template: Option<String>,
    published: Option<bool>,
    #[serde(default)]
    tags: Vec<String>,
    content_type: Option<Spanned<String>>,
    cache_control: Option<Spanned<String>>,
    status: Option<Spanned<toml::Value>>,
    redirect: Option<Spanned<String>>,
    enable_shortcodes: Option<bool>,
    path_info: Option<String>,
    body_source: Option<String>,
    extra: Option<toml::Table>,
}

fn missing_title() -> Mistake {
    Mistake {
        offset: 0,
        message: "the head has no `title`".to_owned(),
        hint: Some("add a line like `title = \"My page\"` above the `---`"),
    }
}

fn read_date(written: &Spanned<toml::Value>) -> Result<DateTime<Utc>, Mistake> {
    let parsed = match written.get_ref() {
        toml::Value::String(text) => date::parse(text),
        toml::Value::Datetime(datetime) => date::parse(&datetime.to_string()),
        _ => None,
    };
    parsed.ok_or_else(|| Mistake {
        offset: written.span().start,
        message: "`date` is not a date".to_owned(),
        hint: Some("write it like `date = \"2024-05-06T07:08:09Z\"`"),
    })
}

/// What becomes a header field must be able to (RFC 9110 section 5.5).
fn read_field(written: Spanned<String>) -> Result<String, Mistake> {
    let offset = written.span().start;
    let text = written.into_inner();
    if text.contains(|c: char| c.is_control()) {
        return Err(Mistake {
            offset,
            message: "a header field cannot hold a control character".to_owned(),
            hint: Some("write it in one line, without tabs"),
        });
    }
    Ok(text)
}

/// Early versions of Bartholomew had a string such as `302 Found` here, and sites that say so exist.
fn read_status(written: &Spanned<toml::Value>) -> Result<u16, Mistake> {
    let status = match written.get_ref() {
        toml::Value::Integer(number) => u16::try_from(*number).ok(),
        toml::Value::String(text) => text
            .split_ascii_whitespace()
            .next()
            .and_then(|number| number.parse().ok()),
        _ => None,
    };
    status.ok_or_else(|| Mistake {
        offset: written.span().start,
        message: "`status` is not an HTTP status".to_owned(),
        hint: Some("write it like `status = 302`"),
    })
}

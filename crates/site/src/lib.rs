//! A site as a value: front matter, Markdown, templates, scripts and the page index. No HTTP, no Wasm, no network.

mod answer;
mod body;
mod content;
mod date;
mod decision;
mod dependencies;
mod diagnosis;
mod dialect;
mod document;
mod environment;
mod failure;
mod footnotes;
mod head;
mod heading_ids;
pub mod index;
mod json;
mod links;
mod listing;
mod log;
mod markdown;
mod reads;
mod rendering;
mod request;
mod scripts;
mod settings;
mod shortcodes;
mod site;
mod source_error;
mod surroundings;
pub mod survey;
mod templates;

pub use answer::Answer;
pub use dependencies::{Dependencies, Key, Lifetime};
pub use diagnosis::Diagnosis;
pub use document::{Body, Document, ignored_keys};
pub use environment::Audience;
pub use failure::Failure;
pub use head::{Head, KEYS as HEAD_KEYS};
pub use heading_ids::{HeadingIds, slug};
pub use links::Links;
pub use log::silently;
pub use markdown::{WrittenLink, render as render_markdown};
pub use reads::{HeadReads, Reads, RequestReads};
pub use request::PageRequest;
pub use settings::{
    DynamicTemplate, KEYS as SETTINGS_KEYS, PATH as SETTINGS_PATH, Settings, SiteError,
};
pub use shortcodes::Shortcodes;
pub use site::Site;
pub use source_error::SourceError;
pub use surroundings::{ClockUse, Observed, Surroundings};
pub use templates::{TemplateError, TemplateSet, Templates};

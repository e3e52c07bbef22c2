//! `config/site.toml`: what a site says about itself.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::environment::Environment;
use crate::heading_ids::HeadingIds;
use crate::json::from_table;
use crate::source_error::{Mistake, SourceError, keys_with_lines};

/// Where the settings of a site are, relative to its root.
pub const PATH: &str = "config/site.toml";

/// The keys of the settings, in order. Others are ignored.
pub const KEYS: [&str; 12] = [
    "about",
    "base_url",
    "dynamic_templates",
    "extra",
    "heading_ids",
    "index_site_pages",
    "logo",
    "not_found_page",
    "prepend_route_info",
    "request_environment",
    "theme",
    "title",
];

/// The settings of a site. Unknown keys are ignored: real sites still carry keys of earlier versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The title of the site.
    pub title: String,
    /// The address of its logo.
    pub logo: Option<String>,
    /// The address that absolute links start with; the environment may say another.
    pub base_url: Option<String>,
    /// A few words about the site.
    pub about: Option<String>,
    /// The folder under `themes` whose templates and scripts the site builds on.
    pub theme: Option<String>,
    /// The templates that are given `site.pages`.
    pub index_site_pages: Option<Vec<String>>,
    /// Only templates see these.
    pub dynamic_templates: Option<Vec<DynamicTemplate>>,
    /// Whether the route of the component is the first part of a content path.
    pub prepend_route_info: bool,
    /// The content path of the page that is shown, with status 404, where there is no page. A built-in one when absent.
    pub not_found_page: Option<String>,
    /// Whether templates get `env.PATH_INFO` and `env.QUERY_STRING`, as they did before Spin.
    pub request_environment: bool,
    /// Which headings of a shown page have an `id`: `heading_ids = true` is all of them.
    pub heading_ids: HeadingIds,
    /// Whatever the site's templates agree on.
    pub extra: Map<String, Value>,
}

/// An entry of `dynamic_templates`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DynamicTemplate {
    /// The host of the content.
    pub dynamic_content_url: String,
    /// The path of the content.
    pub dynamic_content_path: String,
    /// The template for the content.
    pub dynamic_template_name: String,
}

/// Why a site cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The settings are not there or not readable.
    #[error("failed to read `{PATH}`")]
    Read(#[source] std::io::Error),
    /// There is a mistake in the settings.
    #[error(transparent)]
    Mistake(#[from] SourceError),
}

impl Settings {
    /// Reads the text of a `config/site.toml`.
    ///
    /// # Errors
    /// When it is not TOML, has no title, or a setting is of the wrong type; with the line.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        Self::from_toml(text)
            .map_err(|mistake| SourceError::at(PATH, text, mistake.offset, mistake))
    }

    /// The keys of a `config/site.toml` with that text which mean nothing, each with its line.
    pub fn ignored_keys(text: &str) -> Vec<(String, usize)> {
        let keys = keys_with_lines(text).into_iter();
        keys.filter(|(key, _)| !KEYS.contains(&key.as_str()))
            .collect()
    }

    /// Reads the settings of the site in the folder `root`.
    pub(crate) fn read(root: &Path) -> Result<Self, SiteError> {
        let text = std::fs::read_to_string(root.join(PATH)).map_err(SiteError::Read)?;
        Ok(Self::parse(&text)?)
    }

    /// Whether pages of that template are given `site.pages`.
    pub(crate) fn indexes(&self, template: &str) -> bool {
        self.index_site_pages
            .as_ref()
            .is_some_and(|names| names.iter().any(|name| name == template))
    }

    /// The settings as templates see them: every key is there, absent ones are null.
    pub(crate) fn to_value(&self, environment: Environment<'_>) -> Value {
        let dynamic_templates: Option<Vec<Value>> = self
            .dynamic_templates
            .as_ref()
            .map(|templates| templates.iter().map(DynamicTemplate::to_value).collect());
        json!({
            "title": self.title,
            "logo": self.logo,
            "base_url": environment.base_url().or(self.base_url.as_deref()),
            "about": self.about,
            "theme": self.theme,
            "index_site_pages": self.index_site_pages,
            "dynamic_templates": dynamic_templates,
            "prepend_route_info": self.prepend_route_info,
            "extra": self.extra,
        })
    }

    fn from_toml(text: &str) -> Result<Self, Mistake> {
        let written: Written = toml::from_str(text)?;
        Ok(Self {
            title: written.title.ok_or_else(missing_title)?,
            logo: written.logo,
            base_url: written.base_url,
            about: written.about,
            theme: written.theme,
            index_site_pages: written.index_site_pages,
            dynamic_templates: written.dynamic_templates,
            prepend_route_info: written.prepend_route_info,
            not_found_page: written.not_found_page,
            request_environment: written.request_environment,
            heading_ids: if written.heading_ids {
                HeadingIds::All
            } else {
                HeadingIds::Written
            },
            extra: from_table(written.extra),
        })
    }
}

impl SiteError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Read(_) => Some(
                "a site has a `config/site.toml` with at least a `title`; \
                 the component must be given it by `files` in `spin.toml`",
            ),
            Self::Mistake(mistake) => mistake.hint.as_deref(),
        }
    }
}

impl DynamicTemplate {
    fn to_value(&self) -> Value {
        json!({
            "dynamic_content_url": self.dynamic_content_url,
            "dynamic_content_path": self.dynamic_content_path,
            "dynamic_template_name": self.dynamic_template_name,
        })
    }
}

/// The settings as TOML.
#[derive(Deserialize)]
struct Written {
    title: Option<String>,
    logo: Option<String>,
    base_url: Option<String>,
    about: Option<String>,
    theme: Option<String>,
    index_site_pages: Option<Vec<String>>,
    dynamic_templates: Option<Vec<DynamicTemplate>>,
    #[serde(default)]
    prepend_route_info: bool,
    not_found_page: Option<String>,
    #[serde(default)]
    request_environment: bool,
    #[serde(default)]
    heading_ids: bool,
    #[serde(default)]
    extra: toml::Table,
}

fn missing_title() -> Mistake {
    Mistake {
        offset: 0,
        message: "the site has no `title`".to_owned(),
        hint: Some("add a line like `title = \"My site\"` above the first table"),
    }
}

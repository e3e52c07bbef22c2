//! The component's environment: what it says to the site, and what templates may see of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use web::auth::{PASSWORD, USERNAME};

/// Whether unpublished pages are shown: `1`.
const PREVIEW_MODE: &str = "PREVIEW_MODE";
/// Replaces the `base_url` of the site's settings.
const BASE_URL: &str = "BASE_URL";
/// No variable of this kind is shown to templates.
const SECRETS: &str = "BASIC_AUTH_";

/// Who a site is rendered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Its readers: published pages only, no details of failures.
    Readers,
    /// Its authors: everything.
    Authors,
}

/// A view of the environment variables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Environment<'a>(&'a BTreeMap<String, String>);

impl<'a> Environment<'a> {
    pub(crate) fn new(variables: &'a BTreeMap<String, String>) -> Self {
        Self(variables)
    }

    pub(crate) fn audience(self) -> Audience {
        if self.0.get(PREVIEW_MODE).is_some_and(|value| value == "1") {
            Audience::Authors
        } else {
            Audience::Readers
        }
    }

    pub(crate) fn base_url(self) -> Option<&'a str> {
        self.0.get(BASE_URL).map(String::as_str)
    }

    /// Whether only those who know a password may read the site.
    pub(crate) fn is_protected(self) -> bool {
        let is_set = |name| self.0.get(name).is_some_and(|value| !value.is_empty());
        is_set(USERNAME) && is_set(PASSWORD)
    }

    /// The variables as templates see them.
    pub(crate) fn to_map(self) -> Map<String, Value> {
        self.0
            .iter()
            .filter(|(name, _)| !name.starts_with(SECRETS))
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect()
    }
}

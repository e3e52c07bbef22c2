//! What the environment of the file server can change.

use http::HeaderValue;

use crate::auth::BasicAuth;
use crate::path::RequestPath;

const CACHE_CONTROL: &str = "CACHE_CONTROL";
const FALLBACK_PATH: &str = "FALLBACK_PATH";
const CUSTOM_404_PATH: &str = "CUSTOM_404_PATH";
const SHOW_DOTFILES: &str = "SHOW_DOTFILES";
const DEFAULT_FAVICON: &str = "DEFAULT_FAVICON";

const DEFAULT_CACHE_CONTROL: HeaderValue = HeaderValue::from_static("max-age=60");

/// The settings of a file server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `CACHE_CONTROL`: the field of that name of every file; `max-age=60` when it is unset or no field value.
    pub cache_control: HeaderValue,
    /// `FALLBACK_PATH`: served with 200 for what does not exist.
    pub fallback: Option<RequestPath>,
    /// `CUSTOM_404_PATH`: served with 404 for what does not exist.
    pub not_found_page: Option<RequestPath>,
    /// `SHOW_DOTFILES=1`: names with a leading dot are served like any other.
    pub show_dotfiles: bool,
    /// Unless `DEFAULT_FAVICON=0`: a built-in icon stands in for a missing one.
    pub default_favicon: bool,
    /// `BASIC_AUTH_*`: see [`BasicAuth`].
    pub auth: Option<BasicAuth>,
}

impl Settings {
    /// Reads the settings from variables, which `variable` looks up by name. Empty ones, and paths that lead out of
    /// the root, count as unset.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let present = |name| variable(name).filter(|value| !value.is_empty());
        let file = |name| present(name).and_then(|path| RequestPath::literal(&path).ok());
        Self {
            cache_control: present(CACHE_CONTROL)
                .and_then(|value| HeaderValue::from_str(&value).ok())
                .unwrap_or(DEFAULT_CACHE_CONTROL),
            fallback: file(FALLBACK_PATH),
            not_found_page: file(CUSTOM_404_PATH),
            show_dotfiles: variable(SHOW_DOTFILES).as_deref() == Some("1"),
            default_favicon: variable(DEFAULT_FAVICON).as_deref() != Some("0"),
            auth: BasicAuth::from_variables(&variable),
        }
    }
}

//! Basic authentication (RFC 7617).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use subtle::ConstantTimeEq as _;

/// Environment variable with the user name.
pub const USERNAME: &str = "BASIC_AUTH_USERNAME";
/// Environment variable with the password.
pub const PASSWORD: &str = "BASIC_AUTH_PASSWORD";
/// Environment variable with the realm.
pub const REALM: &str = "BASIC_AUTH_REALM";
/// The realm when none is configured; pages and files share it, so a browser asks once.
pub const DEFAULT_REALM: &str = "bartholomew";

/// The credentials that a site asks for.
#[derive(Clone)]
pub struct BasicAuth {
    /// `user:password`, as it stands in the request. Comparing it whole lets a password contain colons.
    expected: Vec<u8>,
    challenge: HeaderValue,
}

/// Whether a request may see the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It carries the credentials.
    Granted,
    /// Answer 401 with the challenge.
    Denied,
}

impl BasicAuth {
    /// Protection as configured by variables, which `variable` looks up by name. `None`, so no protection, unless user
    /// name and password are both set and not empty.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let present = |name| variable(name).filter(|value| !value.is_empty());
        let (username, password) = (present(USERNAME)?, present(PASSWORD)?);
        let realm = variable(REALM);
        Some(Self::new(
            &username,
            &password,
            realm.as_deref().unwrap_or(DEFAULT_REALM),
        ))
    }

    /// Protection by one user name and password.
    pub fn new(username: &str, password: &str, realm: &str) -> Self {
        Self {
            expected: format!("{username}:{password}").into_bytes(),
            challenge: challenge(realm),
        }
    }

    /// Checks the last `Authorization` line. The comparison takes as long for a wrong guess as for a right one of
    /// the same length.
    pub fn check(&self, headers: &HeaderMap) -> Access {
        let given = headers
            .get_all(AUTHORIZATION)
            .iter()
            .next_back()
            .and_then(credentials)
            .unwrap_or_default();
        if bool::from(given.ct_eq(&self.expected)) {
            Access::Granted
        } else {
            Access::Denied
        }
    }

    /// The 401 with the challenge (RFC 9110 section 11.6.1).
    pub fn denial(&self) -> Response<()> {
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        response
            .headers_mut()
            .insert(WWW_AUTHENTICATE, self.challenge.clone());
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        response
    }
}

impl fmt::Debug for BasicAuth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BasicAuth")
            .field("challenge", &self.challenge)
            .finish_non_exhaustive()
    }
}

/// `user:password` of a field value such as `Basic dTpw`; the scheme is case-insensitive (RFC 9110 section 11.1).
fn credentials(value: &HeaderValue) -> Option<Vec<u8>> {
    let mut words = value.to_str().ok()?.split_ascii_whitespace();
    let (scheme, encoded) = (words.next()?, words.next()?);
    if words.next().is_some() || !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    STANDARD.decode(encoded).ok()
}

/// The realm as a quoted string (RFC 9110 section 5.6.4), without what such a string cannot hold.
fn challenge(realm: &str) -> HeaderValue {
    let mut value = String::from("Basic realm=\"");
    for character in realm.chars().filter(|character| !character.is_control()) {
        if matches!(character, '"' | '\\') {
            value.push('\\');
        }
        value.push(character);
    }
    value.push('"');
    HeaderValue::from_bytes(value.as_bytes()).expect("control characters are left out")
}

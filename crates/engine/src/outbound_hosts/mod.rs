//! Where a component may send requests: `allowed_outbound_hosts`, as Spin reads it.

mod rule;

use http::Uri;
use thiserror::Error;

use crate::variables::{Template, VariableError, Variables};
use rule::{Rule, ends_with_ignore_case, is_application, usual_port};

pub use rule::EntryProblem;

/// The domain of requests to a component of the same application: `http://<component>.spin.internal`.
pub const COMPONENT_DOMAIN: &str = ".spin.internal";

/// The hosts that a component may send requests to. None by default.
#[derive(Clone, Debug, Default)]
pub struct AllowedHosts {
    rules: Vec<Rule>,
}

/// Where a request of a component goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision<'uri> {
    /// Back into the application, through its public routes.
    Application,
    /// To the component of this id, by its private name, whatever its routes.
    Component(&'uri str),
    /// To the host of the URI.
    Host,
    /// Nowhere.
    Refused,
}

/// Why a component's entries cannot be used.
#[derive(Debug, Error)]
pub enum OutboundHostError {
    /// An entry that cannot be read. It is shown as written, as its values may be secret.
    #[error("`{entry}` is not an outbound host: {problem}")]
    Entry {
        /// The entry as written.
        entry: String,
        /// What is wrong with it.
        problem: EntryProblem,
    },
    /// A template without its values.
    #[error(transparent)]
    Variable(#[from] VariableError),
}

impl AllowedHosts {
    /// Reads a component's entries with the values of the application's variables.
    ///
    /// # Errors
    /// The first entry that cannot be read, or the first variable that has no value.
    pub fn resolve(entries: &[Template], variables: &Variables) -> Result<Self, OutboundHostError> {
        let rule = |entry: &Template| {
            let text = variables.expand(entry)?;
            Rule::parse(&text).map_err(|problem| OutboundHostError::Entry {
                entry: entry.to_string(),
                problem,
            })
        };
        Ok(Self {
            rules: entries.iter().map(rule).collect::<Result<_, _>>()?,
        })
    }

    /// Decides where a request goes. A URI without an authority is one to the application itself.
    pub fn decide<'uri>(&self, uri: &'uri Uri) -> Decision<'uri> {
        let Some(authority) = uri.authority() else {
            return self.to_application();
        };
        let host = authority.host();
        if is_application(host) {
            return self.to_application();
        }
        let allowed = uri.scheme_str().is_some_and(|scheme| {
            let port = authority.port_u16().or_else(|| usual_port(scheme));
            self.rules
                .iter()
                .any(|rule| rule.allows(scheme, host, port))
        });
        match component(host) {
            _ if !allowed => Decision::Refused,
            Some(component) => Decision::Component(component),
            None => Decision::Host,
        }
    }

    fn to_application(&self) -> Decision<'static> {
        if self.rules.iter().any(Rule::allows_application) {
            Decision::Application
        } else {
            Decision::Refused
        }
    }
}

/// Checks an entry that uses no variables.
///
/// # Errors
/// What is wrong with it.
pub fn check(entry: &str) -> Result<(), EntryProblem> {
    Rule::parse(entry).map(drop)
}

/// Rewrites an entry of the old `allowed_http_hosts`: a host with or without a port or an HTTP scheme, `self`, or
/// `insecure:allow-all`.
///
/// # Errors
/// What is wrong with it.
pub fn from_allowed_http_host(entry: &str) -> Result<Vec<String>, EntryProblem> {
    if entry == "insecure:allow-all" {
        return Ok(["http://*:*", "https://*:*", "http://self"]
            .map(str::to_owned)
            .to_vec());
    }
    let authority = match entry.split_once("://") {
        Some(("http" | "https", authority)) => authority,
        Some(_) => return Err(EntryProblem::Scheme),
        None => entry,
    };
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    if authority == "self" {
        return Ok(vec!["http://self".to_owned()]);
    }
    let entries = ["http", "https"].map(|scheme| format!("{scheme}://{authority}"));
    entries.iter().try_for_each(|entry| check(entry))?;
    Ok(entries.to_vec())
}

fn component(host: &str) -> Option<&str> {
    let end = host.len().checked_sub(COMPONENT_DOMAIN.len())?;
    let name = host.get(..end)?;
    (ends_with_ignore_case(host, COMPONENT_DOMAIN) && !name.is_empty() && !name.contains('.'))
        .then_some(name)
}

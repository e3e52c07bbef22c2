//! One entry of `allowed_outbound_hosts`: a scheme, a host and a port, each of which may be a wildcard.

use std::net::IpAddr;
use std::ops::Range;

use ipnet::IpNet;
use thiserror::Error;

/// Why an entry cannot be read.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum EntryProblem {
    /// No `scheme://`.
    #[error("it has no scheme")]
    NoScheme,
    /// A scheme with other characters than letters.
    #[error("its scheme has characters other than letters")]
    Scheme,
    /// `{a,b}`, which Spin reserves.
    #[error("lists in braces are not supported")]
    List,
    /// No host, or one with characters that no host has.
    #[error("its host is not valid")]
    Host,
    /// `*` elsewhere than alone or as the first label.
    #[error("`*` can only be the whole host or its first label")]
    Wildcard,
    /// Something after the host and port.
    #[error("it has a path")]
    Path,
    /// No port, and a scheme that has no usual one.
    #[error("it has no port, and its scheme has no usual one")]
    NoPort,
    /// A port that is neither a number, a range nor `*`.
    #[error("its port is neither a number, a range such as `8000..9000`, nor `*`")]
    Port,
    /// `insecure:allow-all` outside of `allowed_http_hosts`.
    #[error("it is not allowed here")]
    AllowAll,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    scheme: Scheme,
    host: Host,
    port: Port,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Scheme {
    Any,
    Named(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Any,
    Application,
    /// Of which the text, which begins with a dot, is the end.
    Subdomain(String),
    Named(String),
    Network(IpNet),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Port {
    Any,
    Number(u16),
    Range(Range<u16>),
}

impl EntryProblem {
    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::NoScheme => {
                "write it as `https://example.com`, or `http://self` for the application itself"
            }
            Self::AllowAll => "use `*://*:*` to allow all hosts",
            _ => "the form is `<scheme>://<host>[:<port>]`, where each may be `*`",
        }
    }
}

impl Rule {
    pub(super) fn parse(entry: &str) -> Result<Self, EntryProblem> {
        let entry = entry.trim();
        if entry == "self" {
            return Ok(Self {
                scheme: Scheme::Any,
                host: Host::Application,
                port: Port::Any,
            });
        }
        if entry == "insecure:allow-all" {
            return Err(EntryProblem::AllowAll);
        }
        let (scheme, rest) = entry.split_once("://").ok_or(EntryProblem::NoScheme)?;
        let (host, port) = split_port(rest.strip_suffix('/').unwrap_or(rest));
        Ok(Self {
            scheme: Scheme::parse(scheme)?,
            host: Host::parse(host)?,
            port: Port::parse(port, scheme)?,
        })
    }

    pub(super) fn allows(&self, scheme: &str, host: &str, port: Option<u16>) -> bool {
        self.scheme.allows(scheme) && self.host.allows(host) && self.port.allows(port)
    }

    pub(super) fn allows_application(&self) -> bool {
        matches!(self.host, Host::Any | Host::Application)
            && (self.scheme.allows("http") || self.scheme.allows("https"))
    }
}

impl Scheme {
    fn parse(scheme: &str) -> Result<Self, EntryProblem> {
        match scheme {
            "*" => Ok(Self::Any),
            _ if scheme.starts_with('{') => Err(EntryProblem::List),
            _ if scheme.is_empty() || !scheme.chars().all(char::is_alphabetic) => {
                Err(EntryProblem::Scheme)
            }
            _ => Ok(Self::Named(scheme.to_owned())),
        }
    }

    fn allows(&self, scheme: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Named(name) => name.eq_ignore_ascii_case(scheme),
        }
    }
}

impl Host {
    fn parse(host: &str) -> Result<Self, EntryProblem> {
        if host == "*" {
            return Ok(Self::Any);
        }
        if is_application(host) {
            return Ok(Self::Application);
        }
        if host.starts_with('{') {
            return Err(EntryProblem::List);
        }
        if let Some(network) = network(host) {
            return Ok(Self::Network(network));
        }
        if host.contains('/') {
            return Err(EntryProblem::Path);
        }
        let (name, wildcard) = match host.strip_prefix('*') {
            Some(domain) if domain.starts_with('.') => (domain, true),
            _ => (host, false),
        };
        if name.contains('*') {
            return Err(EntryProblem::Wildcard);
        }
        if name.trim_matches('.').is_empty() || name.contains(is_never_in_a_host) {
            return Err(EntryProblem::Host);
        }
        let name = name.to_ascii_lowercase();
        Ok(if wildcard {
            Self::Subdomain(name)
        } else {
            Self::Named(name)
        })
    }

    fn allows(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Application => false,
            Self::Subdomain(end) => ends_with_ignore_case(host, end),
            Self::Named(name) => name.eq_ignore_ascii_case(host),
            Self::Network(network) => {
                address(host).is_some_and(|address| network.contains(&address))
            }
        }
    }
}

impl Port {
    fn parse(port: &str, scheme: &str) -> Result<Self, EntryProblem> {
        let number = |text: &str| text.parse().map_err(|_| EntryProblem::Port);
        match port {
            "" => usual_port(scheme)
                .map(Self::Number)
                .ok_or(EntryProblem::NoPort),
            "*" => Ok(Self::Any),
            _ if port.starts_with('{') => Err(EntryProblem::List),
            _ if port.contains('/') => Err(EntryProblem::Path),
            _ => match port.split_once("..") {
                Some((start, end)) => Ok(Self::Range(number(start)?..number(end)?)),
                None => Ok(Self::Number(number(port)?)),
            },
        }
    }

    fn allows(&self, port: Option<u16>) -> bool {
        match (self, port) {
            (Self::Any, _) => true,
            (_, None) => false,
            (Self::Number(number), Some(port)) => *number == port,
            (Self::Range(range), Some(port)) => range.contains(&port),
        }
    }
}

/// The host and the port, which is empty when there is none. An IPv6 address may be in brackets.
fn split_port(authority: &str) -> (&str, &str) {
    if authority.starts_with('[')
        && let Some(end) = authority.find(']')
    {
        let (host, rest) = authority.split_at(end + 1);
        return match rest.strip_prefix(':') {
            Some(port) => (host, port),
            None if rest.is_empty() => (host, ""),
            None => (authority, ""),
        };
    }
    authority.rsplit_once(':').unwrap_or((authority, ""))
}

fn network(host: &str) -> Option<IpNet> {
    host.parse().ok().or_else(|| address(host).map(IpNet::from))
}

fn address(host: &str) -> Option<IpAddr> {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

/// Spin takes `self.alt` for the same, for clients that refuse a host without a dot.
pub(super) fn is_application(host: &str) -> bool {
    host.eq_ignore_ascii_case("self") || host.eq_ignore_ascii_case("self.alt")
}

pub(super) fn ends_with_ignore_case(text: &str, end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    start
        .and_then(|start| text.get(start..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

fn is_never_in_a_host(character: char) -> bool {
    character.is_whitespace() || character.is_control() || "@?#/\\:[]{}".contains(character)
}

pub(super) fn usual_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "redis" => Some(6379),
        "mqtt" => Some(1883),
        _ => None,
    }
}

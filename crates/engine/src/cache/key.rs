//! What tells stored responses apart: the path first, then what the responses of that path turned out to depend on.

use std::cell::RefCell;

use http::header::{ACCEPT_ENCODING, HOST};
use http::{HeaderMap, HeaderName, Request};
use web::accept::{AcceptEncoding, Ranking};

/// The key of a stored value.
pub(super) type Key = Box<[u8]>;

/// The first byte of the key of a path.
const PATH: u8 = 0;

/// The first byte of the key of a response.
const RESPONSE: u8 = 1;

/// What requests must have in common, besides the path, to get the same response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Likeness {
    pub(super) query: bool,
    pub(super) authority: bool,
    /// The codings that they take, in the order of preference.
    pub(super) codings: bool,
    /// The values of these fields, in order.
    pub(super) fields: Vec<HeaderName>,
}

/// The likeness that the responses of one path need, and a number that no other rule has.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) number: u64,
    /// The number of the rule that this one grew from.
    pub(super) first: u64,
    pub(super) likeness: Likeness,
}

thread_local! {
    /// Looking up allocates nothing.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };

    /// The last value of `Accept-Encoding` and what it meant. The next client is likely to say the same, and reading it is most of the work.
    static LAST_CODINGS: RefCell<Option<(Vec<u8>, Ranking)>> = const { RefCell::new(None) };
}

impl Likeness {
    /// What RFC 9111 section 2 asks for: the whole address.
    pub(super) fn of_address() -> Likeness {
        Likeness {
            query: true,
            authority: true,
            ..Likeness::default()
        }
    }

    /// Both.
    pub(super) fn and(&self, other: &Likeness) -> Likeness {
        let mut fields = self.fields.clone();
        fields.extend(other.fields.iter().cloned());
        fields.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        fields.dedup();
        Likeness {
            query: self.query || other.query,
            authority: self.authority || other.authority,
            codings: self.codings || other.codings,
            fields,
        }
    }
}

/// Lets `use_key` see the key of a path.
pub(super) fn with_path<R>(path: &str, use_key: impl FnOnce(&[u8]) -> R) -> R {
    with_buffer(|key| {
        key.push(PATH);
        key.extend_from_slice(path.as_bytes());
        use_key(key)
    })
}

/// Lets `use_key` see the key of the response to a request, by a rule of its path.
pub(super) fn with_response<Body, R>(
    rule: &Rule,
    request: &Request<Body>,
    use_key: impl FnOnce(&[u8]) -> R,
) -> R {
    with_buffer(|key| {
        key.push(RESPONSE);
        // The number stands for the path.
        key.extend_from_slice(&rule.number.to_le_bytes());
        rule.likeness.write(key, request);
        use_key(key)
    })
}

/// The key of a path.
pub(super) fn of_path(path: &str) -> Key {
    with_path(path, |key| key.into())
}

/// The key of the response to a request, by a rule of its path.
pub(super) fn of_response<Body>(rule: &Rule, request: &Request<Body>) -> Key {
    with_response(rule, request, |key| key.into())
}

impl Likeness {
    fn write<Body>(&self, key: &mut Vec<u8>, request: &Request<Body>) {
        if self.query {
            push_all(key, request.uri().query().map(str::as_bytes).into_iter());
        }
        if self.authority {
            push_lines(key, request.headers(), &HOST);
        }
        if self.codings {
            key.extend_from_slice(ranking(request.headers()).as_bytes());
        }
        for name in &self.fields {
            push_lines(key, request.headers(), name);
        }
    }
}

fn ranking(headers: &HeaderMap) -> Ranking {
    let mut lines = headers.get_all(ACCEPT_ENCODING).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return AcceptEncoding::from_headers(headers).ranking();
    };
    LAST_CODINGS.with_borrow_mut(|last| match last {
        Some((said, ranking)) if said == line.as_bytes() => *ranking,
        _ => {
            let ranking = AcceptEncoding::from_headers(headers).ranking();
            *last = Some((line.as_bytes().to_vec(), ranking));
            ranking
        }
    })
}

fn push_lines(key: &mut Vec<u8>, headers: &HeaderMap, name: &HeaderName) {
    let lines = headers.get_all(name).iter();
    push_all(key, lines.map(http::HeaderValue::as_bytes));
}

/// How many there are comes behind them, so that no two lists are written alike.
fn push_all<'a>(key: &mut Vec<u8>, values: impl Iterator<Item = &'a [u8]>) {
    let mut count = 0_u64;
    for value in values {
        push(key, value);
        count += 1;
    }
    key.push(0xff);
    key.extend_from_slice(&count.to_le_bytes());
}

/// A value with its length in front of it.
fn push(key: &mut Vec<u8>, value: &[u8]) {
    key.extend_from_slice(&(value.len() as u64).to_le_bytes());
    key.extend_from_slice(value);
}

fn with_buffer<R>(use_buffer: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        use_buffer(buffer)
    })
}

/// Whether a likeness by that field is written in a form of its own.
pub(super) fn is_codings(name: &HeaderName) -> bool {
    *name == ACCEPT_ENCODING
}

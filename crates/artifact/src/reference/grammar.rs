//! The grammar of references (distribution-spec, "Pulling manifests"; github.com/distribution/reference, `reference.go`).
//!
//! Read by hand: the regular expression of `oci-client` takes 70 ms to compile, which was most of a start.

/// The longest name of a repository, its registry not counted.
const LONGEST_NAME: usize = 255;

/// The parts of a reference.
pub(super) struct Parts<'a> {
    pub(super) registry: &'a str,
    pub(super) name: &'a str,
    pub(super) tag: Option<&'a str>,
    pub(super) digest: Option<&'a str>,
}

/// The parts of `HOST[:PORT]/NAME[:TAG][@DIGEST]`.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn split(text: &str) -> Result<Parts<'_>, &'static str> {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    // Docker's rule: only a first part that can be a host is one. bart knows no default registry.
    let (registry, rest) = rest
        .split_once('/')
        .filter(|(host, _)| host.contains(['.', ':']) || *host == "localhost")
        .ok_or("it does not begin with a registry, such as `ghcr.io/`")?;
    if !is_host(registry) {
        return Err("its registry is no host");
    }
    let (name, tag) = match rest.split_once(':') {
        Some((name, tag)) => (name, Some(tag)),
        None => (rest, None),
    };
    if !name.split('/').all(is_name) {
        return Err("a repository has small letters and digits, with `.`, `_` or `-` between them");
    }
    if name.len() > LONGEST_NAME {
        return Err("its repository has more than 255 characters");
    }
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return Err(TAG);
    }
    Ok(Parts {
        registry,
        name,
        tag,
        digest,
    })
}

/// What a tag is.
pub(super) const TAG: &str =
    "a tag has up to 128 letters, digits, `_`, `.` and `-`, and begins with none of the last two";

/// Whether a text is a tag.
pub(super) fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
        && text.bytes().next().is_some_and(word)
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    port.is_none_or(is_port) && host.split('.').all(is_label)
}

/// A part of a host: letters and digits, and `-` inside.
fn is_label(text: &str) -> bool {
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && ends(text.bytes().next())
        && ends(text.bytes().last())
}

/// A part of a name: small letters and digits, and between them one `.`, one or two `_`, or any number of `-`.
fn is_name(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_separator =
        |text: &str| matches!(text, "." | "_" | "__") || text.bytes().all(|byte| byte == b'-');
    text.bytes().next().is_some_and(is_word)
        && text.bytes().last().is_some_and(is_word)
        && text
            .split(|character: char| character.is_ascii() && is_word(character as u8))
            .filter(|between| !between.is_empty())
            .all(is_separator)
}

//! Fields that are lists (RFC 9110 section 5.6.1).

use http::{HeaderMap, HeaderName};

/// The members of all lines of a field, in order. Lines that are not ASCII have none.
pub(crate) fn members<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'a str> + use<'a> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

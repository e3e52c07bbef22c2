//! What a registry asks for when it answers 401: the `WWW-Authenticate` field (RFC 9110 section 11.6.1).

/// How a client may authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// With a token from `realm` (distribution's "token authentication").
    Bearer {
        realm: String,
        service: Option<String>,
    },
    /// With user name and password (RFC 7617).
    Basic,
}

impl Challenge {
    /// The best way that the fields offer: a token before a password.
    pub(super) fn best<'a>(fields: impl Iterator<Item = &'a str>) -> Option<Challenge> {
        let mut offered: Vec<Challenge> = fields.flat_map(challenges).collect();
        let token = offered
            .iter()
            .position(|challenge| matches!(challenge, Challenge::Bearer { .. }));
        match token {
            Some(index) => Some(offered.swap_remove(index)),
            None => offered.pop(),
        }
    }
}

/// The challenges of one field that a registry client can meet.
fn challenges(field: &str) -> Vec<Challenge> {
    let mut found = Vec::new();
    let mut rest = field;
    while let Some((scheme, parameters, after)) = challenge(rest) {
        rest = after;
        let value = |name: &str| {
            parameters
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.clone())
        };
        if scheme.eq_ignore_ascii_case("basic") {
            found.push(Challenge::Basic);
        } else if scheme.eq_ignore_ascii_case("bearer")
            && let Some(realm) = value("realm")
        {
            let service = value("service");
            found.push(Challenge::Bearer { realm, service });
        }
    }
    found
}

type Parameters = Vec<(String, String)>;

/// The first challenge of a list: its scheme, its parameters, and what follows it.
fn challenge(text: &str) -> Option<(&str, Parameters, &str)> {
    let text = text.trim_start_matches([' ', '\t', ',']);
    let (scheme, mut rest) = token(text)?;
    let mut parameters = Vec::new();
    while let Some((name, value, after)) = parameter(rest) {
        parameters.push((name.to_owned(), value));
        rest = after;
    }
    Some((scheme, parameters, rest))
}

/// `name=value` or `name="value"` at the beginning of a text, behind blanks and commas.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let (name, rest) = token(text.trim_start_matches([' ', '\t', ',']))?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    match rest.strip_prefix('"') {
        Some(quoted) => {
            let (value, rest) = quoted_string(quoted)?;
            Some((name, value, rest))
        }
        None => {
            let end = rest.find([',', ' ', '\t']).unwrap_or(rest.len());
            Some((name, rest[..end].to_owned(), &rest[end..]))
        }
    }
}

/// The token (RFC 9110 section 5.6.2) at the beginning of a text, and what follows it.
fn token(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|letter: char| {
            !(letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter))
        })
        .unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// The rest of a quoted string (RFC 9110 section 5.6.4), without its quotes, and what follows it.
fn quoted_string(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((index, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &text[index + 1..])),
            '\\' => value.push(letters.next()?.1),
            _ => value.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>) -> Option<Challenge> {
        Some(Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
        })
    }

    #[test]
    fn the_best_challenge_is_found_however_it_is_written() {
        let ghcr = r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:me/site:pull,push""#;
        for (fields, best) in [
            (vec![ghcr], bearer("https://ghcr.io/token", Some("ghcr.io"))),
            (vec!["Basic realm=\"x\""], Some(Challenge::Basic)),
            (vec!["basic"], Some(Challenge::Basic)),
            (
                vec!["Basic realm=\"a, Bearer realm=b\""],
                Some(Challenge::Basic),
            ),
            (
                vec!["Basic realm=\"x\", BEARER Realm = \"https://a/t\""],
                bearer("https://a/t", None),
            ),
            (
                vec!["Bearer realm=https://a/t,service=b", "Basic"],
                bearer("https://a/t", Some("b")),
            ),
            (
                vec![r#"Bearer realm="https://a/\"t""#],
                bearer("https://a/\"t", None),
            ),
            (vec!["Negotiate", "Basic"], Some(Challenge::Basic)),
            (vec!["Bearer service=\"without a realm\""], None),
            (vec!["Bearer realm=\"unfinished"], None),
            (vec!["Negotiate"], None),
            (vec!["", "=", ",,", "\"", "é"], None),
            (vec![], None),
        ] {
            assert_eq!(Challenge::best(fields.iter().copied()), best, "{fields:?}");
        }
    }
}

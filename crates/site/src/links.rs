//! Links between pages: authors write file names, readers get addresses.

use pulldown_cmark::LinkType;

/// What becomes of the links in a body.
#[derive(Debug, Clone, Copy)]
pub enum Links<'a> {
    /// The page itself is shown: relative links become absolute, since its address may end in a slash.
    Shown {
        /// The path of the page, such as `/docs/install`.
        path: &'a str,
        /// The part of it that is the component's route; empty for the root.
        route: &'a str,
    },
    /// The page is an entry of `site.pages`. Its links stay relative, and all rules are those of Bartholomew to the
    /// letter: templates and scripts of existing sites work on these bodies.
    Listed,
}

impl Links<'_> {
    /// Whether links written in that way are rewritten.
    pub(crate) fn cover(self, kind: LinkType) -> bool {
        match self {
            Self::Listed => kind == LinkType::Inline,
            Self::Shown { .. } => matches!(
                kind,
                LinkType::Inline
                    | LinkType::Reference
                    | LinkType::Collapsed
                    | LinkType::Shortcut
                    | LinkType::ReferenceUnknown
                    | LinkType::CollapsedUnknown
                    | LinkType::ShortcutUnknown
            ),
        }
    }

    /// The destination that readers get.
    pub(crate) fn rewrite(self, destination: &str) -> String {
        match self {
            Self::Shown { path, route } => shown(path, route, destination),
            Self::Listed => listed(destination),
        }
    }
}

fn shown(path: &str, route: &str, destination: &str) -> String {
    if has_scheme(destination) || destination.starts_with("//") || destination.starts_with('?') {
        return destination.to_owned();
    }
    let page = without_extension(destination);
    let page = page.strip_prefix("./").unwrap_or(&page);
    if page.starts_with(['/', '#']) {
        return page.to_owned();
    }
    let folder = folder(path);
    if folder.is_empty() {
        return page.to_owned();
    }
    resolve(folder, route, page)
        .unwrap_or_else(|| format!("{}/{page}", folder.trim_end_matches('/')))
}

fn listed(destination: &str) -> String {
    let has_authority = destination.split_once("//").is_some_and(|(scheme, _)| {
        let name = scheme.strip_suffix(':');
        scheme.is_empty()
            || name.is_some_and(|name| {
                !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'+')
            })
    });
    if has_authority {
        return destination.to_owned();
    }
    let page = destination.replace(".md", "");
    match page.strip_prefix("./") {
        Some(rest) => rest.to_owned(),
        None => page,
    }
}

/// RFC 3986 section 3.1: a letter, then letters, digits, `+`, `-` and `.`, up to a colon.
fn has_scheme(destination: &str) -> bool {
    destination.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
}

/// Removes each `.md` that ends a word.
fn without_extension(destination: &str) -> String {
    let mut kept = String::with_capacity(destination.len());
    let mut rest = destination;
    while let Some(at) = rest.find(".md") {
        let after = &rest[at + 3..];
        let ends_word =
            !after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '%'));
        kept.push_str(&rest[..if ends_word { at } else { at + 3 }]);
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// The folder of a page, without a slash at its end; slashes at the end of the path do not count.
fn folder(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match trimmed.rfind('/') {
        Some(0) => "/",
        Some(at) => trimmed[..at].trim_end_matches('/'),
        None if path.starts_with('/') => "/",
        None => "",
    }
}

/// Joins a folder and a relative link and removes dot segments (RFC 3986 section 5.2.4) from its path.
///
/// `None` if the link leads out of the route: what is there is not this site's to say, so the browser shall resolve it.
fn resolve(folder: &str, route: &str, link: &str) -> Option<String> {
    let end = link.find(['?', '#']).unwrap_or(link.len());
    let (path, rest) = link.split_at(end);
    let mut segments = segments_of(folder);
    let fixed = segments_of(route).len();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        match part {
            ".." if segments.len() <= fixed => return None,
            ".." => {
                segments.pop();
            }
            "." => {}
            name => segments.push(name),
        }
        if matches!(part, "." | "..") && parts.peek().is_none() {
            segments.push("");
        }
    }
    let start = if folder.starts_with('/') { "/" } else { "" };
    Some(format!("{start}{}{rest}", segments.join("/")))
}

fn segments_of(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

//! The tags of a template's source, seen without parsing it.
//!
//! What is in a string in a tag is not looked at, so a `}}` there ends the tag too early. Nothing here is relied upon
//! without the parser having the last word.

/// A tag: where it is, with its braces, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag<'source> {
    pub(super) start: usize,
    pub(super) end: usize,
    /// What is between its braces.
    pub(super) inside: &'source str,
    pub(super) kind: Kind<'source>,
}

/// What a tag does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'source> {
    /// Opens the block that has this after its `#`.
    Open(&'source str),
    /// `{{else}}` or `{{^}}` alone.
    Else,
    Close,
    Comment,
    /// A raw block with its content, but not with the name that ends it.
    Raw,
    Other,
}

/// The tags of a source in order.
pub(super) struct Tags<'source> {
    source: &'source str,
    position: usize,
}

impl<'source> Tags<'source> {
    pub(super) const fn of(source: &'source str) -> Self {
        Self {
            source,
            position: 0,
        }
    }
}

impl Tag<'_> {
    /// Whether it removes the white space before it.
    pub(super) fn trims_before(&self) -> bool {
        self.inside.starts_with('~')
    }

    /// Whether it removes the white space after it.
    pub(super) fn trims_after(&self) -> bool {
        self.inside.trim_end_matches('}').ends_with('~')
    }
}

impl<'source> Iterator for Tags<'source> {
    type Item = Tag<'source>;

    fn next(&mut self) -> Option<Tag<'source>> {
        loop {
            let start = self.position + self.source[self.position..].find("{{")?;
            let before = &self.source[..start];
            let rest = &self.source[start..];
            if before.len() - before.trim_end_matches('\\').len() == 1 {
                self.position = start + if rest.starts_with("{{{{") { 4 } else { 2 };
                continue;
            }
            let tag = tag_at(start, rest);
            self.position = tag.end;
            return Some(tag);
        }
    }
}

fn tag_at(start: usize, rest: &str) -> Tag<'_> {
    let (terminator, known) = if rest.starts_with("{{!--") {
        ("--}}", Some(Kind::Comment))
    } else if rest.starts_with("{{!") {
        ("}}", Some(Kind::Comment))
    } else if rest.starts_with("{{{{") {
        ("{{{{/", Some(Kind::Raw))
    } else {
        ("}}", None)
    };
    let (length, inside) = match rest[2..].find(terminator) {
        Some(at) => (2 + at + terminator.len(), &rest[2..2 + at]),
        None => (rest.len(), &rest[2..]),
    };
    Tag {
        start,
        end: start + length,
        inside,
        kind: known.unwrap_or_else(|| kind(inside)),
    }
}

fn kind(inside: &str) -> Kind<'_> {
    let inside = inside.trim_matches('~').trim();
    match inside.strip_prefix('#') {
        Some(block) => Kind::Open(block.trim_start_matches(['*', '>']).trim_start()),
        None if inside.starts_with('/') => Kind::Close,
        None if matches!(inside, "else" | "^") => Kind::Else,
        None => Kind::Other,
    }
}

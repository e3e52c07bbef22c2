//! Markup as a list of tags and texts, so that documents that mean the same compare equal.

/// Elements whose edges keep white space: text runs through them.
const INLINE: [&str; 24] = [
    "a", "abbr", "b", "code", "del", "em", "i", "img", "input", "kbd", "mark", "q", "s", "small",
    "span", "strong", "sub", "sup", "time", "u", "var", "cite", "label", "button",
];
const VOID: [&str; 12] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr",
];
/// Elements in which white space counts.
const PREFORMATTED: [&str; 4] = ["pre", "textarea", "script", "style"];

/// Whether the names of elements and attributes differ by case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Sensitive,
    Insensitive,
}

/// The tokens of an HTML document, without white space that is not shown.
pub(crate) fn html(text: &str) -> Vec<String> {
    let tokens = tokens(text, Case::Insensitive);
    let is_block = |token: Option<&String>| {
        token.is_none_or(|token| token.starts_with('<') && !INLINE.contains(&tag_name(token)))
    };
    let mut shown = Vec::with_capacity(tokens.len());
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| tokens.get(before));
        let mut text = token.as_str();
        if !token.starts_with('<') {
            if is_block(before) {
                text = text.trim_start();
            }
            if is_block(tokens.get(index + 1)) {
                text = text.trim_end();
            }
        }
        shown.push(text.to_owned());
    }
    shown
}

/// Tags (attributes in order of their names) and texts (entities decoded, white space folded) as they follow each other.
pub(crate) fn tokens(text: &str, case: Case) -> Vec<String> {
    let mut reader = Reader {
        case,
        tokens: Vec::new(),
        text: String::new(),
        preformatted: 0,
    };
    let mut rest = text.trim();
    while let Some(start) = rest.find('<') {
        reader.text.push_str(&decode(&rest[..start]));
        rest = reader.markup(&rest[start..]);
    }
    reader.text.push_str(&decode(rest));
    reader.flush();
    reader.tokens
}

struct Reader {
    case: Case,
    tokens: Vec<String>,
    text: String,
    preformatted: usize,
}

impl Reader {
    /// Reads what starts with `<` and returns what follows it.
    fn markup<'a>(&mut self, rest: &'a str) -> &'a str {
        if let Some(comment) = rest.strip_prefix("<!--") {
            let (comment, after) = comment.split_once("-->").unwrap_or((comment, ""));
            self.push(format!("<!--{}-->", comment.trim()));
            return after;
        }
        let starts_tag =
            rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        let Some(end) = tag_end(rest).filter(|_| starts_tag) else {
            self.text.push('<');
            return &rest[1..];
        };
        self.tag(&rest[1..end]);
        &rest[end + 1..]
    }

    fn tag(&mut self, inside: &str) {
        if let Some(name) = inside.strip_prefix('/') {
            let name = self.fold(name.trim());
            self.flush();
            self.preformatted -= usize::from(self.preformatted > 0 && is_preformatted(&name));
            if !VOID.contains(&name.as_str()) {
                self.tokens.push(format!("</{name}>"));
            }
            return;
        }
        let empty = inside.ends_with('/');
        let inside = inside.trim_end_matches('/').trim_end();
        let name_end = inside.find(char::is_whitespace).unwrap_or(inside.len());
        let name = self.fold(&inside[..name_end]);
        let mut attributes = self.attributes(&inside[name_end..]);
        attributes.sort();
        self.push(format!("<{name} {}>", attributes.join(" ")));
        if empty && self.case == Case::Sensitive {
            self.tokens.push(format!("</{name}>"));
        } else if !empty {
            self.preformatted += usize::from(is_preformatted(&name));
        }
    }

    fn attributes(&self, mut rest: &str) -> Vec<String> {
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start();
            if rest.is_empty() {
                return attributes;
            }
            let end = rest
                .find(|c: char| c == '=' || c.is_whitespace())
                .unwrap_or(rest.len());
            let name = self.fold(&rest[..end.max(1)]);
            rest = rest[end.max(1)..].trim_start();
            let mut value = "";
            if let Some(written) = rest.strip_prefix('=') {
                (value, rest) = attribute_value(written.trim_start());
            }
            attributes.push(format!("{name}={}", decode(value)));
        }
    }

    fn push(&mut self, token: String) {
        self.flush();
        self.tokens.push(token);
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.trim().is_empty() {
            return;
        }
        let shown = if self.preformatted > 0 {
            text.trim_matches('\n').to_owned()
        } else {
            fold_white_space(&text)
        };
        self.tokens.push(shown);
    }

    fn fold(&self, name: &str) -> String {
        match self.case {
            Case::Sensitive => name.to_owned(),
            Case::Insensitive => name.to_ascii_lowercase(),
        }
    }
}

/// Where the tag ends that the text starts with; a `>` in a quoted value does not end it.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(index),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

fn attribute_value(written: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = written.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    written.split_at(written.find(char::is_whitespace).unwrap_or(written.len()))
}

fn tag_name(token: &str) -> &str {
    token
        .trim_start_matches(['<', '/'])
        .split([' ', '>'])
        .next()
        .unwrap_or("")
}

fn is_preformatted(name: &str) -> bool {
    PREFORMATTED.contains(&name)
}

fn fold_white_space(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            folded.push(c);
        } else if !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded
}

/// Replaces the character references that the renderers write.
fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        decoded.push_str(&rest[..start]);
        rest = &rest[start..];
        let reference = rest
            .find(';')
            .and_then(|end| Some((character(&rest[1..end])?, end)));
        match reference {
            Some((c, end)) => {
                decoded.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded + rest
}

fn character(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = reference.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

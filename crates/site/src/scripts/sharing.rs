//! Whether a script can be given values that others see too.
//!
//! Rhai copies a map whenever it is read from another one; for a script that goes through thousands of pages that is most of
//! its work. A shared map is passed on by reference, but then a change in one place is a change in all. So a script gets
//! shared maps only if nothing in its text can change what it was given. What it makes itself it may change.

/// Functions that change a map, and ones that show what is shared in their result.
const TELLING: [&str; 13] = [
    "clear",
    "debug",
    "drain",
    "eval",
    "fill_with",
    "mixin",
    "print",
    "remove",
    "retain",
    "set",
    "to_debug",
    "to_json",
    "to_string",
];

/// Functions that change an array or a string in its place. They matter where that is in something else.
const CHANGING: [&str; 20] = [
    "append",
    "chop",
    "crop",
    "dedup",
    "insert",
    "make_lower",
    "make_upper",
    "pad",
    "pop",
    "push",
    "replace",
    "reverse",
    "shift",
    "sort",
    "sort_by",
    "sort_desc",
    "splice",
    "split_off",
    "trim",
    "truncate",
];

/// Whether the script `source` leaves what it was given as it is, as far as its text shows.
pub(super) fn leaves_parameters_alone(source: &str) -> bool {
    let tokens = tokens(source);
    !tokens.iter().enumerate().any(|(at, token)| match token {
        Token::Name(name) if TELLING.contains(name) => true,
        Token::Name(name) if CHANGING.contains(name) => is_called_on_a_part(&tokens[..at]),
        Token::Assignment => is_part(&tokens[..at]),
        _ => false,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'s> {
    Name(&'s str),
    /// `=`, `+=` and the like.
    Assignment,
    Other(u8),
}

/// Whether a method, whose name follows `before`, is called on something that is not a variable of its own.
fn is_called_on_a_part(before: &[Token<'_>]) -> bool {
    match before {
        [receiver @ .., Token::Other(b'.')] => is_part(receiver),
        // Called as a function, it may be given anything.
        _ => true,
    }
}

/// Whether the expression at the end of `tokens` is a part of a value, or `this`.
fn is_part(tokens: &[Token<'_>]) -> bool {
    match tokens {
        [.., Token::Name("this")] | [.., Token::Other(b'.'), Token::Name(_)] => true,
        [.., Token::Name(_)] => false,
        _ => true,
    }
}

/// The names, assignments and other characters of a script. Comments and plain strings are left out; a string with
/// expressions in it counts as text of the script.
fn tokens(source: &str) -> Vec<Token<'_>> {
    let bytes = source.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = &source[at..];
        at += match byte {
            b'/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            b'"' | b'\'' => string_length(rest.as_bytes(), byte),
            b'=' | b'!' | b'<' | b'>' => operator(rest, &mut tokens),
            byte if byte.is_ascii_alphabetic() || byte == b'_' => name(rest, &mut tokens),
            byte if byte.is_ascii_whitespace() => 1,
            byte if byte.is_ascii() => {
                tokens.push(Token::Other(byte));
                1
            }
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
    }
    tokens
}

/// The length of the string at the start of `bytes`, quotes included.
fn string_length(bytes: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Adds an assignment, or passes over a comparison or an arrow.
fn operator<'s>(rest: &'s str, tokens: &mut Vec<Token<'s>>) -> usize {
    for shift in ["<<=", ">>="] {
        if rest.starts_with(shift) {
            tokens.push(Token::Assignment);
            return shift.len();
        }
    }
    for comparison in ["==", "=>", "!=", "<=", ">=", "<<", ">>"] {
        if rest.starts_with(comparison) {
            tokens.push(Token::Other(b'='));
            return comparison.len();
        }
    }
    match (rest.as_bytes()[0], tokens.last()) {
        (b'=', Some(Token::Other(b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^'))) => {
            tokens.pop();
            tokens.push(Token::Assignment);
        }
        (b'=', _) => tokens.push(Token::Assignment),
        (byte, _) => tokens.push(Token::Other(byte)),
    }
    1
}

fn name<'s>(rest: &'s str, tokens: &mut Vec<Token<'s>>) -> usize {
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(rest.len());
    tokens.push(Token::Name(&rest[..end]));
    end
}

//! Reading one tag: what kind it is, and the names, paths and values in it.

use std::collections::HashMap;

use handlebars::Path;
use handlebars::template::{BlockParam, ExpressionSpec, Parameter, Subexpression};

/// How deeply expressions in parentheses are read here.
const MAX_DEPTH: usize = 8;

/// A tag that is common enough to be read here.
pub(super) enum Tag<'source> {
    /// `{{x}}`
    Value(ExpressionSpec),
    /// `{{{x}}}`
    Markup(ExpressionSpec),
    /// `{{> x}}`
    Partial(ExpressionSpec),
    /// `{{! x}}` or `{{!-- x --}}`, with what is between the marks.
    Comment(&'source str),
    /// `{{#x}}`
    Open(ExpressionSpec),
    /// `{{else}}`
    Else,
    /// `{{/x}}`
    Close(&'source str),
}

/// The tag at `start` of `source`, where two braces open, and where it ends.
pub(super) fn read(source: &str, start: usize) -> Option<(Tag<'_>, usize)> {
    let rest = &source[start..];
    if rest.starts_with("{{!") {
        let (text, length) = comment(rest)?;
        return Some((Tag::Comment(text), start + length));
    }
    let mut reader = Reader { rest: &rest[2..] };
    let tag = if reader.take("{") {
        let spec = reader.expression()?;
        reader.take("}").then_some(Tag::Markup(spec))?
    } else {
        reader.tag()?
    };
    reader.skip_blanks();
    let end = reader
        .take("}}")
        .then_some(source.len() - reader.rest.len())?;
    Some((tag, end))
}

/// The text of the comment that `rest` begins with, and the length of its tag.
fn comment(rest: &str) -> Option<(&str, usize)> {
    let (opening, closing) = if rest.starts_with("{{!--") {
        ("{{!--", "--}}")
    } else if rest[3..].trim_start().starts_with("--") {
        return None;
    } else {
        ("{{!", "}}")
    };
    let length = opening.len() + rest[opening.len()..].find(closing)? + closing.len();
    let text = rest[..length].trim_start_matches(opening);
    Some((text.trim_end_matches(closing), length))
}

/// The rest of a source.
struct Reader<'source> {
    rest: &'source str,
}

impl<'source> Reader<'source> {
    fn tag(&mut self) -> Option<Tag<'source>> {
        self.skip_blanks();
        if self.take("#") {
            self.skip_blanks();
            return self.block().map(Tag::Open);
        }
        if self.take("/") {
            self.skip_blanks();
            return self.identifier().map(Tag::Close);
        }
        if self.take(">") {
            self.skip_blanks();
            return self.partial().map(Tag::Partial);
        }
        let mut ahead = Self { rest: self.rest };
        if ahead.word() == Some("else") && ahead.is_at_end() {
            *self = ahead;
            return Some(Tag::Else);
        }
        self.expression().map(Tag::Value)
    }

    /// A path, or a helper with what it is given.
    fn expression(&mut self) -> Option<ExpressionSpec> {
        self.skip_blanks();
        self.call(MAX_DEPTH)
    }

    fn call(&mut self, depth: usize) -> Option<ExpressionSpec> {
        let word = self.word()?;
        if self.is_at_end() {
            return Some(spec(Parameter::Path(path(word)?)));
        }
        let mut spec = spec(Parameter::Name(identifier(word)?.to_owned()));
        while !self.is_at_end() {
            self.argument(&mut spec, depth)?;
        }
        Some(spec)
    }

    /// The name of a helper, what it is given, and the names of what it gives.
    fn block(&mut self) -> Option<ExpressionSpec> {
        let mut spec = spec(Parameter::Name(self.identifier()?.to_owned()));
        while !self.is_at_end() {
            let mut ahead = Self { rest: self.rest };
            if ahead.word() == Some("as") {
                *self = ahead;
                spec.block_param = Some(self.block_parameters()?);
                return self.is_at_end().then_some(spec);
            }
            self.argument(&mut spec, MAX_DEPTH)?;
        }
        Some(spec)
    }

    fn partial(&mut self) -> Option<ExpressionSpec> {
        let word = self.word()?;
        let is_name = !word.contains(['$', '@']);
        let mut spec = spec(is_name.then(|| Parameter::Name(word.to_owned()))?);
        while !self.is_at_end() {
            self.argument(&mut spec, MAX_DEPTH)?;
        }
        Some(spec)
    }

    /// `|item|` or `|item key|`
    fn block_parameters(&mut self) -> Option<BlockParam> {
        self.skip_blanks();
        if !self.take("|") {
            return None;
        }
        let mut name = || {
            self.skip_blanks();
            let name = self.identifier();
            self.skip_blanks();
            name.map(|name| Parameter::Name(name.to_owned()))
        };
        let parameters = match (name()?, name()) {
            (item, Some(key)) => BlockParam::Pair((item, key)),
            (item, None) => BlockParam::Single(item),
        };
        self.take("|").then_some(parameters)
    }

    /// `value` or `name=value`
    fn argument(&mut self, spec: &mut ExpressionSpec, depth: usize) -> Option<()> {
        let mut ahead = Self { rest: self.rest };
        let name = ahead.identifier();
        ahead.skip_blanks();
        if let Some(name) = name
            && ahead.take("=")
        {
            ahead.skip_blanks();
            *self = ahead;
            let value = self.value(depth)?;
            spec.hash.insert(name.to_owned(), value);
        } else {
            spec.params.push(self.value(depth)?);
        }
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Parameter> {
        let value = match self.rest.chars().next()? {
            '(' => self.subexpression(depth.checked_sub(1)?)?,
            quote @ ('"' | '\'') => self.string(quote)?,
            _ => word_value(self.word()?)?,
        };
        self.is_at_boundary().then_some(value)
    }

    fn subexpression(&mut self, depth: usize) -> Option<Parameter> {
        self.rest = &self.rest[1..];
        self.skip_blanks();
        let ExpressionSpec {
            name, params, hash, ..
        } = self.call(depth)?;
        self.take(")")
            .then(|| Parameter::Subexpression(Subexpression::new(name, params, hash)))
    }

    /// A string between two of `quote`. Those with escapes are left to the parser.
    fn string(&mut self, quote: char) -> Option<Parameter> {
        let (inside, rest) = self.rest[1..].split_once(quote)?;
        self.rest = rest;
        // Line ends are mistakes.
        let is_plain = !inside.contains(|c: char| c == '\\' || c.is_ascii_control());
        is_plain.then(|| Parameter::Literal(inside.into()))
    }

    /// A name or path.
    fn word(&mut self) -> Option<&'source str> {
        let is_part = |c: char| is_symbol(c) || matches!(c, '.' | '/' | '@');
        let length = self.rest.find(|c| !is_part(c))?;
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn identifier(&mut self) -> Option<&'source str> {
        identifier(self.word()?)
    }

    /// Whether nothing follows but what ends a tag or an expression in parentheses. Moves on to what does follow, which
    /// has to be apart from what was read.
    fn is_at_end(&mut self) -> bool {
        self.skip_blanks();
        self.rest.starts_with(['}', ')'])
    }

    fn is_at_boundary(&self) -> bool {
        self.rest.starts_with([' ', '\t', '\n', '}', ')'])
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n']);
    }

    fn take(&mut self, expected: &str) -> bool {
        let rest = self.rest.strip_prefix(expected);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

fn spec(name: Parameter) -> ExpressionSpec {
    ExpressionSpec {
        name,
        params: Vec::new(),
        hash: HashMap::new(),
        block_param: None,
        omit_pre_ws: false,
        omit_pro_ws: false,
    }
}

/// The value that `word` stands for as an argument.
fn word_value(word: &str) -> Option<Parameter> {
    if word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        let is_integer = word.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_integer.then(|| serde_json::from_str(word).ok())??;
        return Some(Parameter::Literal(number));
    }
    match word {
        "true" => return Some(Parameter::Literal(true.into())),
        "false" => return Some(Parameter::Literal(false.into())),
        "null" => return Some(Parameter::Literal(serde_json::Value::Null)),
        _ => {}
    }
    let first = word.find(['.', '/', '@']).map_or(word, |end| &word[..end]);
    let is_keyword = matches!(first, "as" | "else" | "true" | "false" | "null");
    (!is_keyword).then(|| path(word).map(Parameter::Path))?
}

fn path(word: &str) -> Option<Path> {
    Path::parse(word).ok()
}

fn identifier(word: &str) -> Option<&str> {
    word.chars().all(is_symbol).then_some(word)
}

const fn is_symbol(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$') || !c.is_ascii()
}

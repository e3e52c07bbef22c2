//! Compiling a template of common tags without the parser of Handlebars, which takes half of the time of a page.
//!
//! What comes out is what the parser would give, to the last column. Tags that are less common, and mistakes, are left
//! to the parser.

mod tag;
#[cfg(test)]
mod tests;

use std::ops::Range;

use handlebars::Template;
use handlebars::template::{
    DecoratorTemplate, ExpressionSpec, HelperTemplate, TemplateElement, TemplateMapping,
};

use self::tag::Tag;

/// The template `source`, compiled, without a name; `None` if only the parser can tell what it is.
pub(super) fn compile(source: &str) -> Option<Template> {
    // Where the parser sees lines end is its own affair.
    if source.contains('\r') {
        return None;
    }
    let mut builder = Builder::new(source);
    let mut position = 0;
    while let Some(at) = source[position..].find("{{") {
        let start = position + at;
        builder.add_text(position..start)?;
        let (tag, end) = tag::read(source, start)?;
        builder.add_tag(tag, start..end)?;
        position = end;
    }
    builder.add_text(position..source.len())?;
    builder.open.is_empty().then_some(builder.current)
}

/// Puts texts and tags together, in their order.
struct Builder<'source> {
    source: &'source str,
    /// The template that is read: the outermost one, or a branch of the innermost open block.
    current: Template,
    /// The open blocks, the innermost last.
    open: Vec<OpenBlock>,
    /// Whether the text that follows loses its first line, which the tag before it stands alone on.
    after_lone_tag: bool,
    place: Place,
}

struct OpenBlock {
    helper: HelperTemplate,
    /// The template that it is in.
    outer: Template,
}

/// A position in the source, with its line and column, both from 1.
struct Place {
    position: usize,
    line: usize,
    column: usize,
}

impl<'source> Builder<'source> {
    fn new(source: &'source str) -> Self {
        Self {
            source,
            current: Template::new(),
            open: Vec::new(),
            after_lone_tag: false,
            place: Place {
                position: 0,
                line: 1,
                column: 1,
            },
        }
    }

    /// Adds the text at `range`. A backslash at its end would make text of the tag.
    fn add_text(&mut self, range: Range<usize>) -> Option<()> {
        let mut text = &self.source[range.clone()];
        if text.is_empty() {
            return Some(());
        }
        if text.ends_with('\\') {
            return None;
        }
        let blanks = text.len() - text.trim_start_matches([' ', '\t', '\n']).len();
        // The parser passes over blanks, but for those at the very beginning.
        let begins = if range.start == 0 {
            0
        } else {
            range.start + blanks
        };
        let mapping = self.place.advance(self.source, begins);
        if std::mem::take(&mut self.after_lone_tag) {
            text = text.trim_start_matches(is_blank);
            text = text.strip_prefix('\n').unwrap_or(text);
        }
        self.push(TemplateElement::RawString(text.to_owned()), mapping);
        Some(())
    }

    fn add_tag(&mut self, tag: Tag<'source>, range: Range<usize>) -> Option<()> {
        let mapping = self.place.advance(self.source, range.start);
        match tag {
            Tag::Value(spec) => {
                let helper = HelperTemplate::new(spec, false);
                self.push(TemplateElement::Expression(Box::new(helper)), mapping);
            }
            Tag::Markup(spec) => {
                let helper = HelperTemplate::new(spec, false);
                self.push(TemplateElement::HtmlExpression(Box::new(helper)), mapping);
            }
            Tag::Partial(spec) => self.add_partial(spec, range, mapping),
            Tag::Comment(text) => {
                self.strip_lone_line(range);
                self.push(TemplateElement::Comment(text.to_owned()), mapping);
            }
            Tag::Open(spec) => {
                self.strip_lone_line(range);
                self.current.mapping.push(mapping);
                self.open.push(OpenBlock {
                    helper: HelperTemplate::new(spec, true),
                    outer: std::mem::take(&mut self.current),
                });
            }
            Tag::Else => {
                self.strip_lone_line(range);
                let first = std::mem::take(&mut self.current);
                let block = &mut self.open.last_mut()?.helper;
                if block.template.replace(first).is_some() {
                    return None;
                }
            }
            Tag::Close(name) => {
                self.strip_lone_line(range);
                self.close(name)?;
            }
        }
        Some(())
    }

    /// A partial that stands alone on its line has its indentation.
    fn add_partial(&mut self, spec: ExpressionSpec, range: Range<usize>, mapping: TemplateMapping) {
        let before = &self.source[..range.start];
        let blanks = &before[before.trim_end_matches(is_blank).len()..];
        self.after_lone_tag = self.is_alone(&range);
        let mut partial = DecoratorTemplate::new(spec);
        partial.indent = (!blanks.is_empty()).then(|| blanks.to_owned());
        self.push(
            TemplateElement::PartialExpression(Box::new(partial)),
            mapping,
        );
    }

    fn close(&mut self, name: &str) -> Option<()> {
        let OpenBlock { mut helper, outer } = self.open.pop()?;
        if helper.name.as_name() != Some(name) {
            return None;
        }
        let last = std::mem::replace(&mut self.current, outer);
        if helper.template.is_some() {
            helper.inverse = Some(last);
        } else {
            helper.template = Some(last);
        }
        // Its place was noted when it was opened.
        let block = TemplateElement::HelperBlock(Box::new(helper));
        self.current.elements.push(block);
        Some(())
    }

    /// Removes the line of a tag that stands alone on it.
    fn strip_lone_line(&mut self, tag: Range<usize>) {
        self.after_lone_tag = self.is_alone(&tag);
        if self.after_lone_tag
            && let Some(TemplateElement::RawString(text)) = self.current.elements.last_mut()
        {
            text.truncate(text.trim_end_matches(is_blank).len());
        }
    }

    /// Whether a tag has its line to itself. A last line without an end does not count.
    fn is_alone(&self, tag: &Range<usize>) -> bool {
        let before = self.source[..tag.start].trim_end_matches(is_blank);
        let after = self.source[tag.end..].trim_start_matches(is_blank);
        (before.is_empty() || before.ends_with('\n')) && after.starts_with('\n')
    }

    fn push(&mut self, element: TemplateElement, mapping: TemplateMapping) {
        self.current.elements.push(element);
        self.current.mapping.push(mapping);
    }
}

impl Place {
    /// Moves on to `position` of `source`.
    fn advance(&mut self, source: &str, position: usize) -> TemplateMapping {
        let passed = &source[self.position..position];
        if let Some(last) = passed.rfind('\n') {
            self.line += passed.matches('\n').count();
            self.column = 1 + passed[last + 1..].chars().count();
        } else {
            self.column += passed.chars().count();
        }
        self.position = position;
        TemplateMapping(self.line, self.column)
    }
}

const fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

//! Where in the context a value of a template may come from.

use std::collections::BTreeMap;

/// A value, as far as is known before the template is rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place<'t> {
    /// In the context, this far below its root.
    Context(Vec<Step<'t>>),
    /// In what a script returned, which may be anything that it was given: this many levels of unknown names below the
    /// last known one. The result itself is one, as its name is not known either.
    Derived(usize),
    /// Some value with the hash of a partial on top.
    Merged(Box<Place<'t>>, BTreeMap<&'t str, Place<'t>>),
    /// Nothing of the context.
    Elsewhere,
}

/// One level down into a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'t> {
    Field(&'t str),
    /// Whatever field or element.
    Any,
}

/// The blocks around a place in a template, the innermost first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'s, 't> {
    pub(super) block: &'s Block<'t>,
    pub(super) outer: Option<&'s Scope<'s, 't>>,
}

/// What a block brings into scope.
#[derive(Debug, Clone)]
pub(super) struct Block<'t> {
    pub(super) this: Place<'t>,
    pub(super) params: Vec<(&'t str, Place<'t>)>,
}

/// A path as it is written in a template, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path<'t> {
    pub(super) start: Start,
    pub(super) fields: Vec<&'t str>,
}

/// Where a path starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// At the root of the context.
    Root,
    /// This many blocks further out.
    Block(usize),
    /// At a variable of a block, such as `@index`.
    Variable,
}

impl<'t> Place<'t> {
    /// What is one `step` below.
    pub(super) fn below(&self, step: Step<'t>) -> Self {
        match (self, step) {
            (Self::Context(steps), _) => {
                let mut steps = steps.clone();
                steps.push(step);
                Self::Context(steps)
            }
            (Self::Derived(_), Step::Field(_)) => Self::Derived(0),
            (Self::Derived(levels), Step::Any) => Self::Derived(levels + 1),
            (Self::Merged(base, hash), Step::Field(name)) => {
                hash.get(name).cloned().unwrap_or_else(|| base.below(step))
            }
            (Self::Merged(base, _), Step::Any) => base.below(step),
            (Self::Elsewhere, _) => Self::Elsewhere,
        }
    }
}

impl<'s, 't> Scope<'s, 't> {
    /// The block `levels` further out; the innermost one when there are not as many, as Handlebars has it.
    pub(super) fn block_at(&self, levels: usize) -> &'s Block<'t> {
        let mut scope = self;
        for _ in 0..levels {
            match scope.outer {
                Some(outer) => scope = outer,
                None => return self.block,
            }
        }
        scope.block
    }

    /// What the block parameter `name` stands for, if there is one.
    pub(super) fn param(&self, name: &str) -> Option<&'s Place<'t>> {
        let mut scope = Some(self);
        while let Some(current) = scope {
            if let Some((_, place)) = current
                .block
                .params
                .iter()
                .find(|(known, _)| *known == name)
            {
                return Some(place);
            }
            scope = current.outer;
        }
        None
    }
}

impl<'t> Path<'t> {
    /// Takes apart the path `raw`, which is a valid one.
    pub(super) fn parse(raw: &'t str) -> Self {
        let (mut start, mut rest) = match raw
            .strip_prefix("@root")
            .filter(|rest| rest.starts_with(['.', '/']))
        {
            Some(rest) => (Start::Root, &rest[1..]),
            None => match raw.strip_prefix('@') {
                Some(rest) => (Start::Variable, rest),
                None => (Start::Block(0), raw.strip_prefix("./").unwrap_or(raw)),
            },
        };
        let mut fields = Vec::new();
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix("..") {
                if let Start::Block(levels) = &mut start {
                    *levels += 1;
                }
                rest = inner.strip_prefix(['/', '.']).unwrap_or(inner);
                continue;
            }
            let (field, after) = next_field(rest);
            if field != "this" && !field.is_empty() {
                fields.push(field);
            }
            rest = after;
        }
        // `this/@root/x`, `./@root.x`
        if let [first, ..] = fields[..]
            && let Some(variable) = first.strip_prefix('@')
        {
            start = if variable == "root" {
                Start::Root
            } else {
                Start::Variable
            };
            fields.remove(0);
        }
        Self { start, fields }
    }
}

/// The first field of `path`, and what follows its separator.
fn next_field(path: &str) -> (&str, &str) {
    if let Some((field, after)) = path
        .strip_prefix('[')
        .and_then(|inner| inner.split_once(']'))
    {
        return (field, after.strip_prefix(['/', '.']).unwrap_or(after));
    }
    path.split_once(['/', '.']).unwrap_or((path, ""))
}

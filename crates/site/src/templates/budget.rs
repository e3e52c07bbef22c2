//! What a render may do: how deep partials and blocks are in each other, and how many turns loops and partials take.
//!
//! Handlebars itself only notices a partial that includes itself directly. So each partial tag is put between two tags
//! that count, and each loop begins with one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use handlebars::template::{HelperTemplate, Parameter, TemplateElement};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError,
    Template,
};

/// How many blocks and partials may be open at once. More than any page has, and a fraction of what the stack holds.
const MAX_LEVELS: u64 = 256;

/// How many turns of loops, and partials, there may be in one render. Enough to go through all pages of a large site for
/// each of its tags.
const MAX_TURNS: u64 = 2_000_000;

/// The names of the tags that count. No template can name them, as they have spaces.
const ENTER: &str = "enter partial";
const LEAVE: &str = "leave partial";
const TURN: &str = "take turn";

/// What one render has used.
#[derive(Debug, Default)]
pub(super) struct Budget {
    /// How many blocks and partials are being rendered inside each other.
    levels: AtomicU64,
    turns: AtomicU64,
}

struct Enter<'run>(&'run Budget);
struct Leave<'run>(&'run Budget);
struct Turn<'run>(&'run Budget);

/// Puts the tags that count around each partial tag of `template` and into each loop. Returns whether it has any.
pub(super) fn add_counters(template: &mut Template) -> bool {
    add_counters_in(template, 1)
}

/// Whether `tag` is one of the tags that count.
pub(crate) fn is_counter(tag: &HelperTemplate) -> bool {
    matches!(tag.name.as_name(), Some(ENTER | LEAVE | TURN))
}

impl Budget {
    /// Registers the helpers that the counting tags call.
    pub(super) fn register<'rc>(&'rc self, render: &mut RenderContext<'_, 'rc>) {
        render.register_local_helper(ENTER, Box::new(Enter(self)));
        render.register_local_helper(LEAVE, Box::new(Leave(self)));
        render.register_local_helper(TURN, Box::new(Turn(self)));
    }

    fn enter(&self, levels: u64) -> HelperResult {
        if self.levels.fetch_add(levels, Ordering::Relaxed) + levels > MAX_LEVELS {
            return Err(RenderError::new(format!(
                "partials and blocks are more than {MAX_LEVELS} levels deep in each other"
            )));
        }
        self.take_turn()
    }

    fn take_turn(&self) -> HelperResult {
        if self.turns.fetch_add(1, Ordering::Relaxed) >= MAX_TURNS {
            return Err(RenderError::new(format!(
                "loops and partials take more than {MAX_TURNS} turns"
            )));
        }
        Ok(())
    }
}

impl HelperDef for Enter<'_> {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'reg, 'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        _: &mut dyn Output,
    ) -> HelperResult {
        self.0.enter(levels(helper))
    }
}

impl HelperDef for Leave<'_> {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'reg, 'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        _: &mut dyn Output,
    ) -> HelperResult {
        self.0.levels.fetch_sub(levels(helper), Ordering::Relaxed);
        Ok(())
    }
}

impl HelperDef for Turn<'_> {
    fn call<'reg: 'rc, 'rc>(
        &self,
        _: &Helper<'reg, 'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        _: &mut dyn Output,
    ) -> HelperResult {
        self.0.take_turn()
    }
}

/// `level` is how many blocks of its template, and the template itself, are open around what is in `template`.
fn add_counters_in(template: &mut Template, level: u64) -> bool {
    let mut found = false;
    for (element, mapping) in template.elements.iter_mut().zip(&template.mapping) {
        let branches = match element {
            TemplateElement::HelperBlock(block) => {
                [block.template.as_mut(), block.inverse.as_mut()]
            }
            TemplateElement::DecoratorBlock(block) | TemplateElement::PartialBlock(block) => {
                [block.template.as_mut(), None]
            }
            _ => [None, None],
        };
        for branch in branches.into_iter().flatten() {
            found |= add_counters_in(branch, level + 1);
        }
        if let Some(turn) = loop_body(element) {
            turn.elements.insert(0, tag(TURN, level));
            turn.mapping.insert(0, mapping.clone());
            found = true;
        }
    }
    if template.elements.iter().any(is_partial) {
        surround_partials(template, level);
        found = true;
    }
    found
}

/// What an `each` renders for each element.
fn loop_body(element: &mut TemplateElement) -> Option<&mut Template> {
    match element {
        TemplateElement::HelperBlock(block) if block.name.as_name() == Some("each") => {
            block.template.as_mut()
        }
        _ => None,
    }
}

fn surround_partials(template: &mut Template, level: u64) {
    let elements = std::mem::take(&mut template.elements);
    let mappings = std::mem::take(&mut template.mapping);
    for (element, mapping) in elements.into_iter().zip(mappings) {
        if is_partial(&element) {
            let counted = [tag(ENTER, level), element, tag(LEAVE, level)];
            template.elements.extend(counted);
            template
                .mapping
                .extend([mapping.clone(), mapping.clone(), mapping]);
        } else {
            template.elements.push(element);
            template.mapping.push(mapping);
        }
    }
}

const fn is_partial(element: &TemplateElement) -> bool {
    matches!(
        element,
        TemplateElement::PartialExpression(_) | TemplateElement::PartialBlock(_)
    )
}

fn tag(name: &str, level: u64) -> TemplateElement {
    TemplateElement::Expression(Box::new(HelperTemplate {
        name: Parameter::Name(name.to_owned()),
        params: vec![Parameter::Literal(level.into())],
        hash: HashMap::new(),
        block_param: None,
        template: None,
        inverse: None,
        block: false,
    }))
}

fn levels(helper: &Helper<'_, '_>) -> u64 {
    let level = helper.param(0).and_then(|param| param.value().as_u64());
    level.expect("the tags are made here, with a level")
}

//! How deeply partials may include each other, with the blocks that these are in.
//!
//! Handlebars itself only notices a partial that includes itself directly. So each partial tag is put between two tags
//! that count.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use handlebars::template::{HelperTemplate, Parameter, TemplateElement};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError,
    Template,
};

/// How many blocks and partials may be open at once. More than any page has, and a fraction of what the stack holds.
const MAX_LEVELS: u64 = 256;

/// The names of the tags that count. No template can name them, as they have spaces.
const ENTER: &str = "enter partial";
const LEAVE: &str = "leave partial";

/// How many blocks and partials are being rendered inside each other.
#[derive(Debug, Default)]
pub(super) struct Levels(AtomicU64);

struct Enter<'run>(&'run Levels);
struct Leave<'run>(&'run Levels);

/// Puts the tags that count around each partial tag of `template`. Returns whether it has any.
pub(super) fn count_partials(template: &mut Template) -> bool {
    count_partials_in(template, 1)
}

/// Whether `tag` is one of the tags that count.
pub(crate) fn counts_partials(tag: &HelperTemplate) -> bool {
    matches!(tag.name.as_name(), Some(ENTER | LEAVE))
}

impl Levels {
    /// Registers the helpers that the counting tags call.
    pub(super) fn register<'rc>(&'rc self, render: &mut RenderContext<'_, 'rc>) {
        render.register_local_helper(ENTER, Box::new(Enter(self)));
        render.register_local_helper(LEAVE, Box::new(Leave(self)));
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
        let levels = levels(helper);
        if self.0.0.fetch_add(levels, Ordering::Relaxed) + levels > MAX_LEVELS {
            return Err(RenderError::new(format!(
                "partials and blocks are more than {MAX_LEVELS} levels deep in each other"
            )));
        }
        Ok(())
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
        self.0.0.fetch_sub(levels(helper), Ordering::Relaxed);
        Ok(())
    }
}

/// `level` is how many blocks of its template, and the template itself, are open around what is in `template`.
fn count_partials_in(template: &mut Template, level: u64) -> bool {
    let mut found = false;
    for element in &mut template.elements {
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
            found |= count_partials_in(branch, level + 1);
        }
    }
    if template.elements.iter().any(is_partial) {
        surround_partials(template, level);
        found = true;
    }
    found
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

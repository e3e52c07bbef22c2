//! `{{else if}}`: Handlebars 4.3 takes it for a helper in the first branch, here it becomes a block in the second one.

use handlebars::Template;
use handlebars::template::{HelperTemplate, Parameter, TemplateElement, TemplateMapping};

/// Turns each `{{else if x}}` of a compiled template into an `{{else}}` with an `if` block in it, and so for any other
/// helper than `if`. `source` is what the template was compiled from.
pub(super) fn chain_else_blocks(template: &mut Template, source: &str) {
    for element in &mut template.elements {
        match element {
            TemplateElement::HelperBlock(block) => chain_block(block, source),
            TemplateElement::DecoratorBlock(block) | TemplateElement::PartialBlock(block) => {
                if let Some(body) = &mut block.template {
                    chain_else_blocks(body, source);
                }
            }
            _ => {}
        }
    }
}

fn chain_block(block: &mut HelperTemplate, source: &str) {
    if let Some(body) = &mut block.template
        && let Some(index) = body
            .elements
            .iter()
            .position(|element| chained_helper(element).is_some())
        && let Some((nested, mapping)) = split_off(body, index, block.inverse.take(), source)
    {
        let mut inverse = Template::new();
        inverse.elements.push(nested);
        inverse.mapping.push(mapping);
        block.inverse = Some(inverse);
    }
    for branch in [&mut block.template, &mut block.inverse]
        .into_iter()
        .flatten()
    {
        chain_else_blocks(branch, source);
    }
}

/// Moves what follows the `{{else if}}` at `index` of `body` into a block of its own, with `inverse` as its `else`.
fn split_off(
    body: &mut Template,
    index: usize,
    inverse: Option<Template>,
    source: &str,
) -> Option<(TemplateElement, TemplateMapping)> {
    let mapping = body.mapping.get(index)?.clone();
    let mut rest = Template::new();
    rest.elements = body.elements.split_off(index + 1);
    rest.mapping = body.mapping.split_off(index + 1);
    let tag = body.elements.pop()?;
    body.mapping.truncate(index);
    strip_standalone_line(body, &mut rest, &mapping, source);
    let TemplateElement::Expression(mut helper) = tag else {
        return None;
    };
    let name = helper.params.remove(0);
    helper.name = Parameter::Name(name.as_name()?.to_owned());
    helper.template = Some(rest);
    helper.inverse = inverse;
    helper.block = true;
    Some((TemplateElement::HelperBlock(helper), mapping))
}

/// The name of the helper in `{{else helper …}}`, if `element` is such a tag.
fn chained_helper(element: &TemplateElement) -> Option<&str> {
    let TemplateElement::Expression(tag) = element else {
        return None;
    };
    match tag.params.first()? {
        name @ Parameter::Path(_) if tag.name.as_name() == Some("else") => name.as_name(),
        _ => None,
    }
}

/// Removes the line of a tag that stands alone on it, as is done for all block tags.
fn strip_standalone_line(
    before: &mut Template,
    after: &mut Template,
    mapping: &TemplateMapping,
    source: &str,
) {
    let line = source
        .split('\n')
        .nth(mapping.0.saturating_sub(1))
        .unwrap_or_default();
    let indented = line.chars().take(mapping.1.saturating_sub(1)).all(is_blank);
    let Some(TemplateElement::RawString(following)) = after.elements.first_mut() else {
        return;
    };
    let trimmed = following.trim_start_matches(is_blank);
    let Some(remaining) = trimmed
        .strip_prefix("\r\n")
        .or_else(|| trimmed.strip_prefix('\n'))
    else {
        return;
    };
    if !indented {
        return;
    }
    *following = remaining.to_owned();
    if let Some(TemplateElement::RawString(text)) = before.elements.last_mut() {
        text.truncate(text.trim_end_matches(is_blank).len());
    }
}

const fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

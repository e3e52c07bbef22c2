//! The partials that templates define inside themselves.

use std::collections::BTreeMap;

use handlebars::Template;
use handlebars::template::{Parameter, TemplateElement};
use serde_json::Value;

use crate::templates::Program;

/// All inline partials of a program. Which of them are in force where depends on what was rendered before.
#[derive(Debug, Default)]
pub(super) struct InlinePartials<'t> {
    by_name: BTreeMap<&'t str, Vec<&'t Template>>,
    /// Whether there is one whose name is computed, so that any partial may be it.
    pub(super) any_name: bool,
}

impl<'t> InlinePartials<'t> {
    pub(super) fn of(program: &'t Program) -> Self {
        let mut found = Self::default();
        for template in program.templates() {
            found.find_in(template);
        }
        found
    }

    /// Those that are called `name`.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &'t Template> + use<'_, 't> {
        self.by_name.get(name).into_iter().flatten().copied()
    }

    fn find_in(&mut self, template: &'t Template) {
        for element in &template.elements {
            let (body, inverse) = match element {
                TemplateElement::DecoratorBlock(tag) => {
                    self.add(tag.params.first(), tag.template.as_ref());
                    (&tag.template, &None)
                }
                TemplateElement::PartialBlock(tag) => (&tag.template, &None),
                TemplateElement::HelperBlock(tag) => (&tag.template, &tag.inverse),
                _ => continue,
            };
            for template in [body, inverse].into_iter().flatten() {
                self.find_in(template);
            }
        }
    }

    fn add(&mut self, name: Option<&'t Parameter>, partial: Option<&'t Template>) {
        match (name, partial) {
            (Some(Parameter::Literal(Value::String(name))), Some(partial)) => {
                self.by_name.entry(name).or_default().push(partial);
            }
            _ => self.any_name = true,
        }
    }
}

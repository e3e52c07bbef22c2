//! Which partials and helpers a template names.

use std::collections::BTreeSet;

use handlebars::Template;
use handlebars::template::{DecoratorTemplate, HelperTemplate, Parameter, TemplateElement};

use super::budget::is_counter;

/// The names in a template, its blocks and its inline partials.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Mentions {
    /// The partials that it includes by a name that is written there.
    pub(crate) partials: BTreeSet<String>,
    /// Whether it includes one whose name is computed.
    pub(crate) dynamic_partial: bool,
    /// What it calls, or may call: a name alone is a field unless there is a helper of that name.
    pub(crate) helpers: BTreeSet<String>,
}

impl Mentions {
    /// Adds what `template` names.
    pub(crate) fn add(&mut self, template: &Template) {
        for element in &template.elements {
            match element {
                TemplateElement::Expression(tag) if is_counter(tag) => {}
                TemplateElement::Expression(tag)
                | TemplateElement::HtmlExpression(tag)
                | TemplateElement::HelperBlock(tag) => self.add_helper(tag),
                TemplateElement::PartialExpression(tag) | TemplateElement::PartialBlock(tag) => {
                    match &tag.name {
                        Parameter::Subexpression(_) => self.dynamic_partial = true,
                        name => self.partials.extend(name.as_name().map(ToOwned::to_owned)),
                    }
                    self.add_decorator(tag);
                }
                TemplateElement::DecoratorExpression(tag)
                | TemplateElement::DecoratorBlock(tag) => {
                    self.add_decorator(tag);
                }
                TemplateElement::RawString(_) | TemplateElement::Comment(_) => {}
            }
        }
    }

    fn add_helper(&mut self, tag: &HelperTemplate) {
        if let Some(name) = tag.name.as_name() {
            self.helpers.insert(name.to_owned());
        }
        self.add_parameter(&tag.name);
        for parameter in tag.params.iter().chain(tag.hash.values()) {
            self.add_parameter(parameter);
        }
        for template in [&tag.template, &tag.inverse].into_iter().flatten() {
            self.add(template);
        }
    }

    fn add_decorator(&mut self, tag: &DecoratorTemplate) {
        self.add_parameter(&tag.name);
        for parameter in tag.params.iter().chain(tag.hash.values()) {
            self.add_parameter(parameter);
        }
        if let Some(template) = &tag.template {
            self.add(template);
        }
    }

    fn add_parameter(&mut self, parameter: &Parameter) {
        if let Parameter::Subexpression(expression) = parameter
            && let TemplateElement::Expression(tag) = expression.as_element()
        {
            self.add_helper(tag);
        }
    }
}

//! Templates and scripts that do not compile: they fail what uses them, and only when it does.

use std::collections::HashMap;

use handlebars::template::{HelperTemplate, Parameter, TemplateElement, TemplateMapping};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError,
    Template,
};

use super::error::TemplateError;

struct Fail(TemplateError);

/// Registers a template `name` that fails with `error`.
pub(super) fn register_template(registry: &mut Handlebars<'_>, name: &str, error: TemplateError) {
    // No template can call this helper, as its name has a space.
    let helper = format!("fail {name}");
    let mut template = Template::new();
    template.name = Some(name.to_owned());
    template.elements.push(call(&helper));
    template.mapping.push(TemplateMapping(1, 1));
    registry.register_template(name, template);
    register_helper(registry, &helper, error);
}

/// Registers a helper `name` that fails with `error`.
pub(super) fn register_helper(registry: &mut Handlebars<'_>, name: &str, error: TemplateError) {
    registry.register_helper(name, Box::new(Fail(error)));
}

impl HelperDef for Fail {
    fn call<'reg: 'rc, 'rc>(
        &self,
        _: &Helper<'reg, 'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        _: &mut dyn Output,
    ) -> HelperResult {
        Err(RenderError::from_error(
            "a template or script does not compile",
            self.0.clone(),
        ))
    }
}

fn call(helper: &str) -> TemplateElement {
    TemplateElement::Expression(Box::new(HelperTemplate {
        name: Parameter::Name(helper.to_owned()),
        params: Vec::new(),
        hash: HashMap::new(),
        block_param: None,
        template: None,
        inverse: None,
        block: false,
    }))
}

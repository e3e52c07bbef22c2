//! Compiled templates with the helpers that they use, ready to be rendered any number of times.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as _;
use std::sync::Arc;

use handlebars::{Context, Handlebars, RenderContext, RenderError, Renderable, Template};

use super::budget::{Budget, add_counters};
use super::error::TemplateError;
use super::output::{BoundedOutput, TooLarge, escape_html};
use super::{broken, chain, direct, nesting, pieces};
use crate::dialect::{self, Kind};
use crate::scripts::{Script, ScriptFolder, ScriptRun};
use crate::surroundings::Surroundings;

/// Some templates and what they call.
#[derive(Debug)]
pub(crate) struct Program {
    registry: Handlebars<'static>,
    origins: BTreeMap<String, Origin>,
    scripts: BTreeMap<String, Arc<Script>>,
    observers: Vec<String>,
    is_counted: bool,
}

/// Where a template was read from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    /// Relative to the site's root; `None` for a body that is a template.
    pub(crate) path: Option<String>,
    /// How many lines of the file come before the template.
    pub(crate) lines_before: usize,
}

impl Program {
    /// A program without templates, which writes values escaped for HTML.
    pub(crate) fn for_html() -> Self {
        Self::new(escape_html)
    }

    /// A program without templates, which writes values as they are.
    pub(crate) fn for_text() -> Self {
        Self::new(handlebars::no_escape)
    }

    fn new(escape: fn(&str) -> String) -> Self {
        let mut registry = Handlebars::new();
        registry.register_escape_fn(escape);
        Self {
            registry,
            origins: BTreeMap::new(),
            scripts: BTreeMap::new(),
            observers: Vec::new(),
            is_counted: false,
        }
    }

    /// Compiles `source` and adds it as `name`.
    pub(crate) fn add(
        &mut self,
        name: &str,
        source: &str,
        origin: Origin,
    ) -> Result<&Template, TemplateError> {
        if let Some(line) = nesting::line_nested_too_deeply(source) {
            let error = TemplateError::new("blocks or expressions are nested too deeply");
            return Err(origin.place(error, Some(line), None));
        }
        let mut template = match direct::compile(source) {
            Some(template) => template,
            None => {
                pieces::compile(source).map_err(|error| syntax_failure(&error, source, &origin))?
            }
        };
        template.name = Some(name.to_owned());
        chain::chain_else_blocks(&mut template, source);
        self.is_counted |= add_counters(&mut template);
        self.registry.register_template(name, template);
        self.origins.insert(name.to_owned(), origin);
        Ok(self.template(name).expect("it was registered just now"))
    }

    /// Adds a template `name` that fails with `error` when it is rendered.
    pub(crate) fn add_broken(&mut self, name: &str, error: TemplateError) {
        broken::register_template(&mut self.registry, name, error);
    }

    /// The template added as `name`.
    pub(crate) fn template(&self, name: &str) -> Option<&Template> {
        self.registry.get_template(name)
    }

    /// All templates.
    pub(crate) fn templates(&self) -> impl Iterator<Item = &Template> {
        self.registry.get_templates().values()
    }

    /// The script that is called as `name`.
    pub(crate) fn script(&self, name: &str) -> Option<&Script> {
        self.scripts.get(name).map(|script| &**script)
    }

    /// Adds the helpers of the given names: scripts first, then our own. A name that neither has is left to the render,
    /// and so is a script that does not compile: it fails what calls it.
    pub(crate) fn add_helpers(&mut self, names: &BTreeSet<String>, scripts: &ScriptFolder) {
        for name in names {
            match scripts.get(name) {
                Some(Ok(script)) => drop(self.scripts.insert(name.clone(), script)),
                Some(Err(error)) => broken::register_helper(&mut self.registry, name, error),
                None => match dialect::kind(name) {
                    Some(Kind::Pure) => dialect::register(&mut self.registry, name),
                    Some(Kind::Observer) => self.observers.push(name.clone()),
                    None => {}
                },
            }
        }
    }

    /// The template `name` rendered with `context`.
    pub(crate) fn render(
        &self,
        name: &str,
        context: serde_json::Value,
        surroundings: &Arc<Surroundings>,
    ) -> Result<String, TemplateError> {
        let template = self
            .template(name)
            .ok_or_else(|| TemplateError::new(format!("no template `{name}`")))?;
        let context = Context::from(context);
        let budget = Budget::default();
        let run = ScriptRun::new(surroundings, context.data());
        let mut render = RenderContext::new(template.name.as_ref());
        if self.is_counted {
            budget.register(&mut render);
        }
        for (name, script) in &self.scripts {
            render.register_local_helper(name, script.helper(&run));
        }
        for name in &self.observers {
            if let Some(helper) = dialect::observer(name, surroundings) {
                render.register_local_helper(name, helper);
            }
        }
        let mut output = BoundedOutput::new();
        template
            .render(&self.registry, &context, &mut render, &mut output)
            .map_err(|error| self.failure(&error))?;
        Ok(output.into_text())
    }

    fn failure(&self, error: &RenderError) -> TemplateError {
        let origin = error
            .template_name
            .as_ref()
            .and_then(|name| self.origins.get(name))
            .cloned()
            .unwrap_or_default();
        if let Some(cause) = error
            .source()
            .and_then(|cause| cause.downcast_ref::<TemplateError>())
        {
            let caller = origin.place(TemplateError::new(""), error.line_no, error.column_no);
            return cause.clone().called_from(&caller);
        }
        let (message, hint) = describe(error);
        let failure = origin.place(TemplateError::new(message), error.line_no, error.column_no);
        match hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

impl Origin {
    fn place(
        &self,
        error: TemplateError,
        line: Option<usize>,
        column: Option<usize>,
    ) -> TemplateError {
        let error = error.with_position(line.map(|line| line + self.lines_before), column);
        match &self.path {
            Some(path) => error.with_path(path),
            None => error,
        }
    }
}

/// A syntax error in our words, without the excerpt that follows it.
fn syntax_failure(
    error: &handlebars::TemplateError,
    source: &str,
    origin: &Origin,
) -> TemplateError {
    let reason = error.reason().to_string();
    let reason = reason.trim_end_matches('.').replace('"', "`");
    let failure = TemplateError::new(reason.replace("handlebars", "Handlebars"));
    let failure = origin.place(failure, error.line_no, error.column_no);
    match nesting::unclosed_block(source) {
        Some(block) => failure.with_hint(format!(
            "`{{{{#{}}}}}` on line {} is never closed",
            block.name,
            block.line + origin.lines_before
        )),
        None => failure,
    }
}

/// A render error in our words, with advice where there is any.
fn describe(error: &RenderError) -> (String, Option<String>) {
    if let Some(large) = error
        .source()
        .and_then(|cause| cause.downcast_ref::<std::io::Error>())
        .and_then(std::io::Error::get_ref)
        .and_then(|cause| cause.downcast_ref::<TooLarge>())
    {
        return (large.to_string(), None);
    }
    if let Some(name) = error.desc.strip_prefix("Helper not defined: ") {
        // In an expression the name is the last string of a debug output.
        let name = name.rsplit('"').nth(1).unwrap_or(name);
        let hint = format!(
            "to enter a field write `{{{{#with {name}}}}}`; to define a helper add `scripts/{name}.rhai`"
        );
        return (format!("no helper `{name}`"), Some(hint));
    }
    if error.desc == "Cannot include self in >" {
        return ("a template cannot include itself".to_owned(), None);
    }
    if error.desc.starts_with("Cannot access array") {
        return (
            "an array has no fields, only indices such as `.[0]`".to_owned(),
            None,
        );
    }
    let mut message = error.desc.trim_end_matches('.').to_owned();
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    (message, None)
}

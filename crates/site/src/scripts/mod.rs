//! Scripts: Rhai files that are helpers of templates, or shortcodes.

mod convert;
mod engine;
mod folder;
mod sharing;
mod sort;

use std::ptr;
use std::sync::{Arc, OnceLock};

use handlebars::{
    Context, Handlebars, Helper, HelperDef, PathAndJson, RenderContext, RenderError, ScopedJson,
};
use rhai::{AST, Array, Dynamic, EvalAltResult, Map, ParseError, Position, Scope};
use serde_json::Value;

use self::convert::Maps;
use self::engine::Evaluator;
pub(crate) use self::folder::ScriptFolder;
use crate::surroundings::Surroundings;
use crate::templates::TemplateError;

/// A compiled script.
#[derive(Debug)]
pub(crate) struct Script {
    /// Relative to the site's root.
    path: String,
    program: AST,
    /// Whether the script may read the `body` of a page that it is given.
    reads_bodies: bool,
    maps: Maps,
}

/// The scripts of one render: an engine, built when the first script is called.
#[derive(Debug)]
pub(crate) struct ScriptRun<'c> {
    evaluator: Evaluator,
    /// The value of the context that may be large.
    pages: Option<&'c Value>,
    /// The same for scripts, made when the first one asks for it, and of how many values it consists.
    shared_pages: OnceLock<(Dynamic, usize)>,
}

/// A script as a helper: `params` and `hash` in, the value of the script's last expression out.
struct ScriptHelper<'run> {
    script: &'run Script,
    run: &'run ScriptRun<'run>,
}

impl Script {
    /// The script `source` from the file at `path`.
    pub(crate) fn compile(path: &str, source: &str) -> Result<Self, TemplateError> {
        let program = engine::compile(source).map_err(|error| parse_failure(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            program,
            reads_bodies: mentions_bodies(source),
            maps: if sharing::leaves_parameters_alone(source) {
                Maps::Shared
            } else {
                Maps::Own
            },
        })
    }

    /// Whether the script may read the `body` of a page that it is given.
    ///
    /// It may when it names `body`, or writes whole values as text. A script that goes through the fields of a page
    /// without naming them is not noticed.
    pub(crate) const fn reads_bodies(&self) -> bool {
        self.reads_bodies
    }

    /// The script as a helper of one render.
    pub(crate) fn helper<'run>(
        &'run self,
        run: &'run ScriptRun<'run>,
    ) -> Box<dyn HelperDef + Send + Sync + 'run> {
        Box::new(ScriptHelper { script: self, run })
    }
}

impl<'c> ScriptRun<'c> {
    /// The scripts of a render with that context.
    pub(crate) fn new(surroundings: &Arc<Surroundings>, context: &'c Value) -> Self {
        Self {
            evaluator: Evaluator::new(Arc::clone(surroundings)),
            pages: context.pointer("/site/pages"),
            shared_pages: OnceLock::new(),
        }
    }

    /// `value` for a script. The pages of a large site are converted once, and shared by all scripts that leave them alone.
    fn parameter(&self, value: &Value, maps: Maps, count: &mut usize) -> Dynamic {
        let is_pages = self.pages.is_some_and(|pages| ptr::eq(pages, value));
        if is_pages && maps == Maps::Shared {
            let (pages, size) = self.shared_pages.get_or_init(|| {
                let mut size = 0;
                (convert::to_dynamic(value, maps, &mut size), size)
            });
            if !engine::measures(*size) {
                *count += size;
                return pages.clone();
            }
        }
        convert::to_dynamic(value, Maps::Own, count)
    }
}

impl HelperDef for ScriptHelper<'_> {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'reg, 'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'reg, 'rc>, RenderError> {
        let mut value_count = 0;
        let mut scope = self.arguments(helper, &mut value_count);
        let result = self
            .run
            .evaluator
            .evaluate(&self.script.program, &mut scope, value_count)
            .map_err(|error| render_error(run_failure(&self.script.path, *error)))?;
        let value = convert::to_json(result).map_err(|error| {
            render_error(
                TemplateError::new(error.to_string())
                    .with_path(&*self.script.path)
                    .with_source(error),
            )
        })?;
        Ok(ScopedJson::Derived(value))
    }
}

impl ScriptHelper<'_> {
    /// The variables `params` and `hash`, which hold `value_count` values in all.
    fn arguments(&self, helper: &Helper<'_, '_>, value_count: &mut usize) -> Scope<'static> {
        let mut parameter = |param: &PathAndJson<'_, '_>| {
            self.run
                .parameter(param.value(), self.script.maps, value_count)
        };
        let params: Array = helper.params().iter().map(&mut parameter).collect();
        let hash: Map = helper
            .hash()
            .iter()
            .map(|(name, param)| ((*name).into(), parameter(param)))
            .collect();
        let mut scope = Scope::new();
        scope.push_dynamic("params", Dynamic::from_array(params));
        scope.push_dynamic("hash", Dynamic::from_map(hash));
        scope
    }
}

/// A helper's error that carries `error` to the end of the render.
fn render_error(error: TemplateError) -> RenderError {
    RenderError::from_error("a script failed", error)
}

fn parse_failure(path: &str, error: &ParseError) -> TemplateError {
    at(
        TemplateError::new(error.err_type().to_string()),
        path,
        error.position(),
    )
}

/// The error of the innermost call: the way to it through the script's own functions only repeats it.
fn run_failure(path: &str, error: EvalAltResult) -> TemplateError {
    let mut error = innermost(error);
    let position = error.take_position();
    let failure = at(TemplateError::new(error.to_string()), path, position);
    match hint(&error) {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

fn innermost(error: EvalAltResult) -> EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _)
        | EvalAltResult::ErrorInModule(_, inner, _) => innermost(*inner),
        error => error,
    }
}

fn at(error: TemplateError, path: &str, position: Position) -> TemplateError {
    error
        .with_path(path)
        .with_position(position.line(), position.position())
}

fn hint(error: &EvalAltResult) -> Option<&'static str> {
    match error {
        EvalAltResult::ErrorTooManyOperations(_) => Some("the script loops for too long"),
        EvalAltResult::ErrorStackOverflow(_) => {
            Some("a function of the script calls itself too deeply")
        }
        EvalAltResult::ErrorModuleNotFound(..) => Some("scripts cannot import modules"),
        EvalAltResult::ErrorDotExpr(..) => {
            Some("test a value with `== ()` before reading its fields")
        }
        _ => None,
    }
}

fn mentions_bodies(source: &str) -> bool {
    ["body", "to_json", "eval"]
        .iter()
        .any(|word| source.contains(word))
}

//! The helpers that templates and shortcodes have without any script: Sprig's, and Handlebars' own where ours do more.

mod arguments;
mod condition;
mod dates;
mod embeds;
mod lists;
mod numbers;
mod text;

use std::sync::Arc;

use handlebars::{Context, Handlebars, Helper, HelperDef, RenderContext, RenderError, ScopedJson};
use serde_json::Value;

use self::arguments::{Arguments, Complaint};
use self::condition::{CONDITIONS, Condition};
use crate::surroundings::Surroundings;

/// What a helper computes from its parameters alone.
type Compute = fn(&Arguments<'_, '_, '_>) -> Result<Value, Complaint>;
/// What a helper computes from its parameters, the clock and randomness.
type Observe = fn(&Arguments<'_, '_, '_>, &Surroundings) -> Result<Value, Complaint>;

/// Sprig's helpers. Existing sites use these names and no other: a new one would hide context fields of that name.
const FUNCTIONS: &[(&str, Compute)] = &[
    ("upper", text::upper),
    ("lower", text::lower),
    ("trim", text::trim),
    ("trunc", text::trunc),
    ("abbrev", text::abbrev),
    ("plural", text::plural),
    ("trim_suffix", text::trim_suffix),
    ("trim_prefix", text::trim_prefix),
    ("trim_all", text::trim_all),
    ("join", lists::join),
    ("split", lists::split),
    ("splitn", lists::splitn),
    ("sort_alpha", lists::sort_alpha),
    ("add", numbers::add),
    ("sub", numbers::sub),
    ("mul", numbers::mul),
    ("div", numbers::div),
    ("mod", numbers::modulo),
    ("max", numbers::max),
    ("min", numbers::min),
    ("floor", numbers::floor),
    ("ceil", numbers::ceil),
    ("round", numbers::round),
    ("date_format", dates::date_format),
    ("tweet", embeds::tweet),
    ("gist", embeds::gist),
];

/// Sprig's helpers that read the surroundings.
const OBSERVERS: &[(&str, Observe)] = &[("now", dates::now), ("randInt", numbers::random)];

/// Handlebars' own helpers that are registered with each registry and left as they are.
const BUILT_IN: &[&str] = &[
    "if", "unless", "each", "with", "lookup", "raw", "log", "len",
];

/// What a helper of some name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its value depends on nothing but its parameters.
    Pure,
    /// It reads the clock or randomness, so it belongs to one render.
    Observer,
}

/// The helper `name`, unless only a script could be called that.
pub(crate) fn kind(name: &str) -> Option<Kind> {
    let pure = BUILT_IN.contains(&name)
        || CONDITIONS.iter().any(|(known, _)| *known == name)
        || FUNCTIONS.iter().any(|(known, _)| *known == name);
    let observes = OBSERVERS.iter().any(|(known, _)| *known == name);
    match (pure, observes) {
        (true, _) => Some(Kind::Pure),
        (false, true) => Some(Kind::Observer),
        (false, false) => None,
    }
}

/// Registers the helper `name` for all renders, if it is a [`Kind::Pure`] one that Handlebars does not already have.
pub(crate) fn register(registry: &mut Handlebars<'_>, name: &str) {
    if let Some((_, compute)) = FUNCTIONS.iter().find(|(known, _)| *known == name) {
        registry.register_helper(name, Box::new(Function { compute: *compute }));
    } else if let Some((_, test)) = CONDITIONS.iter().find(|(known, _)| *known == name) {
        registry.register_helper(name, Box::new(Condition { test: *test }));
    }
}

/// The helper `name` for one render, if it is a [`Kind::Observer`].
pub(crate) fn observer<'run>(
    name: &str,
    surroundings: &'run Arc<Surroundings>,
) -> Option<Box<dyn HelperDef + Send + Sync + 'run>> {
    let (_, observe) = OBSERVERS.iter().find(|(known, _)| *known == name)?;
    Some(Box::new(Observer {
        observe: *observe,
        surroundings,
    }))
}

struct Function {
    compute: Compute,
}

struct Observer<'run> {
    observe: Observe,
    surroundings: &'run Surroundings,
}

impl HelperDef for Function {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'reg, 'rc>,
        _: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'reg, 'rc>, RenderError> {
        // `min` came later than the sites that may have a field of this name.
        if helper.name() == "min" && helper.params().is_empty() {
            return render.evaluate(context, "min");
        }
        (self.compute)(&Arguments(helper))
            .map(ScopedJson::Derived)
            .map_err(|complaint| complaint.about(helper.name()))
    }
}

impl HelperDef for Observer<'_> {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'reg, 'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'reg, 'rc>, RenderError> {
        (self.observe)(&Arguments(helper), self.surroundings)
            .map(ScopedJson::Derived)
            .map_err(|complaint| complaint.about(helper.name()))
    }
}

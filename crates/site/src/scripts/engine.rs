//! The Rhai engine: its functions, and the limits that a script runs within.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Instant;

use rhai::packages::{Package, StandardPackage};
use rhai::{AST, Dynamic, Engine, FuncRegistration, Module, ParseError, Scope, Shared};

use super::sort;
use crate::log;
use crate::surroundings::{ClockUse, Surroundings};

/// Enough for a loop over every page of a large site, several times over.
const MAX_OPERATIONS: u64 = 50_000_000;
/// What Rhai itself allows in release builds, and so what the reference allows.
const MAX_CALL_DEPTH: usize = 64;
const MAX_EXPRESSION_DEPTH: usize = 64;
const MAX_EXPRESSION_DEPTH_IN_FUNCTION: usize = 32;
/// Bytes.
const MAX_STRING_SIZE: usize = 16 << 20;
// Rhai counts all that a container holds after each call that touches it, so that growing one is quadratic: at this size it takes a second.
const MAX_ARRAY_SIZE: usize = 20_000;
const MAX_MAP_SIZE: usize = 20_000;
/// How many values a script may be given for the limits on sizes to apply.
///
/// Rhai counts all that a container holds after each call that touches it. For a script that goes through all pages of
/// a site that is quadratic, so there only the memory limit of the request bounds it.
const MAX_MEASURED_VALUES: usize = 1_000;

/// Rhai's own functions and the ones of ours that depend on no request.
static FUNCTIONS: LazyLock<[Shared<Module>; 2]> = LazyLock::new(|| {
    let mut module = Module::new();
    sort::register(&mut module);
    FuncRegistration::new("console_println").set_into_module(&mut module, log::script_says);
    [StandardPackage::new().as_shared_module(), module.into()]
});

/// Evaluates the scripts of one render.
#[derive(Debug)]
pub(super) struct Evaluator {
    surroundings: Arc<Surroundings>,
    measured: OnceLock<Engine>,
    unmeasured: OnceLock<Engine>,
}

/// The script `source`, parsed.
pub(super) fn compile(source: &str) -> Result<AST, ParseError> {
    static COMPILER: LazyLock<Engine> = LazyLock::new(|| with_limits(Engine::new_raw()));
    COMPILER.compile(source)
}

/// Whether the sizes of values are limited for a script that is given that many. Where they are, Rhai takes no shared values
/// within others.
pub(super) const fn measures(value_count: usize) -> bool {
    value_count <= MAX_MEASURED_VALUES
}

impl Evaluator {
    pub(super) const fn new(surroundings: Arc<Surroundings>) -> Self {
        Self {
            surroundings,
            measured: OnceLock::new(),
            unmeasured: OnceLock::new(),
        }
    }

    /// Evaluates `script` with the variables of `scope`, which hold `value_count` values in all.
    pub(super) fn evaluate(
        &self,
        script: &AST,
        scope: &mut Scope<'_>,
        value_count: usize,
    ) -> Result<Dynamic, Box<rhai::EvalAltResult>> {
        self.engine(value_count).eval_ast_with_scope(scope, script)
    }

    fn engine(&self, value_count: usize) -> &Engine {
        if !measures(value_count) {
            return self.unmeasured.get_or_init(|| self.build());
        }
        self.measured.get_or_init(|| {
            let mut engine = self.build();
            engine
                .set_max_string_size(MAX_STRING_SIZE)
                .set_max_array_size(MAX_ARRAY_SIZE)
                .set_max_map_size(MAX_MAP_SIZE);
            engine
        })
    }

    fn build(&self) -> Engine {
        let mut engine = with_limits(Engine::new_raw());
        for module in &*FUNCTIONS {
            engine.register_global_module(Shared::clone(module));
        }
        let surroundings = Arc::clone(&self.surroundings);
        engine.register_fn("current_date", move || current_date(&surroundings));
        let surroundings = Arc::clone(&self.surroundings);
        engine.register_fn("timestamp", move || {
            surroundings.read_clock(ClockUse::Instant);
            Instant::now()
        });
        engine
    }
}

fn with_limits(mut engine: Engine) -> Engine {
    engine
        .set_max_operations(MAX_OPERATIONS)
        .set_max_call_levels(MAX_CALL_DEPTH)
        .set_max_expr_depths(MAX_EXPRESSION_DEPTH, MAX_EXPRESSION_DEPTH_IN_FUNCTION);
    engine
}

/// The current time as `2024-05-06T07:08:09Z`.
fn current_date(surroundings: &Surroundings) -> String {
    let mut text = String::with_capacity(20);
    let now = surroundings.read_clock(ClockUse::Instant);
    write!(text, "{}", now.format("%Y-%m-%dT%H:%M:%SZ")).expect("a fixed format, which is valid");
    text
}

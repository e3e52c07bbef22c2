//! What a release lacks of native code is compiled when it is pulled, so that its start is quick.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{IsTerminal, stderr};
use std::time::Duration;

use artifact::store::StoredRelease;
use engine::native::Compiler;
use indicatif::{ProgressBar, ProgressStyle};

use super::NativeCode;
use crate::failure::Failure;
use crate::modules::{self, Code};

/// How often the bar moves, in milliseconds.
const TICK: Duration = Duration::from_millis(100);

/// Compiles the modules of a release whose native code is not there. Tells how many they were. A module that cannot be compiled is left
/// to the start, which says what does not run.
pub(crate) fn compile_lacking(
    native: &NativeCode,
    stored: &StoredRelease,
) -> Result<usize, Failure> {
    let compiler = Compiler::here().map_err(Failure::failed)?;
    let app = modules::application(stored)?;
    let mut seen = BTreeSet::new();
    let mut compiled = 0;
    for component in &app.components {
        let Ok(code) = modules::code_of(&app, component) else {
            continue;
        };
        let digest = code.digest();
        if !seen.insert(digest) || native.has(compiler.key().as_str(), &digest) {
            continue;
        }
        let bytes: Cow<'static, [u8]> = match code {
            Code::Bundled { bundled, .. } => crate::bundled::wasm(bundled).into(),
            Code::Carried(digest) => modules::carried(stored, &digest)?.into(),
        };
        let bar = show(&component.id);
        let result = native.prepare(&compiler, &digest, &bytes);
        bar.finish_and_clear();
        match result {
            Ok(()) => compiled += 1,
            Err(error) => tracing::warn!("component `{}` cannot run: {error}", component.id),
        }
    }
    Ok(compiled)
}

/// A bar on a terminal, a line of the log elsewhere.
fn show(component: &str) -> ProgressBar {
    if !stderr().is_terminal() {
        tracing::info!("compiling component `{component}`");
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
    let bar = ProgressBar::new_spinner()
        .with_style(style.expect("the template is right"))
        .with_message(format!("compiling component `{component}`"));
    bar.enable_steady_tick(TICK);
    bar
}

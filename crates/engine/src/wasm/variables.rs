//! The host side of `fermyon:spin/variables@2.0.0`, by which a component reads its variables.

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, Linker, Lower};

use super::guest::Guest;

/// The `error` variant of the interface, in its order.
#[derive(ComponentType, Lower)]
#[component(variant)]
enum VariableError {
    #[component(name = "invalid-name")]
    InvalidName(String),
    #[component(name = "undefined")]
    Undefined(String),
    #[expect(dead_code, reason = "part of the interface; bart has no providers")]
    #[component(name = "provider")]
    Provider(String),
    #[expect(dead_code, reason = "part of the interface")]
    #[component(name = "other")]
    Other(String),
}

pub(super) fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    linker.instance("fermyon:spin/variables@2.0.0")?.func_wrap(
        "get",
        |store: StoreContextMut<'_, Guest>, (name,): (String,)| Ok((get(store.data(), &name),)),
    )
}

fn get(guest: &Guest, name: &str) -> Result<String, VariableError> {
    if !is_name(name) {
        return Err(VariableError::InvalidName(format!(
            "`{name}` is not a variable name"
        )));
    }
    guest
        .variables()
        .get(name)
        .map(str::to_owned)
        .ok_or_else(|| VariableError::Undefined(format!("no variable `{name}`")))
}

/// Names are lower-case letters, digits and single underscores, beginning with a letter.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('_')
        && !name.contains("__")
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

//! A manifest of either version, read but not checked.

use toml::Spanned;

use super::values::{
    Map, RawComponent, RawExecutor, RawPrivate, RawStaticResponse, RawVariable, TextOr,
};

#[derive(Debug)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) description: String,
    pub(super) authors: Vec<String>,
    pub(super) base: Option<String>,
    pub(super) variables: Map<RawVariable>,
    pub(super) components: Vec<DraftComponent>,
    pub(super) triggers: Vec<DraftTrigger>,
    pub(super) foreign: Vec<ForeignTrigger>,
}

#[derive(Debug)]
pub(super) struct DraftComponent {
    pub(super) id: String,
    /// Where the component begins.
    pub(super) at: usize,
    pub(super) table: RawComponent,
}

#[derive(Debug)]
pub(super) struct DraftTrigger {
    /// Empty when the manifest gives none.
    pub(super) id: String,
    /// Where the trigger begins.
    pub(super) at: usize,
    pub(super) route: Option<Spanned<TextOr<RawPrivate>>>,
    pub(super) component: Option<Spanned<TextOr<Box<RawComponent>>>>,
    pub(super) static_response: Option<RawStaticResponse>,
    pub(super) executor: Option<RawExecutor>,
    /// Whether other components stand between the request and this one.
    pub(super) middleware: bool,
}

/// A trigger of another kind than HTTP.
#[derive(Debug)]
pub(super) struct ForeignTrigger {
    pub(super) kind: String,
    /// Empty when the manifest gives none.
    pub(super) id: String,
}

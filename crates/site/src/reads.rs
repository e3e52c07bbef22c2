//! What the closure of a template may read of its context.

mod inline;
mod place;
mod seen;
mod walk;

use std::collections::BTreeSet;

use self::walk::Walk;
use crate::templates::{Mentions, Program};

/// What a template, its partials and its scripts may read of the context. Never less than they do read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reads {
    /// The request headers.
    pub request: RequestReads,
    /// Whether anything of `site.pages` is read.
    pub pages: bool,
    /// What of the heads in `site.pages` is read.
    pub heads: HeadReads,
    /// Whether the `body` of an entry of `site.pages` is read. Implies `pages`.
    pub bodies: bool,
}

/// Which request headers a template may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestReads {
    /// Any of them, or their number or names.
    Whole,
    /// These fields of `request` at most, as written in the template (headers have lower-case names there).
    Fields(BTreeSet<String>),
}

/// Which fields of the heads in `site.pages` a template may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeadReads {
    /// Any of them, or their number or names.
    Whole,
    /// These at most.
    Fields(BTreeSet<String>),
}

impl HeadReads {
    pub(crate) fn contains(&self, field: &str) -> bool {
        match self {
            Self::Whole => true,
            Self::Fields(fields) => fields.contains(field),
        }
    }
}

impl Reads {
    /// Everything there is: what has to be assumed where it cannot be told.
    pub const WHOLE: Self = Self {
        request: RequestReads::Whole,
        pages: true,
        heads: HeadReads::Whole,
        bodies: true,
    };

    /// What the template `name` of `program` may read, all of which mentions `mentions`.
    pub(crate) fn of(name: &str, program: &Program, mentions: &Mentions) -> Self {
        if mentions.dynamic_partial {
            return Self::WHOLE;
        }
        Walk::new(program).of(name)
    }
}

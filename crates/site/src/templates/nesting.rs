//! The nesting of blocks and expressions in a template's source.
//!
//! The parser descends one level for each, so that their number is bounded before it is asked. And what it says about
//! a block that is never closed is that the file should not end where it does.

use super::tags::{Kind, Tag, Tags};

/// How deeply blocks may be nested.
const MAX_BLOCKS: usize = 64;
/// How deeply expressions may be nested in one tag.
const MAX_EXPRESSIONS: usize = 32;

/// A block that is never closed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnclosedBlock<'source> {
    /// From 1.
    pub(super) line: usize,
    /// What follows its `#`, up to the first blank.
    pub(super) name: &'source str,
}

/// The line, from 1, on which `source` is nested too deeply to be parsed, if there is one.
pub(super) fn line_nested_too_deeply(source: &str) -> Option<usize> {
    let mut blocks = 0_usize;
    for tag in Tags::of(source) {
        match tag.kind {
            Kind::Open(_) => blocks += 1,
            Kind::Close => blocks = blocks.saturating_sub(1),
            Kind::Comment | Kind::Raw => continue,
            Kind::Else | Kind::Other => {}
        }
        if blocks > MAX_BLOCKS || expression_depth(&tag) > MAX_EXPRESSIONS {
            return Some(line_of(source, tag.start));
        }
    }
    None
}

/// The innermost block of `source` that is never closed, if there is one.
pub(super) fn unclosed_block(source: &str) -> Option<UnclosedBlock<'_>> {
    let mut open = Vec::new();
    for tag in Tags::of(source) {
        match tag.kind {
            Kind::Open(inside) => open.push((tag.start, inside)),
            Kind::Close => drop(open.pop()),
            Kind::Comment | Kind::Raw | Kind::Else | Kind::Other => {}
        }
    }
    let (start, inside) = open.pop()?;
    Some(UnclosedBlock {
        line: line_of(source, start),
        name: inside.split_whitespace().next()?,
    })
}

fn expression_depth(tag: &Tag<'_>) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for byte in tag.inside.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn line_of(source: &str, position: usize) -> usize {
    source[..position].matches('\n').count() + 1
}

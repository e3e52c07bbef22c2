//! What has been seen to be read of the context.

use std::collections::BTreeSet;

use super::place::{Place, Step};
use super::{HeadReads, Reads, RequestReads};

/// The reads noted so far.
#[derive(Debug)]
pub(super) struct Seen {
    request: RequestReads,
    pages: bool,
    heads: HeadReads,
    bodies: bool,
}

/// How much of a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Whether it is there, or what it looks like as text: an object has no text of its own.
    Surface,
    /// How much is in it.
    Size,
    /// All that is in it, to see whether it is the same as something else.
    Compared,
    /// All that is in it.
    Whole,
    /// All that is in it but the bodies of pages.
    WithoutBodies,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            request: RequestReads::Fields(BTreeSet::new()),
            pages: false,
            heads: HeadReads::Fields(BTreeSet::new()),
            bodies: false,
        }
    }
}

impl From<Seen> for Reads {
    fn from(seen: Seen) -> Self {
        Self {
            request: seen.request,
            pages: seen.pages,
            heads: seen.heads,
            bodies: seen.bodies && seen.pages,
        }
    }
}

impl Seen {
    /// Notes that `place` is read.
    pub(super) fn read(&mut self, place: &Place<'_>, extent: Extent) {
        match place {
            Place::Context(steps) => self.read_context(steps, extent),
            // A script's result may be a page, or a list of them: the body of a page is read by name, by comparing pages,
            // or by going through the fields of those in a list. The last is assumed of what is as far down as that.
            Place::Derived(levels) => {
                self.bodies |= match extent {
                    Extent::Surface | Extent::Size => *levels > 2,
                    Extent::Compared => *levels > 0,
                    Extent::Whole => true,
                    Extent::WithoutBodies => false,
                };
            }
            Place::Merged(..) if extent == Extent::Surface => {}
            Place::Merged(base, hash) => {
                self.read(base, extent);
                for field in hash.values() {
                    self.read(field, extent);
                }
            }
            Place::Elsewhere => {}
        }
    }

    fn read_context(&mut self, steps: &[Step<'_>], extent: Extent) {
        let Some((first, rest)) = steps.split_first() else {
            if looks_inside(extent) {
                self.request = RequestReads::Whole;
                self.read_site(&[], extent);
            }
            return;
        };
        if matches!(first, Step::Field("request") | Step::Any) {
            self.read_request(*first, rest, extent);
        }
        if matches!(first, Step::Field("site") | Step::Any) {
            self.read_site(rest, extent);
        }
    }

    fn read_request(&mut self, object: Step<'_>, rest: &[Step<'_>], extent: Extent) {
        match rest.first() {
            // As text every object of the context looks alike.
            None if object == Step::Any && extent == Extent::Surface => {}
            None | Some(Step::Any) => self.request = RequestReads::Whole,
            Some(Step::Field(name)) => {
                if let RequestReads::Fields(fields) = &mut self.request {
                    fields.insert((*name).to_owned());
                }
            }
        }
    }

    fn read_site(&mut self, rest: &[Step<'_>], extent: Extent) {
        let whole = matches!(extent, Extent::Whole | Extent::Compared);
        match rest {
            [] => {
                self.pages |= looks_inside(extent);
                self.bodies |= whole;
                self.read_heads(&[], extent);
            }
            [Step::Field("pages") | Step::Any, below @ ..] => {
                self.pages = true;
                self.read_heads(below, extent);
                self.bodies |= match below {
                    [] | [_] => whole,
                    [_, field, ..] => matches!(field, Step::Field("body") | Step::Any),
                };
            }
            [Step::Field(_), ..] => {}
        }
    }

    /// Notes what is read of the heads of pages: `below` leads from `site.pages` to what is read.
    fn read_heads(&mut self, below: &[Step<'_>], extent: Extent) {
        match below {
            // Of the pages, or of one, only how many there are, or that it is there.
            [] | [_] if !looks_inside(extent) => {}
            [_, Step::Field(other), ..] if *other != "head" => {}
            [_, _, Step::Field(name), ..] => {
                if let HeadReads::Fields(fields) = &mut self.heads {
                    fields.insert((*name).to_owned());
                }
            }
            _ => self.heads = HeadReads::Whole,
        }
    }

    /// Notes a step from `place` down to a field `body`, where `place` is in what a script returned.
    pub(super) fn step(&mut self, place: &Place<'_>, step: Step<'_>) {
        if step != Step::Field("body") {
            return;
        }
        match place {
            Place::Derived(_) => self.bodies = true,
            Place::Merged(base, hash) if !hash.contains_key("body") => self.step(base, step),
            Place::Merged(..) | Place::Context(_) | Place::Elsewhere => {}
        }
    }
}

/// Whether more is read of an object than how many fields it has, which the root of the context and `site` always have.
const fn looks_inside(extent: Extent) -> bool {
    !matches!(extent, Extent::Surface | Extent::Size)
}

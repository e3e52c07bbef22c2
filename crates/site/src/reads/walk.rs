//! Walking a template with its partials, to see what it may read of the context.
//!
//! Scopes are followed as Handlebars follows them when it renders. Where what happens depends on values, both ways are
//! walked. Where there are too many ways, everything counts as read.

use std::collections::BTreeMap;

use handlebars::Template;
use handlebars::template::{
    BlockParam, DecoratorTemplate, HelperTemplate, Parameter, TemplateElement,
};
use serde_json::Value;

use super::Reads;
use super::inline::InlinePartials;
use super::place::{Block, Path, Place, Scope, Start, Step};
use super::seen::{Extent, Seen};
use crate::dialect;
use crate::templates::{Program, is_counter};

const PARTIAL_BLOCK: &str = "@partial-block";
/// Partials that go deeper into each other are taken for recursive.
const MAX_PARTIAL_DEPTH: usize = 16;
/// As every partial with a parameter is walked twice, this ends what doubles at each level.
const MAX_PARTIALS: usize = 2_000;

/// What has been seen to be read so far.
pub(super) struct Walk<'t> {
    program: &'t Program,
    inline: InlinePartials<'t>,
    partials_walked: usize,
    depth: usize,
    /// Whether it can no longer be told what is read.
    lost: bool,
    seen: Seen,
}

impl<'t> Walk<'t> {
    pub(super) fn new(program: &'t Program) -> Self {
        let inline = InlinePartials::of(program);
        Self {
            program,
            lost: inline.any_name,
            inline,
            partials_walked: 0,
            depth: 0,
            seen: Seen::default(),
        }
    }

    /// What the template `name` may read.
    pub(super) fn of(mut self, name: &str) -> Reads {
        let root = Block {
            this: Place::Context(Vec::new()),
            params: Vec::new(),
        };
        let scope = Scope {
            block: &root,
            outer: None,
        };
        if let Some(template) = self.program.template(name) {
            self.template(template, &scope, &[]);
        }
        if self.lost {
            return Reads::WHOLE;
        }
        self.seen.into()
    }

    fn template(&mut self, template: &'t Template, scope: &Scope<'_, 't>, blocks: &[&'t Template]) {
        for element in &template.elements {
            if self.lost {
                return;
            }
            match element {
                TemplateElement::Expression(tag) if is_counter(tag) => {}
                TemplateElement::Expression(tag) | TemplateElement::HtmlExpression(tag) => {
                    let place = self.expression(tag, scope);
                    self.seen.read(&place, Extent::Surface);
                }
                TemplateElement::HelperBlock(tag) => self.block(tag, scope, blocks),
                TemplateElement::PartialExpression(tag) | TemplateElement::PartialBlock(tag) => {
                    self.partial(tag, scope, blocks);
                }
                TemplateElement::DecoratorExpression(_)
                | TemplateElement::DecoratorBlock(_)
                | TemplateElement::RawString(_)
                | TemplateElement::Comment(_) => {}
            }
        }
    }

    fn block(&mut self, tag: &'t HelperTemplate, scope: &Scope<'_, 't>, blocks: &[&'t Template]) {
        let inner = match (tag.name.as_name(), tag.params.first()) {
            (Some("with"), Some(param)) if !self.is_script("with") => {
                let this = self.parameter(param, scope);
                self.enter(&this);
                Some(Block {
                    params: value_param(tag, &this).into_iter().collect(),
                    this,
                })
            }
            (Some("each"), Some(param)) if !self.is_script("each") => {
                let list = self.parameter(param, scope);
                self.iterate(&list);
                let this = list.below(Step::Any);
                Some(Block {
                    params: value_and_key_params(tag, &this),
                    this,
                })
            }
            _ => {
                self.call(tag, scope);
                None
            }
        };
        if let Some(template) = &tag.template {
            match &inner {
                Some(block) => {
                    let outer = Some(scope);
                    self.template(template, &Scope { block, outer }, blocks);
                }
                None => self.template(template, scope, blocks),
            }
        }
        if let Some(template) = &tag.inverse {
            self.template(template, scope, blocks);
        }
    }

    fn partial(
        &mut self,
        tag: &'t DecoratorTemplate,
        scope: &Scope<'_, 't>,
        blocks: &[&'t Template],
    ) {
        self.partials_walked += 1;
        let name = match (&tag.name, tag.name.as_name()) {
            (Parameter::Subexpression(_), _) | (_, None) => return self.lost = true,
            (_, Some(name)) => name,
        };
        if self.depth >= MAX_PARTIAL_DEPTH || self.partials_walked > MAX_PARTIALS {
            return self.lost = true;
        }
        let param = tag.params.first().map(|param| self.parameter(param, scope));
        let hash: BTreeMap<&str, Place<'_>> = tag
            .hash
            .iter()
            .map(|(name, value)| (name.as_str(), self.parameter(value, scope)))
            .collect();
        self.depth += 1;
        if name == PARTIAL_BLOCK {
            for (index, template) in blocks.iter().enumerate() {
                self.include(template, param.as_ref(), &hash, scope, &blocks[index + 1..]);
            }
        } else {
            let inner: Vec<&Template> = tag.template.iter().chain(blocks.iter().copied()).collect();
            for template in self.partials_called(name, tag.template.as_ref()) {
                self.include(template, param.as_ref(), &hash, scope, &inner);
            }
        }
        self.depth -= 1;
    }

    /// Walks a partial with each scope that it may have.
    fn include(
        &mut self,
        template: &'t Template,
        param: Option<&Place<'t>>,
        hash: &BTreeMap<&'t str, Place<'t>>,
        scope: &Scope<'_, 't>,
        blocks: &[&'t Template],
    ) {
        // A parameter counts only if it is found in the context, which depends on the values.
        if let Some(this) = param {
            let this = merged(this.clone(), hash);
            let params = Vec::new();
            let block = &Block { this, params };
            self.template(template, &Scope { block, outer: None }, blocks);
        }
        if hash.is_empty() {
            self.template(template, scope, blocks);
        } else {
            let this = merged(scope.block.this.clone(), hash);
            let params = scope.block.params.clone();
            let block = &Block { this, params };
            self.template(template, &Scope { block, outer: None }, blocks);
        }
    }

    /// The templates that the partial `name` may be.
    fn partials_called(&self, name: &str, fallback: Option<&'t Template>) -> Vec<&'t Template> {
        let registered = self.program.template(name);
        let otherwise = fallback.filter(|_| registered.is_none());
        let inline = self.inline.named(name);
        inline.chain(registered).chain(otherwise).collect()
    }

    fn expression(&mut self, tag: &'t HelperTemplate, scope: &Scope<'_, 't>) -> Place<'t> {
        let name_only = tag.params.is_empty() && tag.hash.is_empty();
        match tag.name.as_name() {
            Some(name) if name_only && self.is_field(name) => self.resolve(name, scope),
            Some(_) => self.call(tag, scope),
            // The name is computed: it is written, or names a helper without parameters.
            None => self.parameter(&tag.name, scope),
        }
    }

    /// The result of a helper, after its parameters were read.
    fn call(&mut self, tag: &'t HelperTemplate, scope: &Scope<'_, 't>) -> Place<'t> {
        let params: Vec<Place<'_>> = tag
            .params
            .iter()
            .map(|param| self.parameter(param, scope))
            .collect();
        let hash: Vec<Place<'_>> = tag
            .hash
            .values()
            .map(|value| self.parameter(value, scope))
            .collect();
        let name = tag.name.as_name().unwrap_or_default();
        let extent = match self.program.script(name) {
            Some(script) if script.reads_bodies() => Extent::Whole,
            Some(_) => Extent::WithoutBodies,
            None if name == "lookup" => return self.lookup(&tag.params, &params),
            None if matches!(name, "eq" | "ne") => Extent::Compared,
            None if name == "len" => Extent::Size,
            // These work with numbers and strings, and with an object only as a whole.
            None => Extent::Surface,
        };
        for place in params.iter().chain(&hash) {
            self.seen.read(place, extent);
        }
        if self.is_script(name) {
            Place::Derived(1)
        } else {
            Place::Elsewhere
        }
    }

    fn lookup(&mut self, tags: &'t [Parameter], params: &[Place<'t>]) -> Place<'t> {
        let [collection, keys @ ..] = params else {
            return Place::Elsewhere;
        };
        for key in keys {
            self.seen.read(key, Extent::Surface);
        }
        let step = match tags.get(1) {
            Some(Parameter::Literal(Value::String(name))) => Step::Field(name),
            _ => Step::Any,
        };
        self.seen.step(collection, step);
        collection.below(step)
    }

    fn parameter(&mut self, parameter: &'t Parameter, scope: &Scope<'_, 't>) -> Place<'t> {
        match parameter {
            Parameter::Name(raw) => self.resolve(raw, scope),
            Parameter::Path(_) => self.resolve(parameter.as_name().unwrap_or_default(), scope),
            Parameter::Literal(_) => Place::Elsewhere,
            Parameter::Subexpression(expression) => match expression.as_element() {
                TemplateElement::Expression(tag) => self.call(tag, scope),
                _ => Place::Elsewhere,
            },
        }
    }

    /// What the path `raw` stands for.
    fn resolve(&mut self, raw: &'t str, scope: &Scope<'_, 't>) -> Place<'t> {
        let path = Path::parse(raw);
        let param = path.fields.first().and_then(|name| scope.param(name));
        let (mut place, fields) = match (path.start, param) {
            (Start::Variable, _) => return Place::Elsewhere,
            (Start::Root, _) => (Place::Context(Vec::new()), &path.fields[..]),
            (Start::Block(0), Some(param)) => (param.clone(), &path.fields[1..]),
            // Handlebars prefers a block parameter here too, and then looks for its own name in it.
            (Start::Block(_), Some(param)) => (param.clone(), &path.fields[..]),
            (Start::Block(levels), None) => (scope.block_at(levels).this.clone(), &path.fields[..]),
        };
        for name in fields {
            self.seen.step(&place, Step::Field(name));
            place = place.below(Step::Field(name));
        }
        place
    }

    /// Notes that a block is about `place`. That an object of the context is there is no news.
    fn enter(&mut self, place: &Place<'t>) {
        match place {
            Place::Context(steps) if steps.len() < 2 => {}
            place => self.seen.read(place, Extent::Surface),
        }
    }

    /// Notes that a block goes through `place`, and may write the names of what is in it.
    fn iterate(&mut self, place: &Place<'t>) {
        match place {
            Place::Context(steps) if matches!(steps[..], [Step::Field("site")] | []) => {}
            // Too many names may be meant to follow them.
            Place::Merged(..) => self.lost = true,
            place => self.seen.read(place, Extent::Size),
        }
    }

    /// Whether `name` alone is a field: `min` is one too, as long as it has no parameters.
    fn is_field(&self, name: &str) -> bool {
        !self.is_script(name) && (name == "min" || dialect::kind(name).is_none())
    }

    fn is_script(&self, name: &str) -> bool {
        self.program.script(name).is_some()
    }
}

fn merged<'t>(this: Place<'t>, hash: &BTreeMap<&'t str, Place<'t>>) -> Place<'t> {
    if hash.is_empty() {
        return this;
    }
    Place::Merged(Box::new(this), hash.clone())
}

/// The block parameter of a block with one.
fn value_param<'t>(tag: &'t HelperTemplate, this: &Place<'t>) -> Option<(&'t str, Place<'t>)> {
    match &tag.block_param {
        Some(BlockParam::Single(value)) => Some((value.as_name()?, this.clone())),
        _ => None,
    }
}

/// The block parameters of a block with one or two.
fn value_and_key_params<'t>(
    tag: &'t HelperTemplate,
    this: &Place<'t>,
) -> Vec<(&'t str, Place<'t>)> {
    let Some(BlockParam::Pair((value, key))) = &tag.block_param else {
        return value_param(tag, this).into_iter().collect();
    };
    let value = value.as_name().map(|name| (name, this.clone()));
    let key = key.as_name().map(|name| (name, Place::Elsewhere));
    value.into_iter().chain(key).collect()
}

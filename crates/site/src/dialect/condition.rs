//! Helpers that are true or false: as a value, or as a block whose `else` is rendered when they are false.

use std::cmp::Ordering;

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, PathAndJson, RenderContext,
    RenderError, Renderable, ScopedJson,
};
use serde_json::{Number, Value};

use super::arguments::{Arguments, Complaint, describe};

type Test = fn(&Arguments<'_, '_, '_>) -> Result<bool, Complaint>;

/// The conditions by name.
pub(super) const CONDITIONS: &[(&str, Test)] = &[
    ("eq", |arguments| {
        Ok(arguments.value(0)? == arguments.value(1)?)
    }),
    ("ne", |arguments| {
        Ok(arguments.value(0)? != arguments.value(1)?)
    }),
    ("gt", |arguments| compare(arguments, Ordering::is_gt)),
    ("gte", |arguments| compare(arguments, Ordering::is_ge)),
    ("lt", |arguments| compare(arguments, Ordering::is_lt)),
    ("lte", |arguments| compare(arguments, Ordering::is_le)),
    ("and", |arguments| {
        all_values(arguments).map(|mut values| values.all(is_truthy))
    }),
    ("or", |arguments| {
        all_values(arguments).map(|mut values| values.any(is_truthy))
    }),
    ("not", |arguments| Ok(!is_truthy(arguments.value(0)?))),
];

/// A helper that is true or false.
pub(super) struct Condition {
    pub(super) test: Test,
}

impl HelperDef for Condition {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'reg, 'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'reg, 'rc>, RenderError> {
        self.holds(helper)
            .map(|holds| ScopedJson::Derived(Value::Bool(holds)))
    }

    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'reg, 'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        output: &mut dyn Output,
    ) -> HelperResult {
        let holds = self.holds(helper)?;
        if !helper.is_block() {
            return Ok(output.write(if holds { "true" } else { "false" })?);
        }
        let branch = if holds {
            helper.template()
        } else {
            helper.inverse()
        };
        branch.map_or(Ok(()), |template| {
            template.render(registry, context, render, output)
        })
    }
}

impl Condition {
    fn holds(&self, helper: &Helper<'_, '_>) -> Result<bool, RenderError> {
        (self.test)(&Arguments(helper)).map_err(|complaint| complaint.about(helper.name()))
    }
}

fn all_values<'call>(
    arguments: &Arguments<'call, '_, '_>,
) -> Result<impl Iterator<Item = &'call Value> + use<'call>, Complaint> {
    if arguments.len() == 0 {
        return Err(Complaint::Missing(0));
    }
    Ok(arguments.0.params().iter().map(PathAndJson::value))
}

/// Whether the two parameters are in an order that `accepts`. Nothing is less or greater than null, or equal to it.
fn compare(
    arguments: &Arguments<'_, '_, '_>,
    accepts: fn(Ordering) -> bool,
) -> Result<bool, Complaint> {
    let (left, right) = (arguments.value(0)?, arguments.value(1)?);
    let order = match (left, right) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Number(left), Value::Number(right)) => compare_numbers(left, right),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => {
            let reason = format!("cannot compare {} with {}", describe(left), describe(right));
            return Err(Complaint::Value(reason));
        }
    };
    Ok(order.is_some_and(accepts))
}

fn compare_numbers(left: &Number, right: &Number) -> Option<Ordering> {
    match (left.as_i64(), right.as_i64()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

/// As Handlebars has it: false, null, the empty string, array and object, 0 and what is too close to it are not.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64().is_some_and(f64::is_normal),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

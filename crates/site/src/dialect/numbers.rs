//! Helpers for numbers.

use serde_json::{Number, Value};

use super::arguments::{Arguments, Complaint};
use crate::surroundings::Surroundings;

type Answer = Result<Value, Complaint>;

pub(super) fn add(arguments: &Arguments<'_, '_, '_>) -> Answer {
    calculate(arguments, i64::checked_add)
}

pub(super) fn sub(arguments: &Arguments<'_, '_, '_>) -> Answer {
    calculate(arguments, i64::checked_sub)
}

pub(super) fn mul(arguments: &Arguments<'_, '_, '_>) -> Answer {
    calculate(arguments, i64::checked_mul)
}

pub(super) fn div(arguments: &Arguments<'_, '_, '_>) -> Answer {
    not_by_zero(arguments)?;
    calculate(arguments, i64::checked_div)
}

pub(super) fn modulo(arguments: &Arguments<'_, '_, '_>) -> Answer {
    not_by_zero(arguments)?;
    calculate(arguments, i64::checked_rem)
}

pub(super) fn max(arguments: &Arguments<'_, '_, '_>) -> Answer {
    Ok(arguments.integer(0)?.max(arguments.integer(1)?).into())
}

pub(super) fn min(arguments: &Arguments<'_, '_, '_>) -> Answer {
    Ok(arguments.integer(0)?.min(arguments.integer(1)?).into())
}

pub(super) fn floor(arguments: &Arguments<'_, '_, '_>) -> Answer {
    Ok(float(arguments.float(0)?.floor()))
}

pub(super) fn ceil(arguments: &Arguments<'_, '_, '_>) -> Answer {
    Ok(float(arguments.float(0)?.ceil()))
}

/// Half away from zero.
pub(super) fn round(arguments: &Arguments<'_, '_, '_>) -> Answer {
    Ok(float(arguments.float(0)?.round()))
}

/// A random integer from 0 to 2³¹ − 1, which the other helpers can calculate with.
pub(super) fn random(_: &Arguments<'_, '_, '_>, surroundings: &Surroundings) -> Answer {
    Ok((surroundings.draw_random() >> 33).into())
}

fn calculate(arguments: &Arguments<'_, '_, '_>, operation: fn(i64, i64) -> Option<i64>) -> Answer {
    operation(arguments.integer(0)?, arguments.integer(1)?)
        .map(Value::from)
        .ok_or_else(|| Complaint::Value("has a result too large for an integer".to_owned()))
}

fn not_by_zero(arguments: &Arguments<'_, '_, '_>) -> Result<(), Complaint> {
    match arguments.integer(1)? {
        0 => Err(Complaint::Value("cannot divide by zero".to_owned())),
        _ => Ok(()),
    }
}

/// Always a float in JSON, so that `3` is rendered as `3.0`.
fn float(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

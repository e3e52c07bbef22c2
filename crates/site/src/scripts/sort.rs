//! Sorting for scripts, the same on every platform and for every comparer.
//!
//! Comparers of real sites return only 1 and -1, also for equal elements, which is no order at all. The standard
//! library may answer that with a panic, and since Rust 1.81 with any order. Bartholomew was built with the merge sort
//! before that, which asks only whether the later of two elements is less than the earlier one, so that equal elements
//! came out in reverse. This sort does the same, always.

use std::cmp::Ordering;

use rhai::{
    Array, Dynamic, EvalAltResult, FnPtr, FuncRegistration, ImmutableString, Module,
    NativeCallContext,
};

type ScriptResult<T> = Result<T, Box<EvalAltResult>>;

/// Adds the functions that replace Rhai's own ones for sorting.
pub(super) fn register(module: &mut Module) {
    for name in ["sort", "sort_by"] {
        FuncRegistration::new(name).set_into_module(module, sort_by);
    }
    for name in ["order", "order_by"] {
        FuncRegistration::new(name).set_into_module(
            module,
            |context: NativeCallContext<'_>, array: &mut Array, comparer: FnPtr| {
                let mut copy = array.clone();
                sort_by(context, &mut copy, comparer).map(|()| copy)
            },
        );
    }
    FuncRegistration::new("sort")
        .set_into_module(module, |array: &mut Array| sort_values(array, less));
    FuncRegistration::new("sort_desc")
        .set_into_module(module, |array: &mut Array| sort_values(array, greater));
    FuncRegistration::new("order").set_into_module(module, |array: &mut Array| {
        let mut copy = array.clone();
        sort_values(&mut copy, less).map(|()| copy)
    });
    FuncRegistration::new("order_desc").set_into_module(module, |array: &mut Array| {
        let mut copy = array.clone();
        sort_values(&mut copy, greater).map(|()| copy)
    });
}

/// The order of `0..count` in which `less(later, earlier)` holds for no two neighbours that it was asked about.
///
/// Asks only whether the later of two elements is less than the earlier one, and takes it first when it is. What is
/// already in order, or in reverse, is asked about once: the files of a site are often named by their dates.
pub(super) fn merge_sort<E>(
    count: usize,
    mut less: impl FnMut(usize, usize) -> Result<bool, E>,
) -> Result<Vec<usize>, E> {
    let (mut from, mut runs) = runs(count, &mut less)?;
    while runs.len() > 1 {
        let mut to = Vec::with_capacity(count);
        let mut merged_runs = Vec::with_capacity(runs.len().div_ceil(2));
        let mut rest = &from[..];
        for lengths in runs.chunks(2) {
            let (earlier, after) = rest.split_at(lengths[0]);
            let (later, after) = after.split_at(lengths.get(1).copied().unwrap_or_default());
            merge(earlier, later, &mut to, &mut less)?;
            merged_runs.push(earlier.len() + later.len());
            rest = after;
        }
        from = to;
        runs = merged_runs;
    }
    Ok(from)
}

/// `0..count` in runs that are in order, and the lengths of these.
fn runs<E>(
    count: usize,
    less: &mut impl FnMut(usize, usize) -> Result<bool, E>,
) -> Result<(Vec<usize>, Vec<usize>), E> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut lengths = Vec::new();
    let mut start = 0;
    while start < count {
        let mut end = start + 1;
        if end < count {
            let falling = less(end, start)?;
            end += 1;
            while end < count && less(end, end - 1)? == falling {
                end += 1;
            }
            if falling {
                order[start..end].reverse();
            }
        }
        lengths.push(end - start);
        start = end;
    }
    Ok((order, lengths))
}

fn merge<E>(
    mut earlier: &[usize],
    mut later: &[usize],
    merged: &mut Vec<usize>,
    less: &mut impl FnMut(usize, usize) -> Result<bool, E>,
) -> Result<(), E> {
    while let ([first_earlier, rest_earlier @ ..], [first_later, rest_later @ ..]) =
        (earlier, later)
    {
        if less(*first_later, *first_earlier)? {
            merged.push(*first_later);
            later = rest_later;
        } else {
            merged.push(*first_earlier);
            earlier = rest_earlier;
        }
    }
    merged.extend_from_slice(earlier);
    merged.extend_from_slice(later);
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "Rhai passes these by value")]
fn sort_by(context: NativeCallContext<'_>, array: &mut Array, comparer: FnPtr) -> ScriptResult<()> {
    // A comparer gets its arguments by value: sharing makes that a counter instead of a copy of a whole page.
    let items: Vec<Dynamic> = std::mem::take(array).into_iter().map(share).collect();
    let sorted = merge_sort(items.len(), |later, earlier| {
        compare(&context, &comparer, &items[later], &items[earlier])
    });
    let failure = match sorted {
        Ok(order) => {
            *array = permute(items, &order);
            return Ok(());
        }
        Err(failure) => failure,
    };
    *array = items.into_iter().map(Dynamic::flatten).collect();
    Err(failure)
}

/// Whether `comparer` says that `later` is less than `earlier`.
///
/// As in the reference, a comparer that fails or returns no number counts elements of one type as equal. Only a limit
/// that was reached ends the sort.
fn compare(
    context: &NativeCallContext<'_>,
    comparer: &FnPtr,
    later: &Dynamic,
    earlier: &Dynamic,
) -> ScriptResult<bool> {
    match comparer.call_raw(context, None, [later.clone(), earlier.clone()]) {
        Err(error) if is_limit(&error) => Err(error),
        Ok(result) if result.is_int() => Ok(result.as_int().is_ok_and(|order| order < 0)),
        Ok(_) | Err(_) => Ok(later.type_name() < earlier.type_name()),
    }
}

fn is_limit(error: &EvalAltResult) -> bool {
    matches!(
        error.unwrap_inner(),
        EvalAltResult::ErrorTooManyOperations(..)
            | EvalAltResult::ErrorStackOverflow(..)
            | EvalAltResult::ErrorDataTooLarge(..)
            | EvalAltResult::ErrorTerminated(..)
    )
}

fn sort_values(
    array: &mut Array,
    less: fn(&Dynamic, &Dynamic) -> Option<bool>,
) -> ScriptResult<()> {
    let order = merge_sort(array.len(), |later, earlier| {
        less(&array[later], &array[earlier]).ok_or_else(|| {
            let kinds = (array[earlier].type_name(), array[later].type_name());
            EvalAltResult::from(format!("a {} and a {} cannot be sorted", kinds.0, kinds.1))
        })
    })?;
    *array = permute(std::mem::take(array), &order);
    Ok(())
}

fn less(later: &Dynamic, earlier: &Dynamic) -> Option<bool> {
    order_of(later, earlier).map(Ordering::is_lt)
}

fn greater(later: &Dynamic, earlier: &Dynamic) -> Option<bool> {
    order_of(later, earlier).map(Ordering::is_gt)
}

/// The order of two values of one type that has an order. A float that is no number equals every other.
fn order_of(one: &Dynamic, other: &Dynamic) -> Option<Ordering> {
    if one.is::<ImmutableString>() && other.is::<ImmutableString>() {
        let (one, other) = (
            one.read_lock::<ImmutableString>()?,
            other.read_lock::<ImmutableString>()?,
        );
        return Some(one.cmp(&other));
    }
    if let (Ok(one), Ok(other)) = (one.as_int(), other.as_int()) {
        return Some(one.cmp(&other));
    }
    if let (true, true) = (one.is_float(), other.is_float()) {
        let (one, other) = (one.as_float().ok()?, other.as_float().ok()?);
        return Some(one.partial_cmp(&other).unwrap_or(Ordering::Equal));
    }
    if let (Ok(one), Ok(other)) = (one.as_char(), other.as_char()) {
        return Some(one.cmp(&other));
    }
    if let (Ok(one), Ok(other)) = (one.as_bool(), other.as_bool()) {
        return Some(one.cmp(&other));
    }
    (one.is_unit() && other.is_unit()).then_some(Ordering::Equal)
}

fn share(value: Dynamic) -> Dynamic {
    if value.is_map() || value.is_array() {
        value.into_shared()
    } else {
        value
    }
}

fn permute(items: Vec<Dynamic>, order: &[usize]) -> Array {
    let mut items: Vec<Option<Dynamic>> = items.into_iter().map(Some).collect();
    order
        .iter()
        .filter_map(|&index| items[index].take())
        .map(Dynamic::flatten)
        .collect()
}

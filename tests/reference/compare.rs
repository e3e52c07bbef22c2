//! Whether an answer is the recorded or the wanted one.

use std::collections::BTreeMap;

use super::markup::{self, Case};
use super::{Comparison, Record, Wanted};

/// An answer, its body decoded.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// By lower-case names.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// How a reply differs from the recorded answer.
pub(crate) fn mismatch(record: &Record, reply: &Reply) -> Option<String> {
    if reply.status != record.status {
        return Some(format!("status {}, want {}", reply.status, record.status));
    }
    if record.compare == Comparison::Status {
        return None;
    }
    let headers = [
        "location",
        "www-authenticate",
        "cache-control",
        "content-type",
    ];
    for name in headers {
        let want = record.headers.get(name);
        let got = reply.headers.get(name);
        let same = match (name, want) {
            (_, None) => true,
            ("content-type", Some(want)) => got.is_some_and(|got| same_type(got, want)),
            (_, want) => got == want,
        };
        if !same {
            return Some(format!("{name} {got:?}, want {want:?}"));
        }
    }
    let want = record.body.as_deref()?;
    body_mismatch(record.compare, &String::from_utf8_lossy(&reply.body), want)
}

/// How a reply differs from what is wanted instead of the recorded answer.
pub(crate) fn mismatch_wanted(record: &Record, wanted: &Wanted, reply: &Reply) -> Option<String> {
    if reply.status != wanted.status {
        return Some(format!("status {}, want {}", reply.status, wanted.status));
    }
    let location = reply.headers.get("location");
    if wanted.location.is_some() && location != wanted.location.as_ref() {
        return Some(format!("location {location:?}"));
    }
    let body = String::from_utf8_lossy(&reply.body);
    let missing = wanted.contains.iter().find(|text| !body.contains(*text));
    if let Some(text) = missing {
        return Some(format!("no {text:?} in {body}"));
    }
    let present = wanted.lacks.iter().find(|text| body.contains(*text));
    if let Some(text) = present {
        return Some(format!("{text:?} in {body}"));
    }
    let want = match (&wanted.body, &wanted.replace) {
        (Some(body), _) => body.clone(),
        (None, replacements) if replacements.is_empty() => return None,
        (None, replacements) => replaced(record, replacements),
    };
    body_mismatch(wanted.compare.unwrap_or(record.compare), &body, &want)
}

fn replaced(record: &Record, replacements: &[[String; 2]]) -> String {
    let mut body = record.body.clone().unwrap_or_default();
    for [from, to] in replacements {
        assert!(
            body.contains(from),
            "{}: no {from:?} to replace",
            record.path
        );
        body = body.replace(from, to);
    }
    body
}

fn same_type(got: &str, want: &str) -> bool {
    let fold = |text: &str| {
        let text = text.to_ascii_lowercase().replace(' ', "");
        text.trim_end_matches(";charset=utf-8").to_owned()
    };
    fold(got) == fold(want)
}

fn body_mismatch(comparison: Comparison, got: &str, want: &str) -> Option<String> {
    match comparison {
        Comparison::None | Comparison::Status => None,
        Comparison::Dom => first_difference(&markup::html(got), &markup::html(want)),
        Comparison::Xml => first_difference(
            &markup::tokens(got, Case::Sensitive),
            &markup::tokens(want, Case::Sensitive),
        ),
        Comparison::Json => {
            let parse = |text| serde_json::from_str::<serde_json::Value>(text).ok();
            (parse(want).is_none() || parse(got) != parse(want))
                .then(|| format!("other JSON: {got}"))
        }
        Comparison::Text => {
            let lines = |text: &str| -> Vec<String> {
                text.trim_end().split('\n').map(str::to_owned).collect()
            };
            first_difference(&lines(got), &lines(want))
        }
        Comparison::Bytes => (got != want).then(|| format!("other bytes: {got}")),
    }
}

fn first_difference(got: &[String], want: &[String]) -> Option<String> {
    if got == want {
        return None;
    }
    let pairs = got.iter().zip(want);
    let at = pairs.take_while(|(got, want)| got == want).count();
    let near = |parts: &[String]| parts.iter().skip(at).take(3).cloned().collect::<Vec<_>>();
    Some(format!("at {at}: {:?}, want {:?}", near(got), near(want)))
}

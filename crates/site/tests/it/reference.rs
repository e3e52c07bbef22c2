//! The golden answers of the reference sites that a renderer gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use site::{Answer, PageRequest, Site, Surroundings};

use crate::golden::{self, Record, Reply, Run, Wanted};

/// The differences of this crate that are known.
const UNSOLVED: &str = "unsolved-site.toml";

#[test]
fn every_page_is_answered_as_by_the_reference_or_as_wanted() {
    let runs = golden::runs();
    let wanted = golden::wanted();
    let unsolved = golden::unsolved(UNSOLVED);
    let mut faults = Vec::new();
    let mut compared = 0;
    for record in golden::records() {
        let Some((route, path_info)) = rendered_by(&record) else {
            continue;
        };
        compared += 1;
        let reply = ask(&record, &runs[&record.site], route, path_info);
        let difference = difference(&record, &wanted, &reply);
        let known = unsolved
            .iter()
            .find(|known| known.site == record.site && known.path == record.path);
        match (difference, known) {
            (None, None) | (Some(_), Some(_)) => {}
            (Some(difference), None) => faults.push(describe(&record, &difference)),
            (None, Some(known)) => faults.push(format!(
                "{} {} matches now, take it off {UNSOLVED} (reason was: {})",
                record.site, record.path, known.reason
            )),
        }
    }
    assert!(
        compared > 300,
        "only {compared} records are of the renderer"
    );
    assert!(
        faults.is_empty(),
        "{} of {compared}:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn every_wanted_answer_and_every_known_difference_is_of_a_record() {
    let records = golden::records();
    let of = |site: &str, path: &str| {
        let records = records.iter();
        let of_path = records.filter(|record| record.site == site && record.path == path);
        of_path.cloned().collect::<Vec<_>>()
    };
    for wanted in golden::wanted() {
        let has_fix = of(&wanted.site, &wanted.path)
            .iter()
            .any(|record| record.fix.is_some());
        assert!(has_fix, "{} {} has no fix", wanted.site, wanted.path);
    }
    for known in golden::unsolved(UNSOLVED) {
        let records = of(&known.site, &known.path);
        assert!(!records.is_empty(), "{} {}", known.site, known.path);
    }
}

fn describe(record: &Record, difference: &str) -> String {
    let wanted = record.fix.as_ref().map_or_else(String::new, |fix| {
        format!("  [{}: {}]", fix.item, fix.wanted)
    });
    format!("{} {}: {difference}{wanted}", record.site, record.path)
}

/// The route and the rest of the path, for requests that reach a renderer's pages: methods, credentials and files are
/// decided elsewhere.
fn rendered_by(record: &Record) -> Option<(&'static str, &str)> {
    if !matches!(record.method.as_str(), "GET" | "HEAD") || record.status == 401 {
        return None;
    }
    let path = record.path.split('?').next().unwrap_or("");
    if record.site != "docs" {
        return (path != "/static" && !path.starts_with("/static/")).then_some(("/...", path));
    }
    if path.trim_end_matches('/') == "/exact" {
        return Some(("/exact", ""));
    }
    let below = path.strip_prefix("/docs")?;
    (below.is_empty() || below.starts_with('/')).then_some(("/docs/...", below))
}

fn ask(record: &Record, run: &Run, route: &str, path_info: &str) -> Reply {
    let component_route = route.trim_end_matches("/...");
    let mut environment = run.environment.clone();
    if run.folder == "site" {
        for (name, value) in [("SHOW_DEBUG", "0"), ("LAMP_COLOUR", "amber & red")] {
            environment.insert(name.to_owned(), value.to_owned());
        }
    }
    let mut headers: BTreeMap<String, String> = record
        .request_headers
        .iter()
        .map(|(name, lines)| (name.clone(), lines.last().to_owned()))
        .collect();
    for (name, value) in [
        ("spin-path-info", path_info),
        (
            "spin-full-url",
            &format!("http://example.test{}", record.path),
        ),
        ("spin-matched-route", route),
        ("spin-base-path", "/"),
        ("spin-raw-component-route", route),
        ("spin-component-route", component_route),
        ("spin-client-addr", "127.0.0.1:40000"),
    ] {
        headers.insert(name.to_owned(), value.to_owned());
    }
    let request = PageRequest {
        path_info: path_info.to_owned(),
        component_route: component_route.to_owned(),
        query: record
            .path
            .split_once('?')
            .map_or("", |(_, query)| query)
            .to_owned(),
        headers,
        environment,
    };
    let surroundings = Arc::new(Surroundings::new(now(), || 4));
    match Site::open(golden::folder().join(&run.folder)) {
        Ok(site) => reply(site.answer(&request, &surroundings)),
        Err(error) => reply(Answer::Failed(site::Failure::to_open(&error, &request))),
    }
}

/// The dates of the fixtures are far from it on both sides.
fn now() -> DateTime<Utc> {
    "2026-03-04T05:06:07Z".parse().expect("it is a date")
}

fn reply(answer: Answer) -> Reply {
    let html = "text/html; charset=utf-8".to_owned();
    let (status, fields, body) = match answer {
        Answer::Page {
            status,
            content_type,
            cache_control,
            body,
            dependencies: _,
        } => {
            let cache_control = cache_control.map(|value| ("cache-control", value));
            let fields = Vec::from_iter(
                cache_control
                    .into_iter()
                    .chain([("content-type", content_type)]),
            );
            (status, fields, body)
        }
        Answer::Redirect {
            status, location, ..
        } => (
            status,
            vec![("location", location), ("content-type", html)],
            String::new(),
        ),
        Answer::NotFound { body, .. } => (404, vec![("content-type", html)], body),
        Answer::Failed(failure) => (500, vec![("content-type", html)], failure.body),
    };
    Reply {
        status,
        headers: fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        body: body.into_bytes(),
    }
}

fn difference(record: &Record, wanted: &[Wanted], reply: &Reply) -> Option<String> {
    let wanted = wanted
        .iter()
        .find(|wanted| wanted.site == record.site && wanted.path == record.path)
        .filter(|_| record.fix.is_some());
    match wanted {
        Some(wanted) => golden::mismatch_wanted(record, wanted, reply),
        None if record.volatile => None,
        None => golden::mismatch(record, reply),
    }
}

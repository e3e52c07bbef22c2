//! The golden answers of the reference sites, all of them, through Wasm and HTTP.
//!
//! The site crate compares the pages without Wasm; here are methods, credentials, codings, validators and files too.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;

use crate::exchange::Response;
use crate::golden::{self, Comparison, HeaderLines, Record, Reply, Run};
use crate::served::{Served, serve, workspace};

/// What is wanted of HTTP instead of the recorded answers; the site crate's list has the rest.
const WANTED: &str = "tests/reference/wanted-http.toml";
/// The differences that are known, all of them of the site crate. The list may only get shorter.
const UNSOLVED: &str = "unsolved-site.toml";
/// All records of the fixture.
const RECORDS: usize = 445;

#[test]
fn every_record_is_answered_as_by_the_reference_or_as_wanted() {
    let records = golden::records();
    assert_eq!(records.len(), RECORDS);
    let expectations = Expectations::read();
    let mut faults = Vec::new();
    for (label, run) in golden::runs() {
        let served = start(&run);
        for record in records.iter().filter(|record| record.site == label) {
            let response = ask(&served, record);
            let difference = expectations.difference(record, &response);
            if let Some(fault) = expectations.fault(record, difference) {
                faults.push(fault);
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {RECORDS}:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn every_wanted_answer_and_every_known_difference_is_of_a_record() {
    let records = golden::records();
    let expectations = Expectations::read();
    for wanted in &expectations.http {
        let of: Vec<_> = records
            .iter()
            .filter(|record| wanted.is_for(record))
            .collect();
        assert!(!of.is_empty(), "{wanted:?} is of no record");
        let fixed = of.iter().all(|record| record.fix.is_some());
        assert!(
            fixed || wanted.reason.is_some(),
            "{wanted:?} has neither a `fix` nor a reason"
        );
    }
    for known in &expectations.unsolved {
        let recorded = records
            .iter()
            .any(|record| record.site == known.site && record.path == known.path);
        assert!(recorded, "{} {} is no record", known.site, known.path);
    }
}

/// The answer to one request of the records, as far as it differs from the recorded one on purpose.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedOverHttp {
    site: String,
    #[serde(default = "get")]
    method: String,
    path: String,
    /// Request header fields that tell records of one path apart: the last line of each.
    #[serde(default)]
    when: BTreeMap<String, String>,
    status: u16,
    /// Fields that the answer has.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The decoded body; that of the record unless given.
    body: Option<String>,
    /// Why, where the record has no `fix`.
    reason: Option<String>,
}

fn get() -> String {
    "GET".to_owned()
}

impl WantedOverHttp {
    fn is_for(&self, record: &Record) -> bool {
        let sent = |name: &str| record.request_headers.get(name).map(HeaderLines::last);
        self.site == record.site
            && self.method == record.method
            && self.path == record.path
            && self
                .when
                .iter()
                .all(|(name, value)| sent(name) == Some(value.as_str()))
    }

    fn difference(&self, record: &Record, response: &Response) -> Option<String> {
        if response.status != self.status {
            return Some(format!("status {}, want {}", response.status, self.status));
        }
        for (name, want) in &self.headers {
            let got = response.header(name);
            if got != Some(want) {
                return Some(format!("{name} {got:?}, want {want:?}"));
            }
        }
        let want = self.body.as_ref().or(record.body.as_ref())?;
        let got = response.decoded();
        (got != want.as_bytes())
            .then(|| format!("body {:?}, want {want:?}", String::from_utf8_lossy(&got)))
    }
}

/// What the records are compared with, besides themselves.
struct Expectations {
    http: Vec<WantedOverHttp>,
    pages: Vec<golden::Wanted>,
    unsolved: Vec<golden::Unsolved>,
}

impl Expectations {
    fn read() -> Expectations {
        #[derive(Deserialize)]
        struct Table {
            wanted: Vec<WantedOverHttp>,
        }
        let text = fs::read_to_string(workspace().join(WANTED)).unwrap();
        let table: Table =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{WANTED}: {error}"));
        Expectations {
            http: table.wanted,
            pages: golden::wanted(),
            unsolved: golden::unsolved(UNSOLVED),
        }
    }

    fn difference(&self, record: &Record, response: &Response) -> Option<String> {
        if let Some(wanted) = self.http.iter().find(|wanted| wanted.is_for(record)) {
            return wanted.difference(record, response);
        }
        let reply = Reply {
            status: response.status,
            headers: response.headers(),
            body: response.decoded(),
        };
        let is_page =
            |wanted: &&golden::Wanted| wanted.site == record.site && wanted.path == record.path;
        match self
            .pages
            .iter()
            .find(is_page)
            .filter(|_| record.fix.is_some())
        {
            Some(wanted) if record.method == "GET" => {
                golden::mismatch_wanted(record, wanted, &reply)
            }
            _ if record.volatile => Some("volatile, so what is wanted must be said".to_owned()),
            _ => golden::mismatch(record, &reply).or_else(|| other_bytes(record, &reply)),
        }
    }

    /// What to complain of: an unknown difference, or a known one that is no more.
    fn fault(&self, record: &Record, difference: Option<String>) -> Option<String> {
        let name = format!(
            "{} {} {} {:?}",
            record.site, record.method, record.path, record.request_headers
        );
        let is_this =
            |known: &&golden::Unsolved| known.site == record.site && known.path == record.path;
        match (difference, self.unsolved.iter().find(is_this)) {
            (None, None) | (Some(_), Some(_)) => None,
            (Some(difference), None) => {
                let fix = record
                    .fix
                    .as_ref()
                    .map(|fix| format!(" ({}: {})", fix.item, fix.wanted));
                Some(format!("{name}: {difference}{}", fix.unwrap_or_default()))
            }
            (None, Some(known)) => Some(format!(
                "{name} matches now, take it off {UNSOLVED} (reason was: {})",
                known.reason
            )),
        }
    }
}

/// Binary bodies are recorded as digests. Those of files that the fixture has can be compared with them.
fn other_bytes(record: &Record, reply: &Reply) -> Option<String> {
    if record.compare != Comparison::Bytes || record.body.is_some() {
        return None;
    }
    let file = golden::folder()
        .join("site")
        .join(record.path.trim_start_matches('/'));
    match fs::read(file) {
        Ok(want) => (reply.body != want).then(|| "other bytes".to_owned()),
        Err(_) => Some("bytes that the fixture does not have".to_owned()),
    }
}

fn start(run: &Run) -> Served {
    let settings: Vec<String> = run
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    serve(
        &golden::folder().join(&run.folder).join("spin.toml"),
        &settings,
    )
}

fn ask(served: &Served, record: &Record) -> Response {
    let lines = record.request_headers.iter().flat_map(|(name, lines)| {
        let lines = match lines {
            HeaderLines::One(line) => std::slice::from_ref(line),
            HeaderLines::Many(lines) => lines,
        };
        lines.iter().map(|line| (name.as_str(), line.as_str()))
    });
    let lines: Vec<(&str, &str)> = lines.collect();
    served.send(&record.method, &record.path, &lines)
}

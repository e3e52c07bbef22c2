//! Renders a page of a site once, to count the instructions that this takes in a new instance: `render FOLDER PATH`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::DateTime;
use site::{Answer, PageRequest, Site, Surroundings};

/// After the dates of the pages, or they would not be public: in 2030.
const NOW: i64 = 1_900_000_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, path] = &arguments[..] else {
        panic!("usage: render FOLDER PATH");
    };
    let request = PageRequest {
        path_info: path.clone(),
        headers: BTreeMap::from([("spin-path-info".to_owned(), path.clone())]),
        ..PageRequest::default()
    };
    let answer = counted(folder, &request);
    assert!(matches!(answer, Answer::Page { .. }), "{answer:?}");
}

/// What is counted, which is what the renderer does for a request.
#[inline(never)]
fn counted(folder: &str, request: &PageRequest) -> Answer {
    let site = Site::open(folder).expect("the site has settings");
    let now = DateTime::from_timestamp_secs(NOW).expect("in range");
    site.answer(request, &Arc::new(Surroundings::new(now, || 0)))
}

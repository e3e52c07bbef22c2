//! Requests for pages of a site that is made for a test.

use std::collections::BTreeMap;

use site::{Answer, PageRequest, Site, index};

use crate::site_folder::{SiteFolder, surroundings};

/// Settings with nothing but a title.
pub(crate) const SETTINGS: (&str, &str) = ("config/site.toml", "title = \"Lamps\"\n");
/// A template that is the body of the page.
pub(crate) const BODY: (&str, &str) = ("templates/main.hbs", "{{{page.body}}}");

/// A request for a path, under the route of the whole site.
pub(crate) fn request(path_info: &str) -> PageRequest {
    PageRequest {
        path_info: path_info.to_owned(),
        ..PageRequest::default()
    }
}

/// The same, from an author.
pub(crate) fn preview(path_info: &str) -> PageRequest {
    with_variable(request(path_info), "PREVIEW_MODE", "1")
}

pub(crate) fn with_variable(mut request: PageRequest, name: &str, value: &str) -> PageRequest {
    request
        .environment
        .insert(name.to_owned(), value.to_owned());
    request
}

pub(crate) fn with_headers(mut request: PageRequest, headers: &[(&str, &str)]) -> PageRequest {
    let headers = headers.iter();
    request.headers = headers
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect::<BTreeMap<_, _>>();
    request
}

/// The answer, which is the same with a page index as without.
pub(crate) fn answer(folder: &SiteFolder, request: &PageRequest) -> Answer {
    let site = Site::open(folder.root()).expect("the settings are right");
    let answer = site.answer(request, &surroundings());
    folder.write(index::PATH, folder.index().as_bytes());
    let indexed = site.answer(request, &surroundings());
    folder.remove(index::PATH);
    assert_eq!(indexed, answer, "the page index changes the answer");
    answer
}

/// The status and the content of an answer, of a redirect where it leads.
pub(crate) fn outcome(folder: &SiteFolder, request: &PageRequest) -> (u16, String) {
    match answer(folder, request) {
        Answer::Page { status, body, .. } => (status, body.trim_end().to_owned()),
        Answer::Redirect {
            status, location, ..
        } => (status, location),
        Answer::NotFound { body, .. } => (404, body.trim_end().to_owned()),
        Answer::Failed(failure) => (500, failure.report),
    }
}

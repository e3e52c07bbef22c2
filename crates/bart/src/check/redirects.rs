//! Redirects: those of pages, and those of the manifest.

use engine::app::Route;

use super::answers::{Answer, Answers, Destination, End};
use super::finding::{Code, Finding, Findings};
use super::origin::line_of;
use super::pages::{Shows, State};

/// Checks where redirects lead.
pub(super) fn check(answers: &Answers<'_>, manifest_text: &str, findings: &mut Findings) {
    for page in &answers.pages.all {
        let Shows::Redirect(location) = &page.shows else {
            continue;
        };
        // Others are not followed by anybody yet.
        if page.state == State::Published
            && let Some((code, message)) = fault(answers, &page.address, location)
        {
            let text = std::fs::read_to_string(&page.path).unwrap_or_default();
            let line = line_of(&text, location);
            findings.add(Finding::new(code, &page.path, message).line(line));
        }
    }
    let app = answers.parts.app();
    let base = app.base_path.trim_end_matches('/');
    for trigger in &app.triggers {
        let Route::Path(raw) = &trigger.route else {
            continue;
        };
        let prefix = raw.strip_suffix("/...").unwrap_or(raw);
        if prefix.contains("/:") || prefix.contains('*') {
            continue;
        }
        let address = match format!("{base}{prefix}") {
            root if root.is_empty() => "/".to_owned(),
            address => address,
        };
        if let Answer::Redirect(location) = answers.at(&address)
            && let Some((code, message)) = fault(answers, &address, &location)
        {
            let line = line_of(manifest_text, raw);
            let manifest = &answers.parts.manifest;
            findings.add(Finding::new(code, manifest, message).line(line));
        }
    }
}

/// What is wrong with a redirect from `address` to `location`.
fn fault(answers: &Answers<'_>, address: &str, location: &str) -> Option<(Code, String)> {
    let Destination::Inside { path, .. } = answers.destination(address, None, location) else {
        return None;
    };
    match answers.follow(&path) {
        End::Loop => Some((
            Code::RedirectLoop,
            format!("the redirect from `{address}` to `{location}` never ends"),
        )),
        End::At(end, Answer::Missing(reason)) => Some((
            Code::BrokenRedirect,
            match end == path {
                true => {
                    format!("the redirect from `{address}` to `{location}` leads nowhere: {reason}")
                }
                false => format!(
                    "the redirect from `{address}` to `{location}` leads on to `{end}`, which is nothing: {reason}"
                ),
            },
        )),
        End::At(_, Answer::Page(page)) if answers.pages.all[page].state != State::Published => {
            let message = format!(
                "the redirect from `{address}` to `{location}` leads to a page that is not published"
            );
            Some((Code::BrokenRedirect, message))
        }
        End::At(..) | End::Outside => None,
    }
}

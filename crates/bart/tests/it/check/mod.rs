//! `bart check`: what it finds in a site, and how it says it.

mod command;
mod links;
mod pages;
mod sources;

use bart::check::{Check, check};
use bart::settings::Configuration;
use chrono::{DateTime, Utc};

use crate::scratch::Scratch;

/// The time of all checks here.
const NOW: &str = "2024-05-06T07:08:09Z";

const MANIFEST: &str = r#"
spin_manifest_version = 2
[application]
name = "checked"
version = "0.1.0"
[[trigger.http]]
route = "/..."
component = "pages"
[[trigger.http]]
route = "/static/..."
component = "files"
[component.pages]
source = "modules/bartholomew.wasm"
files = ["content/**/*", "templates/**/*", "scripts/*", "config/*", "shortcodes/*"]
[component.files]
source = "modules/spin_static_fs.wasm"
files = [{ source = "static", destination = "/" }]
"#;

/// A site without a fault.
const FILES: [(&str, &str); 4] = [
    (
        "config/site.toml",
        "title = \"Checked\"\nbase_url = \"https://checked.test/site\"\nindex_site_pages = []\n",
    ),
    (
        "templates/main.hbs",
        "<title>{{page.head.title}}</title>\n<link rel=\"stylesheet\" href=\"/static/style.css\">\n{{{page.body}}}\n",
    ),
    ("content/index.md", "title = \"Home\"\n---\n"),
    ("static/style.css", "p {}\n"),
];

/// The site without a fault, with some files in addition or in place of its own.
fn site(manifest: &str, files: &[(&str, &str)]) -> Scratch {
    Scratch::site(manifest, &[&FILES, files].concat())
}

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

/// What is found in a site, each as `path:line code`.
fn findings_in(site: &Scratch) -> Vec<String> {
    let arguments = Check {
        site: site.path().to_owned(),
        deny: None,
        allow: Vec::new(),
        json: false,
        configuration: Configuration {
            settings: Vec::new(),
            files: Vec::new(),
            folders: Vec::new(),
        },
    };
    let report = check(&arguments, now()).unwrap();
    let findings = report.findings.iter();
    findings
        .map(|finding| {
            let path = finding.path.strip_prefix(site.path().to_str().unwrap());
            let path = path.unwrap().trim_start_matches('/');
            match finding.line {
                Some(line) => format!("{path}:{line} {}", finding.code),
                None => format!("{path} {}", finding.code),
            }
        })
        .collect()
}

/// The same of the site without a fault, with these files.
fn findings(files: &[(&str, &str)]) -> Vec<String> {
    findings_in(&site(MANIFEST, files))
}

/// Files of a site, and what is found because of them.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

/// Checks a table.
fn expect(cases: &[Case<'_>]) {
    for (files, expected) in cases {
        assert_eq!(findings(files), *expected, "{files:#?}");
    }
}

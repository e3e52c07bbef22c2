//! What pages are made with: templates, scripts and shortcodes that fail, are missing, or that nothing uses.

use std::collections::BTreeSet;
use std::fs;

use site::survey::{DEFAULT_TEMPLATE, Demand, Kind, Survey};
use site::{Document, SETTINGS_PATH};

use super::finding::{Code, Finding, Findings};
use super::origin::line_of;
use super::pages::{self, Pages};
use super::parts::{FileServer, Parts, Renderer};

/// What templates of Bartholomew's first versions read of a request, as they name it.
const OLD_VARIABLES: [&str; 2] = ["env.PATH_INFO", "env.QUERY_STRING"];

/// Checks the templates, scripts and shortcodes of all renderers, and what settings name.
pub(super) fn check(parts: &Parts, pages: &Pages, findings: &mut Findings) {
    for (index, renderer) in parts.renderers() {
        let of_renderer = pages.all.iter().filter(|page| page.component == index);
        let documents: Vec<&Document> = of_renderer.map(|page| &page.document).collect();
        let survey = site::silently(|| renderer.site.survey(&demand(&documents)));
        let check = Sources { renderer, parts };
        check.survey(survey, findings);
        check.settings(findings);
        check.old_variables(findings);
    }
    for server in parts.file_servers() {
        named_files(parts, server, findings);
    }
}

/// The error page has the default template.
fn demand<'a>(documents: &[&'a Document]) -> Demand<'a> {
    let named = documents
        .iter()
        .filter_map(|it| it.head.template.as_deref());
    let bodies = documents
        .iter()
        .filter(|it| it.head.enable_shortcodes == Some(true));
    Demand {
        templates: named.chain([DEFAULT_TEMPLATE]).collect(),
        bodies: bodies.map(|it| it.body.markdown()).collect(),
    }
}

struct Sources<'a> {
    renderer: &'a Renderer,
    parts: &'a Parts,
}

impl Sources<'_> {
    fn survey(&self, survey: Survey, findings: &mut Findings) {
        let broken: BTreeSet<String> = survey
            .faults
            .iter()
            .filter_map(|it| it.path.clone())
            .collect();
        for fault in survey.faults {
            findings.add(pages::broken(self.renderer, &self.parts.manifest, fault));
        }
        for unused in survey.unused {
            // What is wrong with it is more worth knowing.
            if !broken.contains(&unused.path) {
                let (code, noun) = match unused.kind {
                    Kind::Template => (Code::UnusedTemplate, "template"),
                    Kind::Script => (Code::UnusedScript, "script"),
                    Kind::Shortcode => (Code::UnusedShortcode, "shortcode"),
                };
                let message = format!("nothing uses this {noun}");
                findings.add(Finding::new(code, self.shown(&unused.path), message));
            }
        }
        for missing in survey.missing_partials {
            let path = self.shown(&missing.path);
            let message = format!(
                "there is no template `{}`, so nothing is shown here",
                missing.name
            );
            let line = line_of(&text(&path), &missing.name);
            findings.add(Finding::new(Code::MissingPartial, path, message).line(line));
        }
        if self.renderer.site.settings().index_site_pages.is_none()
            && !survey.without_pages.is_empty()
        {
            let names: Vec<String> = survey
                .without_pages
                .iter()
                .map(|name| format!("`{name}`"))
                .collect();
            let message = format!(
                "`site.pages` is empty, and templates list pages: {}",
                names.join(", ")
            );
            let hint = format!("write `index_site_pages = {:?}`", survey.without_pages);
            findings.add(
                Finding::new(Code::NoPageList, self.settings_path(), message).hint(Some(hint)),
            );
        }
    }

    /// The templates and pages that the settings name.
    fn settings(&self, findings: &mut Findings) {
        let site = &self.renderer.site;
        let settings = site.settings();
        let path = self.settings_path();
        let text = text(&path);
        for name in settings.index_site_pages.iter().flatten() {
            if !site.has_template(name) {
                let message = format!("there is no template `{name}`");
                let line = line_of(&text, name);
                findings.add(Finding::new(Code::UnknownTemplate, &path, message).line(line));
            }
        }
        if let Some(page) = &settings.not_found_page
            && site.lender(page).is_none()
        {
            let message = format!("there is no page `{page}` to show for what is not found");
            let line = line_of(&text, page);
            findings.add(Finding::new(Code::MissingSource, &path, message).line(line));
        }
    }

    fn old_variables(&self, findings: &mut Findings) {
        if self.renderer.site.settings().request_environment {
            return;
        }
        let files = self.renderer.sources.iter();
        for (_, path) in files.filter(|(file, _)| file.ends_with(".hbs")) {
            let text = text(path);
            for name in OLD_VARIABLES {
                if let Some(line) = line_of(&text, name) {
                    let message = format!("`{name}` is empty since Bartholomew runs on Spin");
                    let hint = "read `request.spin-path-info`, or write `request_environment = true` in `config/site.toml`";
                    findings.add(
                        Finding::new(Code::OldVariable, path, message)
                            .line(Some(line))
                            .hint(Some(hint)),
                    );
                }
            }
        }
    }

    fn shown(&self, file: &str) -> String {
        let known = self.renderer.sources.get(file);
        known.map_or_else(|| file.to_owned(), Clone::clone)
    }

    fn settings_path(&self) -> String {
        self.shown(SETTINGS_PATH)
    }
}

/// The files that the settings of a file server name.
fn named_files(parts: &Parts, server: &FileServer, findings: &mut Findings) {
    let settings = &server.settings;
    let named = [
        ("FALLBACK_PATH", &settings.fallback),
        ("CUSTOM_404_PATH", &settings.not_found_page),
    ];
    for (variable, path) in named {
        if let Some(path) = path
            && !server.plan.files().contains_key(path.as_str())
        {
            let message = format!(
                "component `{}` has no file `{}`, which its `{variable}` names",
                server.id,
                path.as_str()
            );
            let line = line_of(&text(&parts.manifest), variable);
            findings.add(Finding::new(Code::MissingFile, &parts.manifest, message).line(line));
        }
    }
}

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

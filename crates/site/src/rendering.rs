//! From a decision to an answer: the page context, the template, and what the result depended on.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::body::{BodyRenderer, ShortcodeUse};
use crate::content::Selection;
use crate::decision::{Decider, Decision, ShownPage, page_status, path_info};
use crate::dependencies::{Dependencies, Key, Known, soon};
use crate::diagnosis::Diagnosis;
use crate::environment::{Audience, Environment};
use crate::failure::{Failure, report};
use crate::head::Head;
use crate::json::object;
use crate::links::Links;
use crate::listing::{Detail, Listing, Wanted, list};
use crate::markdown::{self, WrittenLink};
use crate::request::PageRequest;
use crate::site::Site;
use crate::source_error::SourceError;
use crate::surroundings::Surroundings;
use crate::templates::{TemplateError, TemplateSet};

/// The template of a page that names none, and of the page for what is not found.
pub(crate) const DEFAULT_TEMPLATE: &str = "main";
const DEFAULT_CONTENT_TYPE: &str = "text/html; charset=utf-8";
/// Sites recognise the page for what is not found by this title.
const NOT_FOUND_TITLE: &str = "Not Found";
const NOT_FOUND_BODY: &str = "The requested page was not found.";

/// One request being answered.
pub(crate) struct Rendering<'a> {
    pub(crate) site: &'a Site,
    pub(crate) request: &'a PageRequest,
    pub(crate) environment: Environment<'a>,
    pub(crate) surroundings: &'a Arc<Surroundings>,
}

/// A page as a template sees it.
struct PageView {
    /// The file whose head names the template, if one does.
    named_by: Option<String>,
    head: Head,
    body: String,
    published: bool,
}

/// A rendered template.
struct Rendered {
    text: String,
    dependencies: Dependencies,
}

impl Rendering<'_> {
    pub(crate) fn answer(&self) -> Answer {
        let settings = &self.site.settings;
        let decision = self.decider().decide(path_info(settings, self.request));
        let answer = match decision.map_err(|error| self.mistake(&error)) {
            Ok(Decision::Show(page)) => self.show(*page),
            Ok(Decision::Redirect { status, location }) => Ok(self.redirect(status, location)),
            Ok(Decision::Missing { scheduled }) => self.missing(scheduled),
            Err(failure) => Err(failure),
        };
        answer.unwrap_or_else(Answer::Failed)
    }

    /// The links in the body of the page, as far as they are Markdown.
    pub(crate) fn written_links(&self) -> Vec<WrittenLink> {
        let decision = self
            .decider()
            .decide(path_info(&self.site.settings, self.request));
        let Ok(Decision::Show(page)) = decision else {
            return Vec::new();
        };
        let (path, body) = page.body();
        let links = Links::Shown {
            path: &page.link_path,
            route: self.route_in_paths(),
        };
        markdown::written_links(path, body, links)
    }

    fn show(&self, page: ShownPage) -> Result<Answer, Failure> {
        let head = &page.document.head;
        let status = page_status(head.status);
        let content_type = head.content_type.clone();
        let cache_control = head.cache_control.clone();
        let rendered = self.render_shown(page)?;
        Ok(Answer::Page {
            status,
            content_type: content_type.unwrap_or_else(|| DEFAULT_CONTENT_TYPE.to_owned()),
            cache_control,
            body: rendered.text,
            dependencies: rendered.dependencies,
        })
    }

    fn redirect(&self, status: u16, location: String) -> Answer {
        Answer::Redirect {
            status,
            location,
            dependencies: Dependencies::without_template(&self.known(None)),
        }
    }

    fn missing(&self, scheduled: Option<DateTime<Utc>>) -> Result<Answer, Failure> {
        let rendered = match self.own_not_found_page()? {
            Some(page) => self.render_shown(page)?,
            None => self.render_not_found()?,
        };
        let mut dependencies = rendered.dependencies;
        if let Some(date) = scheduled {
            dependencies.limit(date);
        }
        Ok(Answer::NotFound {
            body: rendered.text,
            dependencies,
        })
    }

    /// The page that the site has for what is not found.
    fn own_not_found_page(&self) -> Result<Option<ShownPage>, Failure> {
        let settings = &self.site.settings;
        let Some(path) = &settings.not_found_page else {
            return Ok(None);
        };
        self.decider()
            .stand_in(path, path_info(settings, self.request))
            .map_err(|error| self.mistake(&error))
    }

    fn render_not_found(&self) -> Result<Rendered, Failure> {
        let now = self.surroundings.now();
        let view = PageView {
            named_by: None,
            head: Head {
                date: Some(now),
                ..Head::titled(NOT_FOUND_TITLE)
            },
            body: NOT_FOUND_BODY.to_owned(),
            published: true,
        };
        let mut rendered = self.render(view)?;
        // Its date is the clock, and what a template reads of a head is not known.
        rendered.dependencies.limit(soon(now));
        Ok(rendered)
    }

    fn render_shown(&self, page: ShownPage) -> Result<Rendered, Failure> {
        let (path, body) = page.body();
        let body = self.body_renderer().render(
            path,
            body,
            ShortcodeUse::of(page.document.head.enable_shortcodes),
            Links::Shown {
                path: &page.link_path,
                route: self.route_in_paths(),
            },
        );
        let mut head = page.document.head;
        let published = head.is_published(self.surroundings.now());
        head.path_info.get_or_insert(page.path_info);
        let view = PageView {
            named_by: head.template.is_some().then_some(page.path),
            head,
            body,
            published,
        };
        self.render(view)
    }

    fn render(&self, view: PageView) -> Result<Rendered, Failure> {
        let name = view.head.template.as_deref().unwrap_or(DEFAULT_TEMPLATE);
        let template = self
            .site
            .templates
            .load(name)
            .map_err(|error| match &view.named_by {
                Some(path) if error.path().is_none() => error.with_path(path.as_str()),
                _ => error,
            })
            .map_err(|error| self.broken(&error))?;
        let listing = self.list(name, &template)?;
        let known = self.known(listing.scheduled);
        let text = template
            .render(self.context(view, listing.pages), self.surroundings)
            .map_err(|error| self.broken(&error))?;
        let request = &template.reads().request;
        let mut dependencies =
            Dependencies::with_template(&known, request, self.surroundings.observed());
        if self.site.settings.request_environment {
            dependencies.key = Key::Address;
        }
        Ok(Rendered { text, dependencies })
    }

    /// The pages that the template is given: none unless the site says that it is given some and it looks at them.
    fn list(&self, name: &str, template: &TemplateSet) -> Result<Listing, Failure> {
        let reads = template.reads();
        if !(reads.pages && self.site.settings.indexes(name)) {
            return Ok(Listing::default());
        }
        let selection = template
            .read_pages_glob()
            .map_or(Selection::All, Selection::Matching);
        let detail = if reads.bodies {
            Detail::Bodies
        } else {
            Detail::Heads
        };
        let wanted = Wanted {
            selection,
            heads: &reads.heads,
            detail,
        };
        list(&self.site.content, wanted, &self.body_renderer())
            .map_err(|error| self.failure(report(&error, None), Diagnosis::without_place(&error)))
    }

    fn context(&self, view: PageView, pages: Map<String, Value>) -> Value {
        object([
            (
                "page",
                object([
                    ("head", view.head.into_value()),
                    ("body", view.body.into()),
                    ("published", view.published.into()),
                ]),
            ),
            (
                "site",
                object([
                    ("info", self.site.settings.to_value(self.environment)),
                    ("pages", pages.into()),
                ]),
            ),
            ("request", self.request_headers()),
            ("env", self.variables().into()),
        ])
    }

    fn request_headers(&self) -> Value {
        let headers = self.request.headers.iter();
        headers
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect::<Map<_, _>>()
            .into()
    }

    fn variables(&self) -> Map<String, Value> {
        let mut variables = self.environment.to_map();
        if self.site.settings.request_environment {
            for (name, value) in [
                ("PATH_INFO", &self.request.path_info),
                ("QUERY_STRING", &self.request.query),
            ] {
                variables
                    .entry(name)
                    .or_insert_with(|| value.as_str().into());
            }
        }
        variables
    }

    /// The part of each path that is the component's route.
    fn route_in_paths(&self) -> &str {
        if self.site.settings.prepend_route_info {
            &self.request.component_route
        } else {
            ""
        }
    }

    fn decider(&self) -> Decider<'_> {
        Decider {
            content: &self.site.content,
            audience: self.audience(),
            now: self.surroundings.now(),
        }
    }

    fn body_renderer(&self) -> BodyRenderer<'_> {
        BodyRenderer {
            shortcodes: &self.site.shortcodes,
            surroundings: self.surroundings,
            audience: self.audience(),
            heading_ids: self.site.settings.heading_ids,
        }
    }

    fn known(&self, scheduled: Option<DateTime<Utc>>) -> Known<'_> {
        Known {
            now: self.surroundings.now(),
            environment: self.environment,
            scheduled,
        }
    }

    fn audience(&self) -> Audience {
        self.environment.audience()
    }

    fn mistake(&self, error: &SourceError) -> Failure {
        self.failure(report(error, error.hint.as_deref()), error.into())
    }

    fn broken(&self, error: &TemplateError) -> Failure {
        self.failure(report(error, error.hint()), error.into())
    }

    fn failure(&self, report: String, diagnosis: Diagnosis) -> Failure {
        Failure::new(self.audience(), report, diagnosis)
    }
}

//! The parts of a site that answer requests: its routes, and behind each a renderer, a file server, a redirect, or something else.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use engine::app::{App, Component, StaticResponse, Target};
use engine::mounts::Plan;
use engine::routes::{RouteMatch, Routes};
use engine::substitution::{self, Bundled};
use engine::variables::Variables;
use engine::{manifest, request_fields};
use http::header::HOST;
use http::{HeaderMap, HeaderValue, Uri};
use site::{Diagnosis, PageRequest, SETTINGS_PATH};
use web::files;
use web::redirect::Redirect;

use super::finding::{Code, Finding, Findings};
use crate::Failure;
use crate::settings::Settings;
use crate::up::trees::Trees;
use crate::up::{Indexes, Site};

/// Where the site seems to be asked: no page of a site should depend on it.
const AUTHORITY: &str = "localhost:3000";

/// A site, ready to be asked without a server.
pub(super) struct Parts {
    app: App,
    /// As it is told to the user.
    pub(super) manifest: String,
    /// The folder of the manifest, as it is told to the user; empty for the working directory.
    folder: PathBuf,
    routes: Routes,
    /// In the order of the components.
    parts: Vec<Part>,
    /// The renderers see their files here.
    trees: Trees,
}

/// What answers the requests of a component.
pub(super) enum Part {
    Renderer(Box<Renderer>),
    Files(Box<FileServer>),
    Redirect(Redirect),
    /// What only its code knows.
    Other,
}

/// Pages.
pub(super) struct Renderer {
    pub(super) site: site::Site,
    pub(super) environment: BTreeMap<String, String>,
    /// Where the files are that it sees, by their paths in the guest, as they are told to the user.
    pub(super) sources: BTreeMap<String, String>,
}

/// Files.
pub(super) struct FileServer {
    pub(super) id: String,
    pub(super) settings: files::Settings,
    pub(super) plan: Plan,
}

/// Who answers a path.
pub(super) enum Answerer<'a> {
    Component {
        /// Its place among the components.
        index: usize,
        part: &'a Part,
        request: Box<PageRequest>,
        headers: HeaderMap,
    },
    Static(&'a StaticResponse),
}

impl Parts {
    /// Mounts the files of a site. A component that cannot be used is told, and answers nothing.
    pub(super) fn new(
        site: &Site,
        settings: &Settings,
        findings: &mut Findings,
    ) -> Result<Parts, Failure> {
        let app = site.app().clone();
        let manifest = site
            .manifest()
            .strip_prefix("./")
            .unwrap_or(site.manifest());
        let mut parts = Parts {
            routes: Routes::build(&app.base_path, &app.triggers).map_err(Failure::usage)?,
            app,
            manifest: manifest.display().to_string(),
            folder: manifest.parent().unwrap_or(Path::new("")).to_owned(),
            parts: Vec::new(),
            trees: Trees::make()?,
        };
        // A value that only a deployment knows is no fault of the site.
        let variables = site.variables().ok();
        let mut indexes = Indexes::default();
        let components = parts.app.components.iter().enumerate();
        let mounted = components.map(|(index, component)| {
            let mounting = Mounting {
                site,
                component,
                settings,
                variables: variables.as_ref(),
                parts: &parts,
                index,
            };
            mounting.part(&mut indexes, findings)
        });
        parts.parts = mounted.collect();
        Ok(parts)
    }

    pub(super) fn app(&self) -> &App {
        &self.app
    }

    pub(super) fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The parts with their places among the components.
    pub(super) fn renderers(&self) -> impl Iterator<Item = (usize, &Renderer)> {
        let parts = self.parts.iter().enumerate();
        parts.filter_map(|(index, part)| match part {
            Part::Renderer(renderer) => Some((index, &**renderer)),
            _ => None,
        })
    }

    pub(super) fn file_servers(&self) -> impl Iterator<Item = &FileServer> {
        self.parts.iter().filter_map(|part| match part {
            Part::Files(server) => Some(&**server),
            _ => None,
        })
    }

    pub(super) fn renderer(&self, index: usize) -> Option<&Renderer> {
        match self.parts.get(index)? {
            Part::Renderer(renderer) => Some(renderer),
            _ => None,
        }
    }

    pub(super) fn file_server(&self, index: usize) -> Option<&FileServer> {
        match self.parts.get(index)? {
            Part::Files(server) => Some(server),
            _ => None,
        }
    }

    /// Who answers a path, which is percent-encoded, and what of the request it sees.
    pub(super) fn answerer(&self, path: &str) -> Option<Answerer<'_>> {
        let found = self.routes.find(path)?;
        let index = match &self.app.triggers[found.trigger].target {
            Target::StaticResponse(response) => return Some(Answerer::Static(response)),
            Target::Component(id) => self.index(id)?,
        };
        let headers = headers(&found, path);
        let part = &self.parts[index];
        let environment = match part {
            Part::Renderer(renderer) => renderer.environment.clone(),
            _ => BTreeMap::new(),
        };
        Some(Answerer::Component {
            index,
            part,
            request: Box::new(PageRequest {
                path_info: found.matched.path_info().to_owned(),
                component_route: found.matched.component_route().to_owned(),
                query: String::new(),
                headers: texts(&headers),
                environment,
            }),
            headers,
        })
    }

    /// The place of a component.
    pub(super) fn index(&self, id: &str) -> Option<usize> {
        let mut components = self.app.components.iter();
        components.position(|component| component.id == id)
    }

    /// A file of the site as it is told to the user: relative to the working directory if the manifest is.
    fn shown(&self, root: &Path, file: &Path) -> String {
        let below = file.strip_prefix(root).unwrap_or(file);
        self.folder.join(below).display().to_string()
    }
}

/// A component whose files are being mounted.
struct Mounting<'a> {
    site: &'a Site,
    component: &'a Component,
    settings: &'a Settings,
    variables: Option<&'a Variables>,
    parts: &'a Parts,
    index: usize,
}

impl Mounting<'_> {
    fn part(&self, indexes: &mut Indexes, findings: &mut Findings) -> Part {
        let found = substitution::recognise(&self.component.source);
        match found.map(|found| found.bundled) {
            Some(Bundled::Renderer) => self.renderer(indexes, findings),
            Some(Bundled::Fileserver) => self.file_server(indexes, findings),
            Some(Bundled::Redirect) => self.redirect(),
            None => Some(Part::Other),
        }
        .unwrap_or(Part::Other)
    }

    fn renderer(&self, indexes: &mut Indexes, findings: &mut Findings) -> Option<Part> {
        let plan = self.plan(Some(Bundled::Renderer), indexes, findings)?;
        let tree = self.parts.trees.of_component(self.index);
        if let Err(error) = plan.build(&tree) {
            let message = format!("component `{}`: {error}", self.component.id);
            findings.add(Finding::new(
                Code::BrokenSite,
                &self.parts.manifest,
                message,
            ));
            return None;
        }
        let root = manifest::folder(self.site.manifest()).canonicalize();
        let root = root.unwrap_or_default();
        let files = plan.files().iter();
        let sources: BTreeMap<String, String> = files
            .map(|(guest, file)| (guest.clone(), self.parts.shown(&root, &file.source)))
            .collect();
        match site::Site::open(tree) {
            Ok(site) => Some(Part::Renderer(Box::new(Renderer {
                site,
                environment: self.environment(),
                sources,
            }))),
            Err(error) => {
                let diagnosis = Diagnosis::from(&error);
                let path = sources.get(SETTINGS_PATH).unwrap_or(&self.parts.manifest);
                findings.add(
                    Finding::new(Code::BrokenSite, path, diagnosis.message)
                        .line(diagnosis.line)
                        .hint(diagnosis.hint),
                );
                None
            }
        }
    }

    fn file_server(&self, indexes: &mut Indexes, findings: &mut Findings) -> Option<Part> {
        let plan = self.plan(None, indexes, findings)?;
        let environment = self.environment();
        Some(Part::Files(Box::new(FileServer {
            id: self.component.id.clone(),
            settings: files::Settings::from_variables(|name| environment.get(name).cloned()),
            plan,
        })))
    }

    /// Where a variable has no value here, where the redirect leads is not known.
    fn redirect(&self) -> Option<Part> {
        let environment = self.environment();
        let variables = match self.variables {
            Some(variables) => variables.expand_all(&self.component.variables).ok()?,
            None if self.component.variables.is_empty() => Variables::default(),
            None => return None,
        };
        Some(Part::Redirect(Redirect::from_variables(|name| {
            let variable = variables.get(name).map(str::to_owned);
            variable.or_else(|| environment.get(&name.to_ascii_uppercase()).cloned())
        })))
    }

    fn plan(
        &self,
        bundled: Option<Bundled>,
        indexes: &mut Indexes,
        findings: &mut Findings,
    ) -> Option<Plan> {
        match self.site.plan(self.component, bundled, indexes) {
            Ok(plan) => {
                for warning in plan.warnings().iter().filter(|it| !is_usual(it)) {
                    let message = format!("component `{}`: {warning}", self.component.id);
                    findings.add(Finding::new(
                        Code::EmptyFiles,
                        &self.parts.manifest,
                        message,
                    ));
                }
                Some(plan)
            }
            Err(failure) => {
                let message = failure.to_string();
                findings.add(Finding::new(
                    Code::BrokenSite,
                    &self.parts.manifest,
                    message,
                ));
                None
            }
        }
    }

    fn environment(&self) -> BTreeMap<String, String> {
        let environment = self.settings.environment(self.component);
        environment.into_iter().collect()
    }
}

/// The folders that a site may do without are named in most manifests all the same.
fn is_usual(warning: &str) -> bool {
    let folders = ["content", "templates", "scripts", "shortcodes", "config"];
    folders.iter().any(|folder| {
        warning.starts_with(&format!("`{folder}/")) && warning.contains("matches no file")
    })
}

fn headers(found: &RouteMatch<'_, '_>, path: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_static(AUTHORITY));
    let uri: Uri = path.parse().unwrap_or_default();
    let client = SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000));
    request_fields::set(&mut headers, &found.matched, &uri, AUTHORITY, client);
    headers
}

fn texts(headers: &HeaderMap) -> BTreeMap<String, String> {
    let fields = headers.iter();
    fields
        .map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), text)
        })
        .collect()
}

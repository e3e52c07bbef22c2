//! A site looked at as a whole: what is wrong with its templates, scripts and shortcodes, and which of them nothing uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnosis::Diagnosis;
use crate::scripts::ScriptFolder;
use crate::site::Site;
use crate::templates::{Mentions, TemplateSource};

/// The template of a page that names none.
pub const DEFAULT_TEMPLATE: &str = crate::rendering::DEFAULT_TEMPLATE;

/// What the pages of a site ask for.
#[derive(Debug, Clone, Default)]
pub struct Demand<'a> {
    /// The names of the templates that render pages.
    pub templates: BTreeSet<&'a str>,
    /// The bodies that go through the shortcodes.
    pub bodies: Vec<&'a str>,
}

/// What a look at the templates, scripts and shortcodes of a site finds.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// What does not compile, used or not.
    pub faults: Vec<Diagnosis>,
    /// What nothing uses. Files of a theme are not among them: a site takes of it what it needs.
    pub unused: Vec<Unused>,
    /// Partials that a used template includes and that do not exist.
    pub missing_partials: Vec<MissingPartial>,
    /// The templates that name `site.pages`, by themselves or in a partial, and are not given it.
    pub without_pages: Vec<String>,
}

/// A file that nothing uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// The file, relative to the site's root.
    pub path: String,
    /// What it would be.
    pub kind: Kind,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A template.
    Template,
    /// A helper of templates.
    Script,
    /// A helper of bodies.
    Shortcode,
}

/// A partial that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingPartial {
    /// The template that includes it, relative to the site's root.
    pub path: String,
    /// Its name.
    pub name: String,
}

impl Site {
    /// Looks at all templates, scripts and shortcodes, with what the pages ask for.
    #[must_use]
    pub fn survey(&self, demand: &Demand<'_>) -> Survey {
        let sources: BTreeMap<String, TemplateSource> = self
            .templates
            .sources()
            .into_iter()
            .map(|source| (source.path.clone(), source))
            .collect();
        let surveyor = Surveyor {
            site: self,
            sources,
        };
        surveyor.survey(demand)
    }
}

struct Surveyor<'a> {
    site: &'a Site,
    /// By path.
    sources: BTreeMap<String, TemplateSource>,
}

impl Surveyor<'_> {
    fn survey(&self, demand: &Demand<'_>) -> Survey {
        let mut survey = Survey::default();
        let mut used = BTreeSet::new();
        for name in &demand.templates {
            let closure = self.closure(name);
            let names_pages = closure.iter().any(|path| self.sources[path].names_pages);
            if names_pages && !self.site.settings.indexes(name) {
                survey.without_pages.push((*name).to_owned());
            }
            used.extend(closure);
        }
        self.survey_templates(&used, &mut survey);
        let called = used.iter().map(|path| &self.sources[path].mentions);
        let called: BTreeSet<&str> = called.flat_map(helpers).collect();
        survey_scripts(
            self.site.templates.scripts(),
            Kind::Script,
            &called,
            &mut survey,
        );
        let bodies: Vec<Mentions> = demand
            .bodies
            .iter()
            .filter_map(|body| self.site.shortcodes.mentions(body))
            .collect();
        let called: BTreeSet<&str> = bodies.iter().flat_map(helpers).collect();
        let scripts = self.site.shortcodes.scripts();
        survey_scripts(scripts, Kind::Shortcode, &called, &mut survey);
        survey
    }

    fn survey_templates(&self, used: &BTreeSet<String>, survey: &mut Survey) {
        for source in self.sources.values() {
            survey
                .faults
                .extend(source.fault.as_ref().map(Diagnosis::from));
            if used.contains(&source.path) {
                let included = source.included.iter();
                let missing = included.filter(|name| self.site.templates.path(name).is_none());
                survey
                    .missing_partials
                    .extend(missing.map(|name| MissingPartial {
                        path: source.path.clone(),
                        name: name.clone(),
                    }));
            } else if !is_of_theme(&source.path) {
                survey.unused.push(Unused {
                    path: source.path.clone(),
                    kind: Kind::Template,
                });
            }
        }
    }

    /// The files of a template and of all partials that it may include.
    fn closure(&self, name: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut wanted: Vec<String> = self.path(name).into_iter().collect();
        while let Some(path) = wanted.pop() {
            let mentions = &self.sources[&path].mentions;
            if !found.insert(path) {
                continue;
            }
            if mentions.dynamic_partial {
                // Any template may be meant.
                return self.sources.keys().cloned().collect();
            }
            wanted.extend(mentions.partials.iter().filter_map(|name| self.path(name)));
        }
        found
    }

    fn path(&self, name: &str) -> Option<String> {
        let path = self.site.templates.path(name)?;
        self.sources.contains_key(&path).then_some(path)
    }
}

fn survey_scripts(
    scripts: &ScriptFolder,
    kind: Kind,
    called: &BTreeSet<&str>,
    survey: &mut Survey,
) {
    for (name, path) in scripts.files() {
        if let Some(Err(error)) = scripts.get(name) {
            survey.faults.push((&error).into());
        }
        if !called.contains(name) && !is_of_theme(path) {
            survey.unused.push(Unused {
                path: path.to_owned(),
                kind,
            });
        }
    }
}

fn helpers(mentions: &Mentions) -> impl Iterator<Item = &str> {
    mentions.helpers.iter().map(String::as_str)
}

fn is_of_theme(path: &str) -> bool {
    path.starts_with("themes/")
}

//! Template files one by one: what is wrong with each, and what it names. For who looks at a site as a whole.

use std::collections::BTreeSet;

use handlebars::Template;
use handlebars::template::{Parameter, TemplateElement};
use serde_json::Value;

use super::error::TemplateError;
use super::library::TemplateFile;
use super::mentions::Mentions;
use super::{Templates, closure};
use crate::scripts::ScriptFolder;

/// What templates read to list pages.
const PAGE_LIST: &str = "site.pages";

/// A template file.
#[derive(Debug)]
pub(crate) struct TemplateSource {
    /// Relative to the site's root.
    pub(crate) path: String,
    pub(crate) mentions: Mentions,
    /// The partials that are rendered as nothing where they are missing.
    pub(crate) included: BTreeSet<String>,
    /// Whether it names `site.pages`.
    pub(crate) names_pages: bool,
    pub(crate) fault: Option<TemplateError>,
}

impl Templates {
    /// All template files of the site and of its theme, by path.
    pub(crate) fn sources(&self) -> Vec<TemplateSource> {
        let files = self.library.files().into_iter();
        files.map(|file| TemplateSource::of(&file)).collect()
    }

    /// The file of the template `name`.
    pub(crate) fn path(&self, name: &str) -> Option<String> {
        self.library.find(name).map(|file| file.path)
    }

    pub(crate) const fn scripts(&self) -> &ScriptFolder {
        &self.scripts
    }
}

impl TemplateSource {
    fn of(file: &TemplateFile) -> Self {
        let mut source = Self {
            path: file.path.clone(),
            mentions: Mentions::default(),
            included: BTreeSet::new(),
            names_pages: false,
            fault: None,
        };
        source.names_pages = String::from_utf8_lossy(&file.bytes).contains(PAGE_LIST);
        match closure::inspect(file) {
            Ok(closure) => {
                let mut partials = Partials::default();
                closure
                    .program
                    .templates()
                    .for_each(|template| partials.add(template));
                source.included = partials.missing_from_itself();
                source.mentions = closure.mentions;
            }
            Err(error) => source.fault = Some(error),
        }
        source
    }
}

/// The partials that a template includes, and those that it defines itself.
#[derive(Default)]
struct Partials {
    included: BTreeSet<String>,
    defined: BTreeSet<String>,
    /// Whether there is one whose name is computed, so that any partial may be it.
    defines_any: bool,
}

impl Partials {
    fn add(&mut self, template: &Template) {
        for element in &template.elements {
            let (body, inverse) = match element {
                TemplateElement::PartialExpression(tag) => {
                    self.included
                        .extend(tag.name.as_name().map(ToOwned::to_owned));
                    continue;
                }
                TemplateElement::DecoratorBlock(tag) => {
                    match tag.params.first() {
                        Some(Parameter::Literal(Value::String(name))) => {
                            self.defined.insert(name.clone());
                        }
                        _ => self.defines_any = true,
                    }
                    (&tag.template, &None)
                }
                TemplateElement::PartialBlock(tag) => (&tag.template, &None),
                TemplateElement::HelperBlock(tag) => (&tag.template, &tag.inverse),
                _ => continue,
            };
            for template in [body, inverse].into_iter().flatten() {
                self.add(template);
            }
        }
    }

    fn missing_from_itself(self) -> BTreeSet<String> {
        if self.defines_any {
            return BTreeSet::new();
        }
        let included = self.included.into_iter();
        // `@partial-block` is what the caller hands over.
        included
            .filter(|name| !name.starts_with('@') && !self.defined.contains(name))
            .collect()
    }
}

//! Tests of the site crate.

mod answers;
mod corpus;
mod dependencies;
mod dialect;
mod documents;
mod failures;
mod links;
mod listings;
mod markdown;
mod reads;
mod reads_random;
mod reference;
mod requests;
mod scripts;
mod settings;
mod shortcodes;
mod site_folder;
mod template_errors;
mod templates;

#[path = "../../../../tests/reference/mod.rs"]
mod golden;

//! Tests of the site crate.

mod answers;
mod budgets;
mod commonmark;
mod compat;
mod corpus;
mod dependencies;
mod dialect;
mod documents;
mod failures;
mod index;
mod links;
mod listings;
mod manual;
mod markdown;
mod reads;
mod reference;
mod requests;
mod scripts;
mod settings;
mod shortcodes;
mod site_folder;
mod survey;
mod template_errors;
mod templates;
mod ways;

#[path = "../../../../tests/reference/mod.rs"]
mod golden;

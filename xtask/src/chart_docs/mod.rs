//! What is written from the comments in the chart's `values.yaml`: the tables of its README, and the descriptions in its schema.

mod readme;
mod schema;
mod values;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

pub use self::values::{Entry, parse};

/// The chart, relative to the repository.
pub const CHART: &str = "charts/bart";

/// The files that are written, relative to the chart, with what should be in them.
///
/// # Errors
///
/// When a file of the chart cannot be read, a value has no comment, or the schema does not know a value.
pub fn generate(root: &Path) -> Result<[(&'static str, String); 2]> {
    let entries = entries(root)?;
    let readme = readme::generate(&read(root, "README.md")?, &entries, &app_version(root)?)?;
    let schema = schema::generate(&read(root, "values.schema.json")?, &entries)?;
    Ok([("README.md", readme), ("values.schema.json", schema)])
}

/// The values of the chart, in their order.
///
/// # Errors
///
/// When `values.yaml` cannot be read or understood.
pub fn entries(root: &Path) -> Result<Vec<Entry>> {
    parse(&read(root, "values.yaml")?)
}

/// The version of the chart, as `Chart.yaml` has it.
///
/// # Errors
///
/// When it has none.
pub fn version(root: &Path) -> Result<String> {
    field(root, "version")
}

/// The version of the site that the chart is for, as `Chart.yaml` has it.
///
/// # Errors
///
/// When it has none.
pub fn app_version(root: &Path) -> Result<String> {
    field(root, "appVersion")
}

/// Writes what [`generate`] gives.
///
/// # Errors
///
/// As [`generate`], and when a file cannot be written.
pub fn write(root: &Path) -> Result<()> {
    for (name, text) in generate(root)? {
        let path = root.join(CHART).join(name);
        let temporary = path.with_extension("new");
        #[expect(clippy::disallowed_methods, reason = "renamed into place below")]
        fs::write(&temporary, text).with_context(|| format!("failed to write `{name}`"))?;
        fs::rename(&temporary, &path).with_context(|| format!("failed to write `{name}`"))?;
    }
    Ok(())
}

fn field(root: &Path, name: &str) -> Result<String> {
    let manifest = read(root, "Chart.yaml")?;
    let value = manifest.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        (key == name).then(|| value.trim().trim_matches('"').to_owned())
    });
    value.with_context(|| format!("`{CHART}/Chart.yaml` has no `{name}`"))
}

fn read(root: &Path, name: &str) -> Result<String> {
    fs::read_to_string(root.join(CHART).join(name))
        .with_context(|| format!("failed to read `{CHART}/{name}`"))
}

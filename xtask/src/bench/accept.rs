//! The figures of the manual: `content/performance.md` gets the tables, `static/performance.svg` the chart.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::tool;

/// The page, whose text is written by hand around the figures.
pub(super) const PAGE: &str = "content/performance.md";
const CHART: &str = "static/performance.svg";

/// The lines between which figures stand.
const BEGIN: &str = "<!-- figures: cargo xtask bench --accept -->\n";
const END: &str = "<!-- end of figures -->\n";

/// Around each table.
const OPEN: &str = "<div class=\"wide\" role=\"group\" aria-label=\"Figures\" tabindex=\"0\">\n\n";
const CLOSE: &str = "\n</div>\n";

/// Writes both into the repository.
pub(super) fn write(table: &str, chart: &str) -> Result<()> {
    let page = tool::root().join(PAGE);
    let text = fs::read_to_string(&page).with_context(|| format!("failed to read `{PAGE}`"))?;
    replace(&page, &with_figures(&text, table)?)?;
    replace(&tool::root().join(CHART), chart)?;
    tool::say(&format!("accepted: `{PAGE}` and `{CHART}`"));
    Ok(())
}

/// The page with other figures.
fn with_figures(page: &str, table: &str) -> Result<String> {
    let parts = page
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let Some((before, after)) = parts else {
        bail!("`{PAGE}` has no place for figures");
    };
    Ok(format!(
        "{before}{BEGIN}\n{}\n{END}{after}",
        for_pages(table)
    ))
}

/// Tables as the site shows them: wider than a phone, so each scrolls by itself, also by keyboard; and without alignment, which Markdown makes
/// an inline style.
fn for_pages(tables: &str) -> String {
    let mut text = String::new();
    let mut is_inside = false;
    for line in tables.lines() {
        if line.starts_with('|') != is_inside {
            is_inside = !is_inside;
            text.push_str(if is_inside { OPEN } else { CLOSE });
        }
        let is_rule = line.starts_with("|-");
        text.push_str(&if is_rule {
            line.replace(':', "-")
        } else {
            line.to_owned()
        });
        text.push('\n');
    }
    if is_inside {
        text.push_str(CLOSE);
    }
    text
}

/// Writes a file that is never seen half.
pub(super) fn replace(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a file without a folder")?;
    let name = || format!("failed to write `{}`", path.display());
    let mut file = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder)
        .with_context(name)?;
    file.write_all(text.as_bytes()).with_context(name)?;
    file.persist(path).with_context(name)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_replace_figures_and_nothing_else() {
        let page = |figures: &str| format!("before\n{BEGIN}{figures}{END}after\n");
        let first = with_figures(&page(""), "| a |\n").unwrap();
        assert_eq!(first, page(&format!("\n{OPEN}| a |\n{CLOSE}\n")));
        let second = with_figures(&first, "| b |\n").unwrap();
        assert_eq!(second, page(&format!("\n{OPEN}| b |\n{CLOSE}\n")));
        assert!(with_figures("no place", "| a |\n").is_err());
        assert!(with_figures(&format!("{END}{BEGIN}"), "| a |\n").is_err());
    }
}

//! Sites of any size to measure with.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

const MANIFEST: &str = r#"spin_manifest_version = 2

[application]
name = "bench"
version = "0.1.0"

[[trigger.http]]
route = "/..."
component = "renderer"

[[trigger.http]]
route = "/static/..."
component = "files"

[[trigger.http]]
route = "/old"
component = "moved"

[component.renderer]
source = "bartholomew.wasm"
files = ["content/**/*", "templates/*", "scripts/*", "config/*"]

[component.files]
source = "spin_static_fs.wasm"
files = [{ source = "static", destination = "/" }]

[component.moved]
source = "redirect.wasm"
environment = { DESTINATION = "/" }
"#;

const CONFIG: &str = "title = \"Bench\"\nindex_site_pages = [\"list\", \"plain_list\"]\n\n[extra]\nauthor = \"Nobody\"\n";

const MAIN: &str = r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{page.head.title}} | {{site.info.title}}</title></head>
<body>
{{> nav}}
<main>
<h1>{{page.head.title}}</h1>
{{#if page.head.description}}<p>{{page.head.description}}</p>{{/if}}
{{{page.body}}}
</main>
<footer>{{site.info.extra.author}}, {{now "%Y"}}</footer>
</body>
</html>
"#;

const NAV: &str = r#"<nav><a href="/"{{#if (eq request.spin-path-info "/")}} aria-current="page"{{/if}}>Home</a> <a href="/list">All</a></nav>
"#;

/// As for [`PLAIN_LIST`].
const LIST: &str = r#"<!doctype html>
<ul>
{{#each (newest site.pages)}}<li><a href="{{uri}}">{{title}}</a></li>
{{/each}}
</ul>
{{request.cookie}}
"#;

/// A cookie is for one reader, so no cache answers in its place.
const PLAIN_LIST: &str = r#"<!doctype html>
<ul>
{{#each site.pages}}<li><a href="{{@key}}">{{head.title}}</a></li>
{{/each}}
</ul>
{{request.cookie}}
"#;

const NEWEST: &str = r#"let found = [];
for key in params[0].keys() {
    let page = params[0][key];
    found.push(#{ uri: key, title: page.head.title, date: page.head.date });
}
found.sort(|a, b| if a.date < b.date { 1 } else { -1 });
found
"#;

/// Makes a site of `size` pages in `folder`, or keeps the one that a former run made, and gives its manifest.
pub(crate) fn generate(folder: &Path, size: usize) -> Result<PathBuf> {
    let manifest = folder.join("spin.toml");
    let content = folder.join("content");
    for part in ["config", "content", "templates", "scripts", "static"] {
        fs::create_dir_all(folder.join(part)).context("failed to make a site's folders")?;
    }
    write(&folder.join("config/site.toml"), CONFIG)?;
    write(&folder.join("templates/main.hbs"), MAIN)?;
    write(&folder.join("templates/nav.hbs"), NAV)?;
    write(&folder.join("templates/list.hbs"), LIST)?;
    write(&folder.join("templates/plain_list.hbs"), PLAIN_LIST)?;
    write(&folder.join("scripts/newest.rhai"), NEWEST)?;
    write(&folder.join("static/1k.txt"), "0123456789abcdef".repeat(64))?;
    write(
        &folder.join("static/100k.bin"),
        "0123456789abcdef".repeat(6400),
    )?;
    write(&content.join("index.md"), page(0))?;
    write(
        &content.join("list.md"),
        "title = \"All\"\ntemplate = \"list\"\n---\n",
    )?;
    write(
        &content.join("plain-list.md"),
        "title = \"All\"\ntemplate = \"plain_list\"\n---\n",
    )?;
    for number in 1..size {
        write(&content.join(format!("page-{number}.md")), page(number))?;
    }
    write(&manifest, MANIFEST)?;
    Ok(manifest)
}

/// Changes a page of a site, to something else for each `version`.
pub(super) fn change(manifest: &Path, version: usize) -> Result<()> {
    let text = format!("{}\nVersion {version}\n", page(1));
    write(&manifest.with_file_name("content").join("page-1.md"), text)
}

/// Makes a folder, without what was in it.
pub(super) fn empty(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(folder),
    }
    .with_context(|| format!("failed to empty `{}`", folder.display()))
}

fn page(number: usize) -> String {
    let day = number % 28 + 1;
    let month = number / 28 % 12 + 1;
    let paragraph = "Some *text* with a [link](other.md), `code`, and enough words to fill a line or two of a page.\n\n";
    format!(
        "title = \"Page {number}\"\ndescription = \"One of many\"\ndate = \"2024-{month:02}-{day:02}T12:00:00Z\"\n---\n\n## First\n\n{}\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```rust\nfn main() {{}}\n```\n",
        paragraph.repeat(20)
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "data for a measurement, which a further run makes again"
)]
pub(super) fn write(path: &Path, text: impl AsRef<[u8]>) -> Result<()> {
    fs::write(path, text).with_context(|| format!("failed to write `{}`", path.display()))
}

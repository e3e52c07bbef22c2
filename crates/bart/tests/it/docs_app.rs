//! Applications in the shape of real documentation sites.

use std::fmt::Write;

use crate::probe;
use crate::scratch::Scratch;
use crate::served::serve;

const SITE_TOML: &str = "title = \"Docs\"\n[extra]\n";
const TEMPLATE: &str = "<title>{{page.head.title}}</title><main>{{{page.body}}}</main>";

/// 33 triggers, 30 of them redirects with a component each, whose module is a missing file or the URL of a release.
fn many_redirects() -> String {
    let mut manifest = r#"spin_manifest_version = 2

[application]
name = "docs"
version = "0.1.0"

[[trigger.http]]
route = "/..."
component = "pages"

[component.pages]
source = "modules/bartholomew.wasm"
files = ["content/**/*", "templates/*", "config/*"]

[[trigger.http]]
route = "/static/..."
component = "static"

[[trigger.http]]
route = "/favicon.ico"
component = "static"

[component.static]
source = { url = "https://github.com/fermyon/spin-fileserver/releases/download/v0.3.0/spin_static_fs.wasm", digest = "sha256:ef88708817e107bf49985c7cefe4dd1f199bf26f6727819183d5c996baa3d148" }
files = [{ source = "static", destination = "/" }]
"#
    .to_owned();
    for number in 0..30 {
        let source = if number % 2 == 0 {
            "\"modules/redirect.wasm\"".to_owned()
        } else {
            "{ url = \"https://github.com/fermyon/spin-redirect/releases/download/v0.1.0/redirect.wasm\", digest = \"sha256:8bee959843f28fef2a02164f5840477db81d350877e1c22cb524f41363468e52\" }".to_owned()
        };
        let entry = format!(
            r#"
[[trigger.http]]
route = "/old/{number}"
component = "redirect-{number}"

[component.redirect-{number}]
source = {source}
environment = {{ DESTINATION = "/pages/{number}", STATUSCODE = "301" }}
"#
        );
        manifest.write_str(&entry).expect("strings grow");
    }
    manifest
}

#[test]
fn thirty_redirects_pages_and_files_live_in_one_application() {
    let site = Scratch::site(
        &many_redirects(),
        &[
            ("config/site.toml", SITE_TOML),
            ("templates/main.hbs", TEMPLATE),
            ("content/index.md", "title = \"Home\"\n---\nHome.\n"),
            ("static/style.css", "body {}"),
            ("static/favicon.ico", "icon"),
        ],
    );
    let served = serve(&site.manifest(), &[]);
    assert_eq!(served.warnings, []);
    assert_eq!(
        served.notices.len(),
        4,
        "one line for each kind of replacement: {:?}",
        served.notices
    );
    for number in 0..30 {
        let moved = served.get(&format!("/old/{number}"));
        let target = format!("/pages/{number}");
        assert_eq!(
            (moved.status, moved.header("location")),
            (301, Some(target.as_str()))
        );
    }
    assert!(served.get("/").text().contains("<title>Home</title>"));
    assert!(
        served
            .get("/old/30")
            .text()
            .contains("<title>Not Found</title>")
    );
    assert_eq!(served.get("/static/style.css").text(), "body {}");
    assert_eq!(served.get("/favicon.ico").text(), "icon");
}

/// Four versions of a manual by one renderer, an application in the browser, and a helper that asks its own site.
fn versions() -> Scratch {
    let manifest = format!(
        r#"spin_manifest_version = 2

[application]
name = "versions"
version = "0.1.0"

[[trigger.http]]
route = "/..."
component = "pages"

[[trigger.http]]
route = "/spin/v1/..."
component = "pages"

[[trigger.http]]
route = "/spin/v2/..."
component = "pages"

[[trigger.http]]
route = "/spin/v3/..."
component = "pages"

[component.pages]
source = "modules/bartholomew.wasm"
files = ["content/**/*", "templates/*", "config/*"]

[[trigger.http]]
route = "/hub/..."
component = "hub"

[component.hub]
source = "modules/spin_static_fs.wasm"
files = [{{ source = "hub", destination = "/" }}]
environment = {{ FALLBACK_PATH = "index.html" }}

[[trigger.http]]
route = "/helper/..."
component = "helper"

[component.helper]
source = "{}"
allowed_outbound_hosts = ["http://self"]
"#,
        probe::module().display()
    );
    let site = Scratch::site(
        &manifest,
        &[
            (
                "config/site.toml",
                "title = \"Docs\"\nprepend_route_info = true\n[extra]\n",
            ),
            ("templates/main.hbs", TEMPLATE),
            ("content/index.md", "title = \"All versions\"\n---\n"),
            ("content/about.md", "title = \"About\"\n---\n"),
            ("hub/index.html", "<div id=\"app\"></div>"),
            ("hub/app.js", "run()"),
        ],
    );
    for version in ["v1", "v2", "v3"] {
        site.write(
            &format!("content/spin/{version}/index.md"),
            format!("title = \"Manual {version}\"\n---\n[install](install.md#linux)\n"),
        );
        site.write(
            &format!("content/spin/{version}/install.md"),
            format!("title = \"Install {version}\"\n---\n"),
        );
    }
    site
}

#[test]
fn one_renderer_serves_every_version_below_its_own_route() {
    let site = versions();
    let served = serve(&site.manifest(), &[]);
    assert_eq!(served.warnings, []);
    for version in ["v1", "v2", "v3"] {
        let index = served.get(&format!("/spin/{version}/")).text();
        assert!(
            index.contains(&format!("<title>Manual {version}</title>")),
            "{index}"
        );
        let link = format!("<a href=\"/spin/{version}/install#linux\">");
        assert!(index.contains(&link), "{index}");
        let install = served.get(&format!("/spin/{version}/install"));
        assert_eq!(install.status, 200);
        assert!(
            install
                .text()
                .contains(&format!("<title>Install {version}</title>"))
        );
        assert_eq!(served.get(&format!("/spin/{version}/missing")).status, 404);
    }
    assert!(
        served
            .get("/")
            .text()
            .contains("<title>All versions</title>")
    );
    assert!(served.get("/about").text().contains("<title>About</title>"));
    assert_eq!(served.get("/spin/v4/").status, 404);
}

#[test]
fn an_application_in_the_browser_gets_its_page_for_every_route() {
    let site = versions();
    let served = serve(&site.manifest(), &[]);
    for path in ["/hub", "/hub/", "/hub/document/42", "/hub/missing.js"] {
        let page = served.get(path);
        assert_eq!(
            (page.status, page.text().as_str()),
            (200, "<div id=\"app\"></div>"),
            "{path}"
        );
    }
    assert_eq!(served.get("/hub/app.js").text(), "run()");
}

#[test]
fn a_helper_may_ask_its_own_site_and_nobody_else() {
    let site = versions();
    let served = serve(&site.manifest(), &[]);
    for (url, start) in [
        (
            "http://self/spin/v2/install",
            "200 <title>Install v2</title>",
        ),
        ("http://self/hub/app.js", "200 run()"),
        (
            "http://self/spin/v2/missing",
            "404 <title>Not Found</title>",
        ),
        // A helper that asks a helper.
        (
            "http://self/helper/fetch?http://self/about",
            "200 200 <title>About</title>",
        ),
        ("http://example.test/", "failed"),
        ("http://127.0.0.1:1/", "failed"),
    ] {
        let answer = served.get(&format!("/helper/fetch?{url}")).text();
        assert!(answer.starts_with(start), "{url}: {answer}");
    }
}

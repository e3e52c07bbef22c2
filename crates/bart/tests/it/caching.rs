//! The response cache in front of the bundled components: it changes no answer, and keeps nobody's secrets.

use std::collections::BTreeSet;

use engine::Caching::{self, Bypass, Hit, Miss};

use crate::bundled_site;
use crate::exchange::Response;
use crate::golden::{self, Comparison, HeaderLines};
use crate::scratch::Scratch;
use crate::served::{Served, serve, serve_cached, workspace};

const MANIFEST: &str = r#"spin_manifest_version = 2

[application]
name = "pages"
version = "0.1.0"

[[trigger.http]]
route = "/..."
component = "pages"

[[trigger.http]]
route = "/static/..."
component = "files"

[component.pages]
source = "modules/bartholomew.wasm"
files = ["config/*", "content/**/*", "templates/*"]

[component.files]
source = "modules/spin_static_fs.wasm"
files = [{ source = "static", destination = "/" }]
"#;

const FILES: [(&str, &str); 20] = [
    ("config/site.toml", "title = \"Lamps\"\n"),
    ("templates/main.hbs", "{{page.head.title}}: {{{page.body}}}"),
    ("templates/path.hbs", "{{request.spin-path-info}}"),
    ("templates/host.hbs", "{{request.host}}"),
    ("templates/url.hbs", "{{request.spin-full-url}}"),
    ("templates/language.hbs", "{{request.accept-language}}"),
    ("templates/codings.hbs", "{{{request.accept-encoding}}}"),
    ("templates/condition.hbs", "{{{request.if-none-match}}}"),
    ("templates/cookie.hbs", "{{request.cookie}}"),
    ("templates/client.hbs", "{{request.spin-client-addr}}"),
    (
        "templates/all.hbs",
        "{{#each request}}{{@key}}={{this}};{{/each}}",
    ),
    ("templates/chance.hbs", "{{randInt 0 1000000000}}"),
    ("templates/time.hbs", "{{now \"%H:%M:%S\"}}"),
    ("templates/year.hbs", "{{now \"%Y\"}}"),
    ("templates/environment.hbs", "{{env.COLOUR}}"),
    (
        "content/index.md",
        "title = \"Home\"\n---\nHello *there*.\n",
    ),
    (
        "content/draft.md",
        "title = \"Draft\"\npublished = false\n---\nNot yet.\n",
    ),
    (
        "content/public.md",
        "title = \"Public\"\ncache_control = \"public, max-age=600\"\n---\nKept.\n",
    ),
    (
        "content/secret.md",
        "title = \"Secret\"\ncache_control = \"no-store\"\n---\nNot kept.\n",
    ),
    ("static/style.css", "body { margin: 0 }\n"),
];

fn site() -> Scratch {
    let scratch = Scratch::site(MANIFEST, &FILES);
    for (path, _) in FILES {
        if let Some(name) = path.strip_prefix("templates/") {
            let name = name.trim_end_matches(".hbs");
            let page = format!("title = \"A page\"\ntemplate = \"{name}\"\n---\n");
            scratch.write(&format!("content/with-{name}.md"), page);
        }
    }
    scratch
}

/// Asks, and says where the answer came from.
fn ask(served: &Served, path: &str, headers: &[(&str, &str)]) -> (Caching, Response) {
    drop(served.observed());
    let response = served.send("GET", path, headers);
    let [caching] = served.observed()[..] else {
        panic!("{path} was observed another number of times");
    };
    (caching, response)
}

#[test]
fn what_a_page_reads_decides_for_whom_it_is_kept() {
    let scratch = site();
    let served = serve_cached(&scratch.manifest(), &["COLOUR=red"]);
    type Headers<'a> = &'a [(&'a str, &'a str)];
    let cases: [(&str, Headers, &str, Headers, Caching); 22] = [
        (
            "/",
            &[("cookie", "a")],
            "/?x=1",
            &[("host", "other.test"), ("cookie", "b")],
            Hit,
        ),
        (
            "/with-path",
            &[],
            "/with-path?x",
            &[("user-agent", "b")],
            Hit,
        ),
        ("/with-environment", &[], "/with-environment", &[], Hit),
        ("/with-year", &[], "/with-year", &[], Hit),
        (
            "/with-host",
            &[("host", "a")],
            "/with-host",
            &[("host", "b")],
            Miss,
        ),
        ("/with-url?a", &[], "/with-url?b", &[], Miss),
        ("/with-url?c", &[], "/with-url?c", &[], Hit),
        (
            "/with-language",
            &[("accept-language", "de")],
            "/with-language",
            &[("accept-language", "en")],
            Miss,
        ),
        (
            "/with-language?x",
            &[("accept-language", "fr")],
            "/with-language",
            &[("accept-language", "fr")],
            Hit,
        ),
        (
            "/with-codings",
            &[("accept-encoding", "br, gzip")],
            "/with-codings",
            &[("accept-encoding", "gzip, br")],
            Miss,
        ),
        (
            "/with-condition",
            &[("if-none-match", "\"a\"")],
            "/with-condition",
            &[("if-none-match", "\"b\"")],
            Bypass,
        ),
        (
            "/with-cookie",
            &[("cookie", "a")],
            "/with-cookie",
            &[("cookie", "b")],
            Bypass,
        ),
        ("/with-client", &[], "/with-client", &[], Bypass),
        (
            "/with-all",
            &[("x-a", "1")],
            "/with-all",
            &[("x-a", "2")],
            Bypass,
        ),
        ("/with-chance", &[], "/with-chance", &[], Bypass),
        ("/secret", &[], "/secret", &[], Bypass),
        (
            "/public",
            &[("authorization", "Basic YTpi")],
            "/public",
            &[],
            Hit,
        ),
        ("/nowhere", &[], "/nowhere?x", &[], Hit),
        (
            "/static/style.css",
            &[("accept-encoding", "gzip, br")],
            "/static/style.css?v=2",
            &[("accept-encoding", "br,gzip")],
            Hit,
        ),
        ("/static/nothing", &[], "/static/nothing", &[], Hit),
        (
            "/static/%73tyle.css",
            &[],
            "/static/style.css?a",
            &[("accept-encoding", "identity;q=0.1")],
            Miss,
        ),
        (
            "/static/style.css",
            &[("cache-control", "no-cache"), ("pragma", "no-cache")],
            "/static/style.css",
            &[("cache-control", "no-store")],
            Hit,
        ),
    ];
    for (first, first_headers, second, second_headers, expected) in cases {
        let (_, one) = ask(&served, first, first_headers);
        let (caching, other) = ask(&served, second, second_headers);
        assert_eq!(caching, expected, "{first} {second}");
        assert_eq!(other.header("bart-cache-control"), None);
        if expected == Hit {
            assert_eq!(one.body, other.body, "{first} {second}");
        }
    }
    let shown = ask(&served, "/with-condition", &[("if-none-match", "\"mine\"")]).1;
    assert!(shown.text().contains("mine"), "{}", shown.text());
    let shown = ask(
        &served,
        "/with-codings",
        &[("accept-encoding", "br;q=0, gzip;q=0")],
    )
    .1;
    assert!(
        shown.text().contains("br;q=0, gzip;q=0"),
        "{}",
        shown.text()
    );
}

#[test]
fn nothing_behind_a_password_is_kept_whatever_a_page_says() {
    let scratch = site();
    let settings = ["BASIC_AUTH_USERNAME=a", "BASIC_AUTH_PASSWORD=b"];
    let served = serve_cached(&scratch.manifest(), &settings);
    for path in [
        "/",
        "/public",
        "/nowhere",
        "/static/style.css",
        "/static/nothing",
    ] {
        for _ in 0..2 {
            let (caching, allowed) = ask(&served, path, &[("authorization", "Basic YTpi")]);
            assert_eq!(caching, Bypass, "{path}");
            assert_ne!(allowed.status, 401, "{path}");
            for wrong in [&[][..], &[("authorization", "Basic YTpj")]] {
                let (caching, refused) = ask(&served, path, wrong);
                assert_eq!((caching, refused.status), (Bypass, 401), "{path}");
                assert!(refused.body.is_empty(), "{path}");
            }
        }
    }
}

#[test]
fn nothing_is_kept_in_preview_mode() {
    let scratch = site();
    let served = serve_cached(&scratch.manifest(), &["pages.PREVIEW_MODE=1"]);
    for path in ["/", "/draft", "/public", "/nowhere"] {
        for _ in 0..2 {
            assert_eq!(ask(&served, path, &[]).0, Bypass, "{path}");
        }
    }
    assert!(served.get("/draft").text().contains("Not yet"));
    let public = serve_cached(&scratch.manifest(), &[]);
    assert_eq!(public.get("/draft").status, 404);
}

#[test]
fn a_page_of_the_minute_is_kept_for_less() {
    let scratch = site();
    let served = serve_cached(&scratch.manifest(), &[]);
    // How long is checked with a clock of its own in the engine; here that it is kept at all.
    assert_eq!(ask(&served, "/with-time", &[]).0, Miss);
    assert_ne!(ask(&served, "/with-time", &[]).0, Bypass);
}

/// A request, in a form that can be listed.
type Asked = (String, String, Vec<(String, String)>);

#[test]
fn on_the_reference_sites_no_answer_is_another_than_without_the_cache() {
    let records = golden::records();
    let mut faults = Vec::new();
    let mut kept = 0;
    for (label, run) in golden::runs() {
        let manifest = golden::folder().join(&run.folder).join("spin.toml");
        let settings: Vec<String> = run
            .environment
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        let mut asked: BTreeSet<Asked> = BTreeSet::new();
        for record in records.iter().filter(|record| record.site == label) {
            // What shows the time or chance is another answer each time.
            if record.volatile || record.compare == Comparison::None {
                continue;
            }
            let mut headers = Vec::new();
            for (name, lines) in &record.request_headers {
                let lines = match lines {
                    HeaderLines::One(line) => std::slice::from_ref(line),
                    HeaderLines::Many(lines) => lines,
                };
                headers.extend(lines.iter().map(|line| (name.clone(), line.clone())));
            }
            asked.insert((record.method.clone(), record.path.clone(), headers));
        }
        let (off, on) = (
            serve(&manifest, &settings),
            serve_cached(&manifest, &settings),
        );
        kept += compare(&off, &on, asked, &mut faults);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(kept > 300, "only {kept} answers came from the cache");
}

#[test]
fn on_the_bundled_site_no_answer_is_another_than_without_the_cache() {
    let manifest = workspace().join("spin.toml");
    let (off, on) = (serve(&manifest, &[]), serve_cached(&manifest, &[]));
    let codings = [("accept-encoding".to_owned(), "gzip, br".to_owned())];
    let files = [
        "/static/style.css",
        "/static/logo.svg",
        "/favicon.ico",
        "/nowhere",
    ];
    let asked = bundled_site::addresses()
        .into_iter()
        .chain(files.map(str::to_owned))
        .flat_map(|path| {
            let get =
                |headers: &[(String, String)]| ("GET".to_owned(), path.clone(), headers.to_vec());
            [get(&[]), get(&codings)]
        })
        .collect();
    let mut faults = Vec::new();
    let kept = compare(&off, &on, asked, &mut faults);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(kept > 100, "only {kept} answers came from the cache");
}

/// Asks each twice with the cache and once without, also as a client would that has the answer, wants its head, or a part of it. How many
/// answers came from the cache.
fn compare(off: &Served, on: &Served, asked: BTreeSet<Asked>, faults: &mut Vec<String>) -> usize {
    let mut kept = 0;
    for (method, path, headers) in asked {
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let plain = off.send(&method, &path, &headers);
        let tag = plain.header("etag").unwrap_or("\"none\"").to_owned();
        let mut forms = vec![(method.as_str(), vec![])];
        if method == "GET" {
            forms.push(("HEAD", vec![]));
            forms.push(("GET", vec![("if-none-match", tag.as_str())]));
            forms.push(("GET", vec![("range", "bytes=1-3")]));
        }
        for (method, added) in forms {
            let headers = [&headers[..], &added].concat();
            let expected = off.send(method, &path, &headers);
            for _ in 0..2 {
                let answer = on.send(method, &path, &headers);
                if let Some(difference) = difference(&expected, &answer) {
                    faults.push(format!("{method} {path} {headers:?}: {difference}"));
                }
            }
        }
        kept += on
            .observed()
            .iter()
            .filter(|caching| **caching == Hit)
            .count();
    }
    kept
}

fn difference(expected: &Response, answer: &Response) -> Option<String> {
    let fields = |response: &Response| {
        let mut fields = response.headers();
        // Of the moment.
        fields.remove("date");
        fields.remove("age");
        fields
    };
    if answer.status != expected.status {
        return Some(format!("{} in place of {}", answer.status, expected.status));
    }
    if fields(answer) != fields(expected) {
        return Some(format!(
            "{:?} in place of {:?}",
            fields(answer),
            fields(expected)
        ));
    }
    (answer.body != expected.body).then(|| "another body".to_owned())
}

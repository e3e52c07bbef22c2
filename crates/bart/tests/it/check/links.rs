//! Links, anchors, parts of pages, and redirects.

use super::{MANIFEST, expect, findings, findings_in, site};

const OTHER: (&str, &str) = (
    "content/docs/other.md",
    "title = \"Other\"\n---\n## Part {#part}\n\n## Without id\n",
);

#[test]
fn links_that_lead_somewhere_are_no_faults() {
    let body = "title = \"A\"\n---\n\
        [a](other.md) [b](./other.md#part) [c](/docs/other/) [d](/docs/other.html?x#part) [e](#here)\n\
        [f](https://checked.test/site/docs/other) [g](https://elsewhere.test/x) [h](//cdn.test/x) [i](mailto:a@b.test)\n\
        [j](../index.md) [k](/) ![l](/static/style.css) [m](#) [n](#top) <a name=\"here\"></a> [o](#:~:text=x)\n\
        [p](?page=2) <img src=\"data:image/png;base64,AAAA\"> [q](javascript:void%280%29) [r](/favicon.ico)\n";
    expect(&[(
        &[OTHER, ("content/docs/a.md", body)],
        &["content/docs/a.md:6 broken-link"],
    )]);
}

#[test]
fn each_fault_of_a_link_has_a_code_and_its_line() {
    let cases = [
        ("[a](gone.md)", "broken-link"),
        ("[a][x]\n\n[x]: gone.md", "broken-link"),
        ("<a href=\"/docs/gone\">a</a>", "broken-link"),
        ("[a](https://checked.test/site/gone)", "broken-link"),
        ("[a](other.md#parts)", "missing-anchor"),
        ("[a](#nowhere)", "missing-anchor"),
        ("[a](other.md#without-id)", "heading-without-id"),
        ("![a](/static/gone.png)", "missing-file"),
        (
            "<img srcset=\"/static/style.css 1x, /static/gone.png 2x\">",
            "missing-file",
        ),
        ("<script src=\"/static/gone.js\"></script>", "missing-file"),
        ("<a href=\"/docs/other.md\">a</a>", "md-link"),
        ("[a](draft.md)", "unpublished-link"),
        ("[a](later.md)", "unpublished-link"),
    ];
    for (markdown, code) in cases {
        let page = format!("title = \"A\"\n---\nA line.\n\n{markdown}\n");
        let found = findings(&[
            OTHER,
            (
                "content/docs/draft.md",
                "title = \"D\"\npublished = false\n---\n[l](later.md)\n",
            ),
            (
                "content/docs/later.md",
                "title = \"L\"\ndate = \"2999-01-01\"\n---\n",
            ),
            ("content/docs/a.md", &page),
        ]);
        assert_eq!(found, [format!("content/docs/a.md:5 {code}")], "{markdown}");
    }
}

#[test]
fn links_are_found_back_where_they_were_written() {
    let menu = "title = \"C\"\nindex_site_pages = []\n[extra]\nmenu = [\n  \"/gone\",\n]\n";
    let main = "<a href=\"/lost\">x</a>\n{{#each site.info.extra.menu}}<a href=\"{{this}}\">m</a>{{/each}}\n{{{page.body}}}\n";
    expect(&[
        // One fault, however many pages have it.
        (
            &[
                ("config/site.toml", menu),
                ("templates/main.hbs", main),
                ("content/b.md", "title = \"B\"\n---\n"),
            ],
            &[
                "config/site.toml:5 broken-link",
                "templates/main.hbs:1 broken-link",
            ],
        ),
        // In the file that lends its body.
        (
            &[
                (
                    "content/docs/lender.md",
                    "title = \"L\"\n---\n\n[x](/gone)\n",
                ),
                (
                    "content/b.md",
                    "title = \"B\"\nbody_source = \"docs/lender\"\n---\n",
                ),
            ],
            &["content/docs/lender.md:4 broken-link"],
        ),
        // Behind a shortcode, which moves lines.
        (
            &[
                ("shortcodes/lines.rhai", "\"\\n\\n\\n\""),
                (
                    "content/b.md",
                    "title = \"B\"\nenable_shortcodes = true\n---\n{{lines}}\n[x](/gone)\n",
                ),
            ],
            &["content/b.md:5 broken-link"],
        ),
    ]);
}

#[test]
fn what_a_template_computes_is_told_once_for_many_pages() {
    let files: Vec<(String, &str)> = (0..10)
        .map(|number| (format!("content/{number}.md"), "title = \"N\"\n---\n"))
        .collect();
    let mut files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), *text))
        .collect();
    files.push((
        "templates/main.hbs",
        "<a href=\"/{{upper \"gone\"}}\">x</a>",
    ));
    assert_eq!(findings(&files), ["content/0.md broken-link"]);
}

#[test]
fn routes_of_other_components_are_asked_too() {
    let manifest = format!(
        "{MANIFEST}
[[trigger.http]]
route = \"/old\"
component = \"moved\"
[[trigger.http]]
route = \"/api/...\"
component = \"api\"
[[trigger.http]]
route = \"/gone\"
static_response = {{ status_code = 410, body = \"gone\" }}
[component.moved]
source = \"modules/redirect.wasm\"
environment = {{ DESTINATION = \"/index\" }}
[component.api]
source = \"api.wasm\"
"
    );
    let page = "title = \"A\"\n---\n[a](/old) [b](/api/anything)\n[c](/gone)\n";
    let found = findings_in(&site(&manifest, &[("content/a.md", page)]));
    assert_eq!(found, ["content/a.md:4 broken-link"]);
}

#[test]
fn redirects_lead_somewhere_and_end() {
    let redirect = |to: &str| format!("title = \"R\"\n# moved\nredirect = \"{to}\"\n---\n");
    for (to, expected) in [
        ("/index", None),
        ("https://elsewhere.test", None),
        ("/static/style.css", None),
        ("/gone", Some("content/a.md:3 broken-redirect")),
        ("/a", Some("content/a.md:3 redirect-loop")),
        ("draft", Some("content/a.md:3 broken-redirect")),
    ] {
        let found = findings(&[
            ("content/a.md", &redirect(to)),
            (
                "content/draft.md",
                "title = \"D\"\npublished = false\n---\n",
            ),
        ]);
        assert_eq!(found, Vec::from_iter(expected), "{to}");
    }
    let found = findings(&[
        ("content/a.md", &redirect("/b")),
        ("content/b.md", &redirect("/a")),
    ]);
    assert_eq!(
        found,
        [
            "content/a.md:3 redirect-loop",
            "content/b.md:3 redirect-loop"
        ]
    );
}

#[test]
fn redirects_of_the_manifest_lead_somewhere_and_end() {
    for (destination, code) in [
        ("/index", None),
        ("/nowhere", Some("broken-redirect")),
        ("/old", Some("redirect-loop")),
    ] {
        let manifest = format!(
            "{MANIFEST}[[trigger.http]]
route = \"/old\"
component = \"moved\"
[component.moved]
source = \"modules/redirect.wasm\"
environment = {{ DESTINATION = \"{destination}\" }}
"
        );
        let found = findings_in(&site(&manifest, &[]));
        let expected = code.map(|code| format!("spin.toml:19 {code}"));
        assert_eq!(found, Vec::from_iter(expected), "{destination}");
    }
}

//! Pages: their heads, their addresses, and whether they can be shown.

use super::{MANIFEST, expect, findings_in, site};

#[test]
fn a_site_without_a_fault_has_none() {
    expect(&[(&[], &[])]);
}

#[test]
fn pages_that_cannot_be_shown_are_told_with_their_lines() {
    expect(&[
        (
            &[("content/a.md", "title = \"A\"\ndate = \"soon\"\n---\n")],
            &["content/a.md:2 broken-page"],
        ),
        (
            &[("content/a.md", "title = \"A\ntags = []\n---\n")],
            &["content/a.md:1 broken-page"],
        ),
        (
            &[("content/a.md", "title = \"A\"\ntags = \"one\"\n---\n")],
            &["content/a.md:2 broken-page"],
        ),
        (
            &[("content/a.md", "title = \"A\"\ntemplate = \"gone\"\n---\n")],
            &["content/a.md:2 unknown-template"],
        ),
        (
            &[(
                "content/a.md",
                "title = \"A\"\nbody_source = \"gone\"\n---\n",
            )],
            &["content/a.md missing-source"],
        ),
        // A draft is shown some day.
        (
            &[(
                "content/a.md",
                "title = \"A\"\npublished = false\ntemplate = \"gone\"\n---\n",
            )],
            &["content/a.md:3 unknown-template"],
        ),
    ]);
}

#[test]
fn pages_have_titles() {
    expect(&[
        (
            &[("content/a.md", "Only a body.\n")],
            &["content/a.md:1 missing-title"],
        ),
        (
            &[("content/a.md", "title = \"\"\n---\n")],
            &["content/a.md:1 missing-title"],
        ),
        // What is no HTML, or only lends its body, needs none.
        (
            &[(
                "content/a.md",
                "title = \"\"\ncontent_type = \"text/plain\"\n---\n",
            )],
            &[],
        ),
        (
            &[
                ("content/a.md", "Only a body.\n"),
                ("content/b.md", "title = \"B\"\nbody_source = \"a\"\n---\n"),
            ],
            &[],
        ),
    ]);
}

#[test]
fn keys_that_mean_nothing_are_told() {
    expect(&[
        (
            &[(
                "content/a.md",
                "title = \"A\"\ndraft = true\ndescripton = \"x\"\n[extra]\nany = 1\n---\n",
            )],
            &["content/a.md:2 unknown-key", "content/a.md:3 unknown-key"],
        ),
        (
            &[("config/site.toml", "title = \"C\"\nindex_site_page = []\n")],
            &["config/site.toml:2 unknown-key"],
        ),
    ]);
}

#[test]
fn two_files_for_one_address_are_told() {
    expect(&[
        (
            &[
                ("content/a.md", "title = \"A\"\n---\n"),
                ("content/a/index.md", "title = \"I\"\n---\n"),
            ],
            &["content/a/index.md duplicate-address"],
        ),
        (
            &[
                ("content/v1.md", "title = \"A\"\n---\n"),
                ("content/v1.2.md", "title = \"B\"\n---\n"),
            ],
            &["content/v1.2.md duplicate-address"],
        ),
        (
            &[
                ("content/a/index.md", "title = \"I\"\n---\n"),
                ("content/two words.md", "title = \"W\"\n---\n"),
            ],
            &[],
        ),
        // The route of the file server is nearer.
        (
            &[("content/static/a.md", "title = \"A\"\n---\n")],
            &["content/static/a.md hidden-page"],
        ),
    ]);
}

#[test]
fn pages_below_a_route_are_found_there() {
    let manifest = MANIFEST.replace("\"/...\"", "\"/docs/...\"");
    let page = "title = \"A\"\n---\n[b](/docs/b) [b](/docs/gone)\n";
    let files = [
        ("content/a.md", page),
        ("content/b.md", "title = \"B\"\n---\n"),
    ];
    assert_eq!(
        findings_in(&site(&manifest, &files)),
        ["content/a.md:3 broken-link"]
    );
    let settings = "title = \"C\"\nindex_site_pages = []\nprepend_route_info = true\n";
    let files = [
        ("config/site.toml", settings),
        (
            "content/docs/a.md",
            "title = \"A\"\n---\n[b](b.md) [c](gone.md)\n",
        ),
        ("content/docs/b.md", "title = \"B\"\n---\n"),
    ];
    assert_eq!(
        findings_in(&site(&manifest, &files)),
        [
            "content/docs/a.md:3 broken-link",
            "content/index.md hidden-page"
        ]
    );
}

#[test]
fn the_page_for_what_is_not_found_is_rendered_too() {
    let settings =
        |page: &str| format!("title = \"C\"\nindex_site_pages = []\nnot_found_page = \"{page}\"\n");
    expect(&[
        (
            &[
                ("config/site.toml", &settings("/404")),
                (
                    "content/404.md",
                    "title = \"Not here\"\n---\n[home](/) [x](/gone)\n",
                ),
            ],
            &["content/404.md:3 broken-link"],
        ),
        (
            &[("config/site.toml", &settings("/404"))],
            &["config/site.toml:3 missing-source"],
        ),
    ]);
}

#[test]
fn a_site_that_cannot_be_used_says_where() {
    expect(&[
        (
            &[(
                "config/site.toml",
                "title = \"C\"\nindex_site_pages = \"main\"\n",
            )],
            &["config/site.toml:2 broken-site"],
        ),
        (
            &[(
                "spin.toml",
                "spin_manifest_version = 2\n[application]\nnam = \"a\"\n",
            )],
            &["spin.toml:3 broken-site"],
        ),
    ]);
    let manifest = MANIFEST.replace("source = \"static\"", "source = \"gone\"");
    assert_eq!(
        findings_in(&site(&manifest, &[])),
        ["spin.toml broken-site"]
    );
}

#[test]
fn routes_and_files_of_the_manifest_are_looked_at() {
    let twice = format!(
        "{MANIFEST}[[trigger.http]]\nroute = \"/x\"\ncomponent = \"pages\"\n\
         [[trigger.http]]\nid = \"again\"\nroute = \"/x/\"\ncomponent = \"pages\"\n"
    );
    assert_eq!(
        findings_in(&site(&twice, &[])),
        ["spin.toml:22 duplicate-address"]
    );
    let fallback = format!("{MANIFEST}environment = {{ FALLBACK_PATH = \"gone.html\" }}\n");
    assert_eq!(
        findings_in(&site(&fallback, &[])),
        ["spin.toml:18 missing-file"]
    );
    let empty = MANIFEST.replace("\"shortcodes/*\"", "\"extras/*\"");
    assert_eq!(findings_in(&site(&empty, &[])), ["spin.toml empty-files"]);
}

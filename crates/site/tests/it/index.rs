//! The page index. That it changes no answer is checked wherever an answer is asked for, see `requests::answer`.

use site::index::{self, IndexedDocument};
use site::{HeadReads, Site};

use crate::requests::{answer, request};
use crate::site_folder::{SiteFolder, surroundings};

const LIST: &str = "{{#each site.pages}}{{@key}}={{head.title}}{{{body}}};{{/each}}";

fn site(list: &str) -> SiteFolder {
    SiteFolder::new(&[
        (
            "config/site.toml",
            "title = \"a\"\nindex_site_pages = [\"main\"]",
        ),
        ("templates/main.hbs", list),
        ("content/index.md", "title = \"Start\"\n---\none"),
        ("content/b.md", "title = \"B\"\n---\ntwo"),
    ])
}

fn body(folder: &SiteFolder) -> String {
    let site = Site::open(folder.root()).expect("the settings are right");
    match site.answer(&request("/"), &surroundings()) {
        site::Answer::Page { body, .. } => body,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_list_is_made_of_the_index_alone() {
    let folder = site("{{#each site.pages}}{{head.title}};{{/each}}");
    let index = folder.index().replace("\"B\"", "\"of the index\"");
    folder.write(index::PATH, index.as_bytes());
    folder.remove("content/b.md");
    assert_eq!(body(&folder), "of the index;Start;");
}

#[test]
fn an_index_that_cannot_be_right_is_passed_over() {
    let folder = site(LIST);
    let good = folder.index();
    let want = body(&folder);
    assert!(want.contains("=B<p>two</p>"), "{want}");
    let line = good.lines().nth(1).expect("the first page").to_owned();
    for index in [
        good.replace("index 1", "index 2"),
        String::new(),
        good.replace("\t16\t", "\t1200\t"),
        good.replace("\t16\t", "\t15\t"),
        good.replace("\t16\t", "\tx\t"),
        good.replace("{\"", "{"),
        good.replace("b.md", "gone.md"),
        good.replace(&line, &line[..line.len() / 2]),
        good.replace(&line, "\"b.md\"\t2\t\t16\t\t{}"),
        good.replace(&line, "\"b.md\"\t\tnoon\t16\t\t{}"),
    ] {
        assert_ne!(index, good);
        folder.write(index::PATH, index.as_bytes());
        assert_eq!(body(&folder), want, "{index}");
    }
}

#[test]
fn every_kind_of_value_in_a_head_passes_through_it() {
    let folder = site(
        "{{#each site.pages}}{{#each head}}{{@key}}={{this}};{{/each}}{{#each head.extra}}{{@key}}={{this}};{{/each}}{{/each}}",
    );
    folder.write(
        "content/all.md",
        b"title = \"q\\\"\\t\\u00e9\"\ndate = 2019-05-06T07:08:09.25+01:00\ndescription = \"\"\ntags = [\"a\", \"\"]\n\
          published = true\nstatus = \"302 Found\"\nenable_shortcodes = false\n[extra]\nf = 0.30000000000000004\ng = 5e-324\n\
          h = 1e21\ni = -9007199254740993\nn = nan\nd = 2020-01-01\nl = [1, 2.0, \"x\", { y = true }]\n---\n",
    );
    folder.write("content/\"quoted\"\t\u{e9}.md", b"title = \"a\"\n---\n");
    let body = match answer(&folder, &request("/")) {
        site::Answer::Page { body, .. } => body,
        other => panic!("{other:?}"),
    };
    for part in [
        "date=2019-05-06T06:08:09.250Z;",
        "f=0.30000000000000004;g=5e-324;h=1e21;i=-9007199254740993;",
        "l=[1, 2.0, x, [object], ];n=;",
    ] {
        assert!(body.contains(part), "{part} is not in {body}");
    }
}

#[test]
fn only_pages_that_can_be_listed_are_in_it() {
    for (path, listed) in [
        ("content/a.md", true),
        ("content/b/c.md", true),
        ("content/.d/e.md", true),
        ("content/.f.md", false),
        ("content/g.txt", false),
        ("config/h.md", false),
        ("contents/i.md", false),
    ] {
        assert_eq!(IndexedDocument::is_listed(path), listed, "{path}");
        let page = IndexedDocument::new(path, "title = \"a\"\n---\n".to_owned());
        assert_eq!(page.map(|page| page.is_some()), Ok(listed), "{path}");
    }
    let error = IndexedDocument::new("content/a.md", "titel = \"a\"\n---\n".to_owned());
    assert!(error.is_err_and(|error| error.to_string().starts_with("content/a.md:1: ")));
}

#[test]
fn heads_are_read_as_far_as_the_template_looks() {
    let fields =
        |names: &[&str]| HeadReads::Fields(names.iter().map(|&name| name.into()).collect());
    for (template, expected) in [
        ("{{len site.pages}}", fields(&[])),
        ("{{page.head.title}}", fields(&[])),
        (
            "{{#each site.pages}}{{head.title}}{{this.head.extra.x}}{{published}}{{/each}}",
            fields(&["extra", "title"]),
        ),
        (
            "{{#each site.pages as |p|}}{{#with p.head}}{{date}}{{/with}}{{/each}}",
            HeadReads::Whole,
        ),
        (
            "{{#each site.pages}}{{#each head.tags}}{{this}}{{/each}}{{/each}}",
            fields(&["tags"]),
        ),
        (
            "{{#each site.pages}}{{#if head}}x{{/if}}{{/each}}",
            HeadReads::Whole,
        ),
        (
            "{{#each site.pages}}{{len head}}{{/each}}",
            HeadReads::Whole,
        ),
        (
            "{{#each site.pages}}{{#each head}}{{@key}}{{/each}}{{/each}}",
            HeadReads::Whole,
        ),
        (
            "{{#each site.pages}}{{lookup head ../page.head.title}}{{/each}}",
            HeadReads::Whole,
        ),
        (
            "{{#each site.pages}}{{> card head}}{{/each}}",
            fields(&["title"]),
        ),
        ("{{#each site.pages}}{{> card this}}{{/each}}", fields(&[])),
        (
            "{{#each site.pages}}{{#if (eq this page)}}{{/if}}{{/each}}",
            HeadReads::Whole,
        ),
        ("{{echo site.pages}}", HeadReads::Whole),
        ("{{echo site}}", HeadReads::Whole),
        ("{{echo this}}", HeadReads::Whole),
    ] {
        let folder = SiteFolder::new(&[
            ("templates/main.hbs", template),
            ("templates/card.hbs", "{{title}}"),
            ("scripts/echo.rhai", "params[0]"),
        ]);
        let set = folder.load("main").expect("it compiles");
        assert_eq!(set.reads().heads, expected, "{template}");
    }
}

//! What is read against what the output depends on, for templates made at random.

use serde_json::{Value, json};
use site::{RequestReads, TemplateSet};

use crate::site_folder::{SiteFolder, surroundings};

const FIELDS: [&str; 4] = ["a", "b", "c", "d"];

/// Writes something.
const LEAVES: &[&str] = &[
    "{{a}}",
    "{{this.b}}",
    "{{./c}}",
    "{{../a}}",
    "{{../../request.b}}",
    "{{request.a}}",
    "{{@root.request.c}}",
    "{{@root/request/d}}",
    "{{r.b}}",
    "{{k}}",
    "{{@key}}{{@index}}",
    "{{title}}",
    "{{head.title}}",
    "{{page.head.title}}",
    "{{x}}{{x.a}}",
    "{{upper (lookup request 'b')}}",
    "{{lookup @root.request 'd'}}",
    "{{lookup ../request 'a'}}",
    "{{len request}}",
    "{{len site.pages}}",
    "{{echo request.c}}",
    "{{echo a}}",
    "{{{body}}}",
    "{{{page.body}}}",
    "{{this}}",
    "{{min}}",
    "{{eq request.a 'A'}}",
    "{{> field}}",
    "{{> field request}}",
    "{{> field @root.request x=request.b}}",
    "{{> field x=request}}",
    "{{> field this a=../request.c}}",
    "{{> up}}",
    "{{> inline}}",
    "{{> inline x=@root.request}}",
    "{{> @partial-block}}",
];

/// Open and close a block.
const BLOCKS: &[(&str, &str)] = &[
    ("{{#with request}}", "{{/with}}"),
    ("{{#with request as |r|}}", "{{/with}}"),
    ("{{#with page}}", "{{/with}}"),
    ("{{#with site}}", "{{/with}}"),
    ("{{#with this}}", "{{/with}}"),
    ("{{#with @root}}", "{{/with}}"),
    ("{{#with (lookup this 'request')}}", "{{/with}}"),
    (
        "{{#with (lookup site.pages '/content/a.md') as |r|}}",
        "{{/with}}",
    ),
    ("{{#each site.pages}}", "{{/each}}"),
    ("{{#each site.pages as |r k|}}", "{{/each}}"),
    ("{{#each page.head.tags}}", "{{/each}}"),
    ("{{#each page.head.tags as |k a|}}", "{{/each}}"),
    ("{{#each this}}", "{{/each}}"),
    ("{{#each request}}", "{{/each}}"),
    ("{{#each (newest site.pages)}}", "{{/each}}"),
    ("{{#if request.a}}", "{{else}}{{request.b}}{{/if}}"),
    ("{{#if page}}{{else if request.c}}", "{{/if}}"),
    ("{{#eq request.d 'D'}}", "{{/eq}}"),
    ("{{#unless b}}", "{{/unless}}"),
    ("{{#> frame}}", "{{/frame}}"),
    ("{{#> frame x=request}}", "{{/frame}}"),
    ("{{#> frame page}}", "{{/frame}}"),
    ("{{#> nowhere}}", "{{/nowhere}}"),
    ("{{#*inline 'inline'}}", "{{/inline}}"),
];

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("it has 31 bits") % limit
    }

    fn template(&mut self, depth: usize) -> String {
        let mut text = String::new();
        for _ in 0..1 + self.below(3) {
            if depth > 0 && self.below(3) > 0 {
                let (open, close) = BLOCKS[self.below(BLOCKS.len())];
                text.push_str(open);
                text.push_str(&self.template(depth - 1));
                text.push_str(close);
            } else {
                text.push_str(LEAVES[self.below(LEAVES.len())]);
            }
        }
        text
    }
}

#[test]
fn what_is_not_read_does_not_change_the_output() {
    let mut random = Random(11);
    let mut narrow = 0;
    for _ in 0..250 {
        let template = random.template(4);
        let folder = SiteFolder::new(&[
            ("templates/main.hbs", &template),
            ("templates/field.hbs", "{{a}}{{x.d}}{{x}}{{../b}}"),
            (
                "templates/up.hbs",
                "{{../c}}{{../../a}}{{r.d}}{{@root.request.a}}",
            ),
            (
                "templates/frame.hbs",
                "{{#with request}}{{> @partial-block}}{{/with}}{{> @partial-block}}",
            ),
            (
                "scripts/newest.rhai",
                "let found = []; for k in params[0].keys() { found.push(#{uri: k, page: params[0][k]}); } found",
            ),
            ("scripts/echo.rhai", "params[0]"),
        ]);
        let set = folder
            .load("main")
            .unwrap_or_else(|error| panic!("{error} in {template}"));
        let expected = render(&set, context());
        let reads = set.reads();
        if let RequestReads::Fields(fields) = &reads.request {
            narrow += 1;
            for name in FIELDS.iter().filter(|name| !fields.contains(**name)) {
                let mut changed = context();
                changed["request"][name] = "changed".into();
                assert_eq!(render(&set, changed), expected, "{name} in {template}");
            }
            let mut changed = context();
            changed["request"]["new"] = "new".into();
            assert_eq!(render(&set, changed), expected, "a new field in {template}");
        }
        if !reads.bodies {
            let mut changed = context();
            for page in changed["site"]["pages"]
                .as_object_mut()
                .expect("it is one")
                .values_mut()
            {
                page["body"] = Value::Null;
            }
            assert_eq!(render(&set, changed), expected, "bodies in {template}");
        }
        if !reads.pages {
            let mut changed = context();
            changed["site"]["pages"] = json!({});
            assert_eq!(render(&set, changed), expected, "pages in {template}");
        }
    }
    assert!(
        narrow > 80,
        "only {narrow} templates do not read the whole request"
    );
}

/// The output, or nothing where a helper is given what it cannot use.
fn render(set: &TemplateSet, context: Value) -> Option<String> {
    set.render(context, &surroundings()).ok()
}

fn context() -> Value {
    let page = |title: &str, body: &str| {
        json!({
            "head": {"title": title, "tags": ["t", "u"]},
            "body": body,
            "published": true,
        })
    };
    json!({
        "page": page("Shown", "<p>shown</p>"),
        "site": {
            "info": {"title": "Site"},
            "pages": {"/content/a.md": page("A", "<p>a</p>"), "/content/b.md": page("B", "<p>b</p>")},
        },
        "request": {"a": "A", "b": "B", "c": "C", "d": "D"},
        "env": {"a": "env"},
    })
}

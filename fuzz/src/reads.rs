//! What the closure of a template is taken to read, against what its output depends on.

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

/// How deeply blocks are nested in each other.
const DEPTH: usize = 4;

thread_local! {
    static FOLDER: SiteFolder = SiteFolder::new();
}

/// The input chooses the parts of a template.
pub fn check(input: &[u8]) {
    does_not_read_the_whole_request(input);
}

/// Checks, and tells whether the template is a telling one: most that are made at random read everything.
pub fn does_not_read_the_whole_request(input: &[u8]) -> bool {
    let source = Choices(input).template(DEPTH);
    let set = FOLDER
        .with(|folder| folder.load(&source))
        .unwrap_or_else(|error| panic!("{error} in {source}"));
    assert_nothing_else_is_read(&source, &set);
    matches!(set.reads().request, RequestReads::Fields(_))
}

/// Changes what the template is not taken to read, which must not change the output.
pub(crate) fn assert_nothing_else_is_read(source: &str, set: &TemplateSet) {
    let expected = render(set, context());
    let reads = set.reads();
    let assert_same = |changed: Value, what: &str| {
        assert_eq!(render(set, changed), expected, "{what} in {source}");
    };
    if let RequestReads::Fields(fields) = &reads.request {
        for name in FIELDS.iter().filter(|name| !fields.contains(**name)) {
            let mut changed = context();
            changed["request"][name] = "changed".into();
            assert_same(changed, name);
        }
        let mut changed = context();
        changed["request"]["new"] = "new".into();
        assert_same(changed, "a new field");
    }
    if !reads.bodies {
        let mut changed = context();
        let pages = changed["site"]["pages"].as_object_mut();
        for page in pages.expect("it is one").values_mut() {
            page["body"] = Value::Null;
        }
        assert_same(changed, "bodies");
    }
    if !reads.pages {
        let mut changed = context();
        changed["site"]["pages"] = json!({});
        assert_same(changed, "pages");
    }
}

/// Choices that an input makes, the first of each when it is used up.
struct Choices<'i>(&'i [u8]);

impl Choices<'_> {
    fn below(&mut self, limit: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(*first) % limit
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

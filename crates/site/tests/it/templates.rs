//! Finding, compiling and rendering templates.

use serde_json::{Value, json};
use site::Templates;

use crate::site_folder::{SiteFolder, outcome, surroundings};

#[test]
fn a_template_is_found_by_its_path_or_by_its_file_name() {
    let folder = SiteFolder::new(&[
        ("templates/main.hbs", "main"),
        ("templates/partials/nav.hbs", "nav"),
        ("templates/partials/main.hbs", "deep main"),
        ("templates/double.hbs.hbs", "double"),
        ("templates/.dot.hbs", "dot"),
        ("templates/main copy.hbs", "copy"),
        ("templates/z/clash.hbs", "z/clash"),
        ("templates/b/clash.hbs", "b/clash"),
        ("templates/a/a/clash.hbs", "a/a/clash"),
        ("templates/notes.txt", "notes"),
        ("config/secret.hbs", "secret"),
    ]);
    for (name, expected) in [
        ("main", Some("main")),
        ("partials/main", Some("deep main")),
        ("nav", Some("nav")),
        ("partials/nav", Some("nav")),
        ("double", Some("double")),
        (".dot", Some("dot")),
        ("main copy", Some("copy")),
        ("clash", Some("b/clash")),
        ("a/a/clash", Some("a/a/clash")),
        ("notes", None),
        ("notes.txt", None),
        ("partials", None),
        ("", None),
        ("..", None),
        ("../config/secret", None),
        ("/etc/passwd", None),
        ("a\0b", None),
    ] {
        let found = folder
            .load(name)
            .and_then(|set| set.render(Value::Null, &surroundings()))
            .ok();
        assert_eq!(found.as_deref(), expected, "{name:?}");
    }
}

#[test]
fn a_theme_fills_in_what_the_site_does_not_have() {
    let folder = SiteFolder::new(&[
        (
            "themes/t/templates/main.hbs",
            "{{> parts/nav}}{{> nav}}{{> footer}}{{> .hidden}}{{> #gone}}",
        ),
        ("themes/t/templates/parts/nav.hbs", "(theme nav)"),
        ("themes/t/templates/footer.hbs", "(theme footer)"),
        ("themes/t/templates/.hidden.hbs", "{{#broken"),
        (
            "themes/t/templates/front.hbs",
            "---\nread_pages_glob = [\"one*.md\"]\n---\nfront",
        ),
        ("templates/x/footer.hbs", "(site footer)"),
    ]);
    let templates = Templates::new(folder.root(), Some("t"));
    let render = |name: &str| {
        let set = templates.load(name).expect("it compiles");
        set.render(Value::Null, &surroundings())
            .expect("it renders")
    };
    assert_eq!(render("parts/nav"), "(theme nav)");
    assert_eq!(render("front"), "front");
    let set = templates.load("front").expect("it compiles");
    assert_eq!(set.read_pages_glob(), Some(&["one*.md".to_owned()][..]));
    folder.write(
        "themes/t/templates/main.hbs",
        b"{{> parts/nav}}{{> nav}}{{> footer}}{{> .hidden}}",
    );
    assert_eq!(render("main"), "(theme nav)(site footer)");
    assert!(
        Templates::new(folder.root(), Some("../t"))
            .load("parts/nav")
            .is_err()
    );
    assert!(
        Templates::new(folder.root(), None)
            .load("parts/nav")
            .is_err()
    );
}

#[test]
fn front_matter_is_taken_off_where_it_is_front_matter() {
    for (file, expected, glob) in [
        (
            "---\nread_pages_glob = [\"a/*.md\"]\nother = 1\n---\ntext",
            "text",
            Some(vec!["a/*.md"]),
        ),
        (
            "---\r\nread_pages_glob = []\r\n---\r\na\r\nb\r\n",
            "a\nb\n",
            Some(vec![]),
        ),
        (
            "read_pages_glob = [\"a\"]\n---\ntext",
            "text",
            Some(vec!["a"]),
        ),
        ("---\n---\ntext", "text", None),
        ("<p>above</p>\n---\nbelow", "<p>above</p>\n---\nbelow", None),
        ("text\n---", "text\n---", None),
        ("a\r\nb", "a\nb", None),
    ] {
        let folder = SiteFolder::with_main(file);
        let set = folder.load("main").expect("it compiles");
        let glob = glob.map(|patterns| {
            patterns
                .into_iter()
                .map(ToOwned::to_owned)
                .collect::<Vec<_>>()
        });
        assert_eq!(set.read_pages_glob(), glob.as_deref(), "{file:?}");
        assert_eq!(
            set.render(Value::Null, &surroundings())
                .expect("it renders"),
            expected
        );
    }
}

#[test]
fn else_if_chains() {
    for (template, expected) in [
        ("{{#if a}}A{{else if b}}B{{else}}C{{/if}}", ["A", "B", "C"]),
        (
            "{{#if a}}A{{else if b}}B{{else if c}}C{{else}}D{{/if}}",
            ["A", "B", "D"],
        ),
        ("{{#if a}}A{{else if b}}B{{/if}}", ["A", "B", ""]),
        (
            "{{#if a}}A{{else unless b}}C{{else}}B{{/if}}",
            ["A", "B", "C"],
        ),
        (
            "{{#if a}}A{{else with b}}{{this}}{{else}}C{{/if}}",
            ["A", "B", "C"],
        ),
        (
            "{{#if a}}{{#if a}}A{{else if b}}x{{/if}}{{else if b}}{{#if c}}x{{else if b}}B{{/if}}{{/if}}",
            ["A", "B", ""],
        ),
        (
            "{{#if a}}\nA\n  {{else if b}}  \nB\n{{else}}\nC\n{{/if}}\n",
            ["A\n", "B\n", "C\n"],
        ),
        (
            "{{#if a}} A {{~else if b~}} B {{else}} C {{/if}}",
            [" A", "B ", " C "],
        ),
        (
            "{{#each list}}A{{else if b}}B{{else}}C{{/each}}",
            ["A", "B", "C"],
        ),
        (
            "{{#*inline 'p'}}{{#if a}}A{{else if b}}B{{else}}C{{/if}}{{/inline}}{{> p}}",
            ["A", "B", "C"],
        ),
    ] {
        let contexts = [
            json!({"a": 1, "list": [1]}),
            json!({"b": "B", "list": []}),
            json!({}),
        ];
        for (context, expected) in contexts.into_iter().zip(expected) {
            let rendered = SiteFolder::with_main(template).render(context.clone());
            assert_eq!(
                rendered.expect("it renders"),
                expected,
                "{template} with {context}"
            );
        }
    }
}

const PARTS: &[&str] = &[
    "text that fills a line, and another one, so that there is enough to cut the source at\n",
    "<p>{{x}}</p> {{{y}}}\n",
    "\n\n   \n",
    "{{#if x}}\nyes\n{{else}}\nno\n{{/if}}\n",
    "  {{#if z}}  \n  a\n  {{~else~}}  \n  b\n  {{/if}}\n",
    "{{#each list}}\n  <li>{{@index}} {{this}} {{../x}}</li>\n\n{{else}}none{{/each}}\n",
    "a {{~x~}} \n\n {{! c }} b\n {{!~}}c\n",
    "{{x~}}\n\n{{!-- {{#if}}\n --}}\n\n d\n",
    "\n   {{~#if x}} e {{/if~}}\n\n f\n",
    "    {{> lines}}\n  in line {{> lines}} end\n",
    "{{{{raw}}}}\n{{#if}} }}\n{{{{/raw}}}}\n\n",
    "\\{{x}} \\\\{{x}} \\{{#if}}\n",
    "{{#*inline 'i'}}\n  inline\n  text {{x}}\n{{/inline}}\n{{> i}}\n",
    "{{#> nothing}}\n  fallback\n{{/nothing}}\n",
    "{{lookup list\n  1\n}}\r\nend\r\n",
];

#[test]
fn a_long_template_is_rendered_as_if_it_were_compiled_in_one() {
    let mut random = 7_u64;
    let mut next = |limit: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).expect("it has 31 bits") % limit
    };
    let mut reference = handlebars::Handlebars::new();
    let lines = "one\ntwo {{x}}\n\nthree\n";
    reference
        .register_partial("lines", lines)
        .expect("it compiles");
    let context = json!({"x": "X\nX", "y": "<y>", "z": false, "list": ["a", "b"]});
    for _ in 0..300 {
        let mut source = String::new();
        let mut open = Vec::new();
        for _ in 0..next(60) {
            match next(12) {
                0 if open.len() < 6 => {
                    let (begin, end) = [
                        ("{{#if x}}\n", "{{/if}}\n"),
                        ("{{#if x~}}\n", "  {{~/if}}\n"),
                        ("{{#with this}} ", "{{/with}}"),
                        ("{{#if z}}\n{{else}}\n", "  {{/if}}\n"),
                    ][next(4)];
                    source.push_str(begin);
                    open.push(end);
                }
                1 => source.extend(open.pop()),
                _ => source.push_str(PARTS[next(PARTS.len())]),
            }
        }
        source.extend(open.into_iter().rev());
        let folder = SiteFolder::new(&[
            ("templates/main.hbs", &source),
            ("templates/lines.hbs", lines),
        ]);
        let unix = source.replace("\r\n", "\n");
        let expected = reference.render_template(&unix, &context);
        let text = folder.render(context.clone());
        let expected = expected.unwrap_or_else(|error| panic!("{error} in {source:?}"));
        assert_eq!(text.expect("it is valid"), expected, "{source:?}");
    }
}

#[test]
fn partials_are_found_as_in_the_reference() {
    let folder = SiteFolder::new(&[
        (
            "templates/main.hbs",
            "[{{> nowhere}}][{{#> nowhere}}else {{t}}{{/nowhere}}][{{#> frame tone='red'}}in {{t}}{{/frame}}][{{> (lookup this 'which')}}][{{> (lookup this 'none')}}]",
        ),
        ("templates/frame.hbs", "<{{tone}}>{{> @partial-block}}</>"),
        ("templates/p/chosen.hbs", "chosen {{t}}{{hello}}"),
        ("templates/broken.hbs", "{{#if"),
        ("templates/static.hbs", "{{#if x}}{{> broken}}{{/if}}fine"),
        ("scripts/hello.rhai", "\" hello\""),
    ]);
    let text = folder
        .render(json!({"t": "T", "which": "chosen"}))
        .expect("it renders");
    assert_eq!(text, "[][else T][<red>in T</>][chosen T hello][]");
    let error = folder
        .render(json!({"which": "broken"}))
        .expect_err("it does not compile");
    assert_eq!(
        error.to_string(),
        "`templates/broken.hbs:1:6`: invalid Handlebars syntax"
    );
    let set = folder.load("static").expect("it compiles");
    let text = set.render(json!({}), &surroundings()).expect("it renders");
    assert_eq!(text, "fine");
    let error = set
        .render(json!({"x": 1}), &surroundings())
        .expect_err("it does not compile");
    assert_eq!(error.path(), Some("templates/broken.hbs"));
}

#[test]
fn partials_may_recurse_but_not_for_ever() {
    let deep = ["{{#if true}}".repeat(60), "{{/if}}".repeat(60)].join("{{> deep}}");
    let folder = SiteFolder::new(&[
        ("templates/main.hbs", "{{> node tree}}"),
        (
            "templates/node.hbs",
            "{{n}}{{#each below}}({{> node this}}){{/each}}",
        ),
        ("templates/a.hbs", "{{> b}}"),
        ("templates/b.hbs", "{{> a}}"),
        (
            "templates/inline.hbs",
            "{{#*inline 'x'}}{{> x}}{{/inline}}{{> x}}",
        ),
        ("templates/block.hbs", "{{#> wrap}}{{> block}}{{/wrap}}"),
        (
            "templates/wrap.hbs",
            "{{#if true}}{{#with this}}{{> @partial-block}}{{/with}}{{/if}}",
        ),
        (
            "templates/many.hbs",
            "{{> leaf}}{{#each list}}{{> leaf}}{{/each}}",
        ),
        ("templates/leaf.hbs", "."),
        ("templates/deep.hbs", &deep),
    ]);
    let tree = json!({"tree": {"n": 1, "below": [{"n": 2, "below": [{"n": 3}]}, {"n": 4}]}});
    assert_eq!(folder.render(tree).expect("it renders"), "1(2(3))(4)");
    for name in ["a", "inline", "block", "deep"] {
        let set = folder.load(name).expect("it compiles");
        let error = set
            .render(json!({"x": 1}), &surroundings())
            .expect_err("it has no end");
        assert_eq!(
            error.message(),
            "partials and blocks are more than 256 levels deep in each other",
            "{name}"
        );
    }
    let set = folder.load("many").expect("it compiles");
    let list: Vec<u8> = vec![0; 200];
    let dots = set
        .render(json!({ "list": list }), &surroundings())
        .expect("it renders");
    assert_eq!(dots, ".".repeat(201));
}

#[test]
fn source_nested_too_deeply_for_the_parser_is_an_error() {
    let nest = |open: &str, inner: &str, close: &str, depth: usize| {
        [&open.repeat(depth), inner, &close.repeat(depth)].concat()
    };
    let blocks = |depth| nest("{{#if true}}", "x", "{{/if}}", depth);
    let calls = |depth| format!("{{{{{}}}}}", nest("lower (", "lower 'x'", ")", depth));
    assert_eq!(outcome(&blocks(64)), "x");
    assert_eq!(outcome(&calls(32)), "x");
    for template in [blocks(65), blocks(20_000), calls(33), calls(20_000)] {
        let error = outcome(&format!("\n{template}"));
        assert_eq!(
            error,
            "error: `templates/main.hbs:2`: blocks or expressions are nested too deeply"
        );
    }
    let docs = "{{!-- {{#if}} --}}\\{{#if}}{{{{raw}}}}{{#if}}{{{{/raw}}}}".repeat(100);
    assert_eq!(outcome(&docs), "{{#if}}{{#if}}".repeat(100));
}

#[test]
fn output_without_bound_is_stopped() {
    let big = "x".repeat(1 << 20);
    let folder = SiteFolder::with_main("{{#each list}}{{../big}}{{/each}}");
    let ones = vec![1; 40];
    let error = folder
        .render(json!({"big": big, "list": ones}))
        .expect_err("it is too large");
    assert_eq!(error.message(), "the output is larger than 32 MiB");
    let ones = vec![1; 8];
    let text = folder
        .render(json!({"big": big, "list": ones}))
        .expect("it renders");
    assert_eq!(text.len(), 8 << 20);
}

#[test]
fn a_set_is_rendered_any_number_of_times_and_from_several_threads() {
    let folder = SiteFolder::new(&[
        ("templates/main.hbs", "{{> p}}{{n}}{{s n}}"),
        ("templates/p.hbs", "p"),
        ("scripts/s.rhai", "params[0] * 2"),
    ]);
    let set = folder.load("main").expect("it compiles");
    std::thread::scope(|scope| {
        for n in 0..4 {
            let set = &set;
            scope.spawn(move || {
                let text = set
                    .render(json!({ "n": n }), &surroundings())
                    .expect("it renders");
                assert_eq!(text, format!("p{n}{}", n * 2));
            });
        }
    });
}

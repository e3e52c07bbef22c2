//! What the closure of a template is taken to read.

use site::{Reads, RequestReads};

use crate::site_folder::SiteFolder;

/// Partials and scripts that the templates below use.
const FILES: &[(&str, &str)] = &[
    (
        "templates/menu.hbs",
        "{{#if (eq request.spin-path-info '/a')}}here{{/if}}",
    ),
    ("templates/field.hbs", "{{x-field}}{{accept}}"),
    ("templates/up.hbs", "{{../accept}}"),
    ("templates/size.hbs", "{{len this}}"),
    (
        "templates/frame.hbs",
        "{{#with request}}{{> @partial-block}}{{/with}}",
    ),
    ("templates/row.hbs", "{{page.body}}"),
    (
        "templates/title.hbs",
        "{{page.head.title}}{{site.info.title}}",
    ),
    (
        "templates/tree.hbs",
        "{{n}}{{#each below}}{{> tree}}{{/each}}",
    ),
    ("templates/set.hbs", "{{> title t=site.info.title}}"),
    (
        "scripts/newest.rhai",
        "let found = []; for k in params[0].keys() { found.push(#{uri: k, page: params[0][k]}); } found",
    ),
    ("scripts/excerpt.rhai", "params[0].body.sub_string(0, 9)"),
    ("scripts/echo.rhai", "params[0]"),
];

fn reads(template: &str) -> Reads {
    let folder = SiteFolder::new(FILES);
    folder.write("templates/main.hbs", template.as_bytes());
    folder.load("main").expect("it compiles").reads().clone()
}

#[test]
fn fields_of_the_request_are_told_apart_from_the_whole() {
    for (template, expected) in [
        (
            "{{page.body}} {{site.info.title}} {{env.X}} {{request_like}}",
            Some(vec![]),
        ),
        ("{{request.host}}", Some(vec!["host"])),
        (
            "{{request/host}}{{this.request.a}}{{./request.b}}",
            Some(vec!["a", "b", "host"]),
        ),
        (
            "{{@root.request.[x-y]}}{{@root/request/z}}",
            Some(vec!["x-y", "z"]),
        ),
        (
            "{{#if request.host}}{{else}}{{request.accept}}{{/if}}",
            Some(vec!["accept", "host"]),
        ),
        (
            "{{#with request}}{{host}}{{../page.body}}{{@index}}{{/with}}",
            Some(vec!["host"]),
        ),
        (
            "{{#with request as |r|}}{{r.host}}{{/with}}",
            Some(vec!["host"]),
        ),
        (
            "{{#with page}}{{../request.host}}{{@root.request.a}}{{/with}}",
            Some(vec!["a", "host"]),
        ),
        (
            "{{#each page.head.tags}}{{../request.host}}{{/each}}",
            Some(vec!["host"]),
        ),
        (
            "{{#each page.head.tags}}{{../../request.host}}{{/each}}",
            Some(vec![]),
        ),
        ("{{lookup request 'host'}}", Some(vec!["host"])),
        (
            "{{#with (lookup this 'request')}}{{host}}{{/with}}",
            Some(vec!["host"]),
        ),
        ("{{upper (trim request.host)}}", Some(vec!["host"])),
        (
            "{{echo request.host}}{{echo page k=request.a}}",
            Some(vec!["a", "host"]),
        ),
        ("{{> menu}}", Some(vec!["spin-path-info"])),
        ("{{> field request}}", Some(vec!["accept", "x-field"])),
        (
            "{{#with request}}{{> field}}{{/with}}",
            Some(vec!["accept", "x-field"]),
        ),
        ("{{> field x-field=request.host}}", Some(vec!["host"])),
        (
            "{{#with request}}{{#with page}}{{> up}}{{/with}}{{/with}}",
            Some(vec!["accept", "page"]),
        ),
        ("{{#> frame}}{{host}}{{/frame}}", Some(vec!["host"])),
        (
            "{{#*inline 'menu'}}{{request.b}}{{/inline}}{{> menu}}",
            Some(vec!["b", "spin-path-info"]),
        ),
        (
            "{{#*inline 'unused'}}{{request.b}}{{/inline}}",
            Some(vec![]),
        ),
        ("{{#each this}}{{@key}};{{/each}}", Some(vec![])),
        (
            "{{#if page}}{{else if request.host}}x{{/if}}",
            Some(vec!["host"]),
        ),
        (
            "{{#eq request.a 'x'}}{{request.b}}{{else}}{{request.c}}{{/eq}}",
            Some(vec!["a", "b", "c"]),
        ),
        (
            "{{{{raw}}}}{{request.a}}{{{{/raw}}}}\\{{request.b}}{{! request }}",
            Some(vec![]),
        ),
        ("{{> missing request}}", Some(vec![])),
        ("{{request}}", None),
        ("{{#each request}}{{@key}}{{/each}}", None),
        (
            "{{#with request}}{{#each this}}{{this}}{{/each}}{{/with}}",
            None,
        ),
        ("{{lookup request page.head.title}}", None),
        (
            "{{#each this}}{{#each this}}{{this}}{{/each}}{{/each}}",
            None,
        ),
        ("{{echo request}}", None),
        ("{{echo this}}", None),
        ("{{echo @root.request}}", None),
        ("{{echo k=request}}", None),
        ("{{len request}}", None),
        ("{{#each this}}{{#each this}}x{{/each}}{{/each}}", None),
        ("{{#each this}}{{len this}}{{/each}}", None),
        ("{{> size request x=1}}", None),
        ("{{len this}}{{len site}}", Some(vec![])),
        ("{{#with request}}{{echo this}}{{/with}}", None),
        ("{{> (lookup page 'x')}}", None),
        ("{{#*inline page.name}}x{{/inline}}", None),
        ("{{> tree}}", None),
    ] {
        let expected = match expected {
            Some(fields) => {
                RequestReads::Fields(fields.into_iter().map(ToOwned::to_owned).collect())
            }
            None => RequestReads::Whole,
        };
        assert_eq!(reads(template).request, expected, "{template}");
    }
}

#[test]
fn pages_and_their_bodies_are_told_apart() {
    let [none, heads, bodies] = [(false, false), (true, false), (true, true)];
    for (template, expected) in [
        (
            "{{page.body}}{{site.info.title}}{{#with page}}{{body}}{{/with}}",
            none,
        ),
        ("{{excerpt page}}", none),
        ("{{> title}}{{> set}}", none),
        ("{{#each site}}{{@key}}{{/each}}", none),
        ("{{len site.pages}}", heads),
        (
            "{{#each site.pages}}{{@key}} {{head.title}}{{published}}{{/each}}",
            heads,
        ),
        (
            "{{#each site.pages as |p k|}}{{k}} {{p.head.title}}{{/each}}",
            heads,
        ),
        (
            "{{#with site}}{{#each pages}}{{head.title}}{{../info.title}}{{/each}}{{/with}}",
            heads,
        ),
        (
            "{{#each (newest site.pages)}}{{uri}} {{page.head.title}}{{> title}}{{/each}}",
            heads,
        ),
        ("{{#each (newest site)}}{{uri}}{{/each}}", heads),
        ("{{#each (newest site.pages)}}{{this}}, {{/each}}", heads),
        (
            "{{#each (newest site.pages)}}{{uri}}{{/each}}{{page.body}}",
            heads,
        ),
        (
            "{{#each (newest site.pages)}}{{@root.page.body}}{{/each}}",
            heads,
        ),
        (
            "{{#with (lookup site.pages '/content/a.md')}}{{head.title}}{{/with}}",
            heads,
        ),
        ("{{#each site.pages}}{{{body}}}{{/each}}", bodies),
        ("{{#each site.pages as |p|}}{{{p.body}}}{{/each}}", bodies),
        (
            "{{#each site.pages}}{{#each this}}{{this}}{{/each}}{{/each}}",
            bodies,
        ),
        (
            "{{#with (lookup site.pages '/content/a.md')}}{{{body}}}{{/with}}",
            bodies,
        ),
        (
            "{{lookup (lookup site.pages '/content/a.md') 'body'}}",
            bodies,
        ),
        (
            "{{lookup (lookup site.pages '/content/a.md') page.x}}",
            bodies,
        ),
        (
            "{{#each (newest site.pages)}}{{{page.body}}}{{/each}}",
            bodies,
        ),
        ("{{#each (newest site.pages)}}{{> row}}{{/each}}", bodies),
        (
            "{{#each (newest site.pages)}}{{> row x=1}}{{/each}}",
            bodies,
        ),
        (
            "{{#each (newest site.pages)}}{{lookup page 'body'}}{{/each}}",
            bodies,
        ),
        (
            "{{#each (newest site.pages)}}{{#each this}}{{this}}{{/each}}{{/each}}",
            bodies,
        ),
        (
            "{{#each (newest site.pages)}}{{excerpt page}}{{/each}}",
            bodies,
        ),
        ("{{#each site.pages}}{{excerpt this}}{{/each}}", bodies),
        (
            "{{#each (newest site.pages)}}{{#if (eq page.head.title 'x')}}{{date_format '%Y' page.head.date}}{{/if}}{{/each}}",
            heads,
        ),
        (
            "{{upper (len site.pages)}}{{join ',' (newest site.pages)}}",
            heads,
        ),
        (
            "{{#each (newest site.pages)}}{{eq this @root.page}}{{/each}}",
            bodies,
        ),
        ("{{excerpt site.pages}}", bodies),
        ("{{excerpt this}}", bodies),
        ("{{eq site.pages page}}", bodies),
        ("{{> (lookup page 'x')}}", bodies),
    ] {
        let reads = reads(template);
        assert_eq!((reads.pages, reads.bodies), expected, "{template}");
    }
}

//! The helpers that need no script.

use site::ClockUse;

use crate::site_folder::{SiteFolder, outcome, small_context, surroundings};

fn check(cases: &[(&str, &str)]) {
    for (template, expected) in cases {
        assert_eq!(outcome(template), *expected, "{template}");
    }
}

#[test]
fn strings_are_cut_at_characters_and_trimmed_once() {
    check(&[
        (
            "{{upper 'straße'}} {{lower 'ÀB'}} [{{trim '  a b '}}]",
            "STRASSE àb [a b]",
        ),
        (
            "{{trunc 3 'lantern'}}|{{trunc 30 'x'}}|{{trunc 1 'é'}}|{{trunc 3 'aéé'}}",
            "lan|x||aé",
        ),
        (
            "{{abbrev 6 'lanternlight'}}|{{abbrev 2 'lantern'}}|{{abbrev 3 'lantern'}}",
            "lan...|la|lan",
        ),
        (
            "{{abbrev 20 'lantern'}}|{{abbrev 5 'aéééé'}}|{{abbrev 6 'aéééé'}}",
            "lantern|a...|aé...",
        ),
        (
            "{{plural 1 'one' 'many'}} {{plural 0 'one' 'many'}}",
            "one many",
        ),
        (
            "{{trim_suffix '.md' 'a.md.md'}} {{trim_suffix 'x' 'a'}}",
            "a.md a",
        ),
        (
            "{{trim_prefix 'log' 'log-a-log'}} {{trim_prefix 'x' 'a'}}",
            "-a-log a",
        ),
        ("{{trim_all '-' '--mid--'}}", "-mid-"),
    ]);
}

#[test]
fn lists_are_joined_split_and_sorted() {
    check(&[
        ("{{join ', ' list}}", "b, a, C"),
        (
            "{{split ',' 'a,b,c'}} {{#each (split '-' 'x-y')}}<{{this}}>{{/each}}",
            "[a, b, c, ] <x><y>",
        ),
        ("{{splitn ',' 2 'a,b,c'}}", "[a, b,c, ]"),
        ("{{sort_alpha list}}", "[C, a, b, ]"),
    ]);
}

#[test]
fn integers_are_calculated_with_and_floats_are_rounded_to_floats() {
    check(&[
        (
            "{{add 2 3}} {{sub 2 3}} {{mul -4 3}} {{div -7 2}} {{mod -7 3}}",
            "5 -1 -12 -3 -1",
        ),
        ("{{max -3 -9}} {{min -3 -9}}", "-3 -9"),
        (
            "{{floor 2.7}} {{ceil 2.1}} {{round 2.5}} {{round -2.5}} {{floor 3}}",
            "2.0 3.0 3.0 -3.0 3.0",
        ),
        ("{{randInt}}", "2147483647"),
    ]);
}

#[test]
fn min_without_parameters_is_the_field_of_that_name() {
    check(&[(
        "{{#with object}}{{min}} {{min 2 1}}{{/with}}[{{min}}]",
        "smallest 1[]",
    )]);
}

#[test]
fn dates_are_formatted_in_utc() {
    check(&[
        (
            "{{date_format '%Y-%m-%d %H:%M:%S' date}}",
            "2021-03-04 05:06:07",
        ),
        (
            "{{date_format '%T%z' '2021-03-04T05:06:07+02:00'}}",
            "03:06:07+0000",
        ),
        (
            "{{date_format '%F' '2021-03-04 05:06:07+0000'}}",
            "2021-03-04",
        ),
        (
            "{{date_format '%F %T' '2021-03-04'}}",
            "2021-03-04 00:00:00",
        ),
        ("{{date_format '%T' '2021-03-04T05:06:07'}}", "05:06:07"),
        (
            "[{{date_format '%Y' null}}][{{date_format '%Y' missing}}]",
            "[][]",
        ),
        (
            "{{now '%F %T'}} {{now 'fixed'}}",
            "2024-05-06 07:08:09 fixed",
        ),
    ]);
}

#[test]
fn conditions_compare_what_can_be_compared() {
    check(&[
        (
            "{{eq 1 1}} {{eq 1 1.0}} {{eq 1 '1'}} {{eq null missing}} {{ne 'a' 'b'}}",
            "true false false true true",
        ),
        (
            "{{gt 2.5 1}} {{lt 1 1.5}} {{gte half 0.5}} {{lte 2 2}}",
            "true true true true",
        ),
        ("{{gt 'b' 'a'}} {{lt 'b' 'a'}}", "true false"),
        (
            "{{gt null 1}} {{lte null 1}} {{gte missing missing}}",
            "false false false",
        ),
        ("{{gt 9007199254740993 9007199254740992}}", "true"),
        (
            "{{and 1 'a' true}} {{and true true false}} {{or false 0 'x'}} {{or false ''}}",
            "true false true false",
        ),
        (
            "{{not zero}} {{not half}} {{not empty}} {{not list}}",
            "true false true false",
        ),
        (
            "{{#if (and (eq text 'lamp') (not (gt 1 2)))}}yes{{else}}no{{/if}}",
            "yes",
        ),
    ]);
}

#[test]
fn conditions_as_blocks_render_the_branch_that_holds() {
    check(&[
        (
            "[{{#eq 1 1}}yes{{else}}no{{/eq}}][{{#ne 1 1}}yes{{else}}no{{/ne}}]",
            "[yes][no]",
        ),
        (
            "[{{#or false text}}{{text}}{{/or}}][{{#gt 1 2}}yes{{/gt}}]",
            "[lamp][]",
        ),
        ("{{#not text}}a{{else if (eq 1 1)}}b{{/not}}", "b"),
    ]);
}

#[test]
fn embeds_are_links_and_scripts_without_markup_from_their_parameters() {
    check(&[
        (
            "{{{gist 'keeper' 'abc'}}}",
            "<script type=\"application/javascript\" src=\"https://gist.github.com/keeper/abc.js\"></script>",
        ),
        (
            "{{{tweet 'k\"' 12}}}",
            "<a href=\"https://twitter.com/k&quot;/status/12\">https://twitter.com/k&quot;/status/12</a>",
        ),
    ]);
}

#[test]
fn wrong_parameters_are_errors_that_say_which() {
    let at = |message: &str| format!("error: `templates/main.hbs:1:3`: {message}");
    for (template, message) in [
        ("x {{upper}}", "`upper` needs a parameter 1"),
        (
            "x {{upper 5}}",
            "`upper` needs a string as parameter 1, not `5`",
        ),
        (
            "x {{join ',' mixed}}",
            "`join` needs an array of strings as parameter 2, not an array",
        ),
        (
            "x {{add 1.5 2}}",
            "`add` needs an integer as parameter 1, not `1.5`",
        ),
        (
            "x {{trunc -1 'a'}}",
            "`trunc` needs an integer of at least 0 as parameter 1, not `-1`",
        ),
        ("x {{div 1 0}}", "`div` cannot divide by zero"),
        ("x {{mod 1 0}}", "`mod` cannot divide by zero"),
        (
            "x {{add 9223372036854775807 1}}",
            "`add` has a result too large for an integer",
        ),
        (
            "x {{div -9223372036854775808 -1}}",
            "`div` has a result too large for an integer",
        ),
        (
            "x {{date_format '%Q!' date}}",
            "`date_format` cannot use the format `%Q!`",
        ),
        ("x {{now '%Q'}}", "`now` cannot use the format `%Q`"),
        (
            "x {{date_format '%Y' 'soon'}}",
            "`date_format` needs a date such as `2024-05-06T07:08:09Z`, not the string `soon`",
        ),
        (
            "x {{gt 'a' 1}}",
            "`gt` cannot compare the string `a` with `1`",
        ),
        ("x {{and}}", "`and` needs a parameter 1"),
        (
            "x {{gist object 'a'}}",
            "`gist` needs a user and an identifier, not an object",
        ),
    ] {
        assert_eq!(outcome(template), at(message), "{template}");
    }
}

#[test]
fn values_are_escaped_as_handlebars_does() {
    check(&[
        (
            "{{html}}",
            "&lt;a href&#x3D;&#x27;x&#x27;&gt;&amp;&#x60;&#x3D;&quot;&lt;/a&gt;",
        ),
        (
            "{{{html}}}{{&html}}",
            "<a href='x'>&`=\"</a><a href='x'>&`=\"</a>",
        ),
        ("{{upper '<b>'}} {{{upper '<é>'}}}", "&lt;B&gt; <É>"),
    ]);
}

#[test]
fn the_clock_and_randomness_are_noticed_as_finely_as_they_are_read() {
    for (template, clock, random) in [
        ("{{text}}{{date_format '%H' date}}", ClockUse::None, false),
        ("{{now 'fixed %%'}}", ClockUse::None, false),
        ("{{#if null}}{{now '%T'}}{{/if}}", ClockUse::None, false),
        ("{{now '%Y'}}", ClockUse::Date, false),
        (
            "{{now '%A %B %e, %Y %j %U %G-W%V %u %Z'}}",
            ClockUse::Date,
            false,
        ),
        (
            "{{now '%Y'}}{{now '%H'}}{{now '%F'}}",
            ClockUse::Instant,
            false,
        ),
        ("{{now '%s'}}", ClockUse::Instant, false),
        ("{{now '%p'}}", ClockUse::Instant, false),
        ("{{now '%+'}}", ClockUse::Instant, false),
        ("{{randInt}}", ClockUse::None, true),
    ] {
        let surroundings = surroundings();
        let folder = SiteFolder::with_main(template);
        let set = folder.load("main").expect("it compiles");
        set.render(small_context(), &surroundings)
            .expect("it renders");
        let observed = surroundings.observed();
        assert_eq!(
            (observed.clock, observed.random),
            (clock, random),
            "{template}"
        );
    }
}

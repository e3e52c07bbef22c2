//! Rhai scripts as helpers.

use serde_json::{Value, json};
use site::{ClockUse, Templates};

use crate::site_folder::{SiteFolder, surroundings};

/// What `{{{s param}}}` writes when the script `s` is `source`.
fn run(source: &str, param: &Value) -> String {
    let folder = SiteFolder::new(&[
        ("scripts/s.rhai", source),
        ("templates/main.hbs", "{{{s param}}}"),
    ]);
    folder
        .render(json!({ "param": param }))
        .unwrap_or_else(|error| format!("error: {error}"))
}

#[test]
fn values_go_to_a_script_and_back() {
    for (source, param, expected) in [
        ("type_of(params[0])", json!(null), "()"),
        ("type_of(params[0])", json!(1), "i64"),
        ("type_of(params[0])", json!(1.0), "f64"),
        ("type_of(params[0])", json!(u64::MAX), "f64"),
        ("type_of(params[0])", json!("x"), "string"),
        ("type_of(params[0])", json!([1]), "array"),
        ("type_of(params[0])", json!({"a": 1}), "map"),
        ("params[0].a.b[1]", json!({"a": {"b": [1, true]}}), "true"),
        ("params[0].nothing", json!({}), ""),
        ("()", json!(null), ""),
        ("'c'", json!(null), "c"),
        ("3.0", json!(null), "3.0"),
        ("0.0 / 0.0", json!(null), ""),
        ("[1, \"x\", [2]]", json!(null), "[1, x, [2, ], ]"),
        ("#{a: 1}", json!(null), "[object]"),
        ("blob(2, 7)", json!(null), "[7, 7, ]"),
        ("let x = 5; let f = || x; [x]", json!(null), "[5, ]"),
        ("hash.len()", json!(null), "0"),
        ("return 1; 2", json!(null), "1"),
    ] {
        assert_eq!(run(source, &param), expected, "{source}");
    }
}

#[test]
fn equal_elements_come_out_in_reverse_whatever_the_comparer() {
    let rows = json!([
        ["a", 1],
        ["b", 1],
        ["c", 2],
        ["d", 1],
        ["e", 2],
        ["f", 1],
        ["g", 1]
    ]);
    let names = "; let o = \"\"; for r in rows { o += r[0]; } o";
    for (sort, expected) in [
        (
            "rows.sort(|x, y| if x[1] < y[1] { 1 } else { -1 })",
            "ecgfdba",
        ),
        (
            "rows.sort(|x, y| if x[1] < y[1] { -1 } else { 1 })",
            "abdfgce",
        ),
        ("rows.sort(|x, y| x[1] - y[1])", "abdfgce"),
        ("rows.sort_by(|x, y| y[1] - x[1])", "ceabdfg"),
        ("rows = rows.order_by(|x, y| y[1] - x[1])", "ceabdfg"),
        ("rows.order(|x, y| y[1] - x[1])", "abcdefg"),
        ("rows.sort(|x, y| x.no_such_function())", "abcdefg"),
        ("rows.sort(|x, y| \"text\")", "abcdefg"),
    ] {
        let source = format!("let rows = params[0]; {sort}{names}");
        assert_eq!(run(&source, &rows), expected, "{sort}");
    }
}

#[test]
fn values_are_sorted_by_their_own_order() {
    for (source, expected) in [
        ("let a = [3, 1, 2]; a.sort(); a", "[1, 2, 3, ]"),
        ("let a = [\"b\", \"a\", \"C\"]; a.sort(); a", "[C, a, b, ]"),
        ("let a = [3, 1, 2]; a.sort_desc(); a", "[3, 2, 1, ]"),
        ("[2.5, 1.0].order()", "[1.0, 2.5, ]"),
        ("[2.5, 1.0].order_desc()", "[2.5, 1.0, ]"),
        ("let a = [3.0, 0.0/0.0, 1.0]; a.sort(); a.len()", "3"),
        ("let a = [(), ()]; a.sort(); a.len()", "2"),
        ("let a = []; a.sort(); a", "[]"),
        ("let a = ['b', 'a']; a.sort(); a", "[a, b, ]"),
        ("let a = [true, false]; a.sort(); a", "[false, true, ]"),
    ] {
        assert_eq!(run(source, &Value::Null), expected, "{source}");
    }
    let mixed = run("let a = [1, \"x\"]; a.sort(); a", &Value::Null);
    assert!(
        mixed.contains("a i64 and a string cannot be sorted"),
        "{mixed}"
    );
}

#[test]
fn sorting_compares_no_more_often_than_it_has_to() {
    // The comparer counts, as what it captures is shared with the script.
    let source = "let p = params[0]; let n = 0; \
                  p.sort(|a, b| { n += 1; if a.key < b.key { -1 } else { 1 } }); \
                  let sorted = true; for i in 1..p.len() { if p[i - 1].key > p[i].key { sorted = false; } } \
                  `${sorted} ${n}`";
    let count = |key: fn(i64) -> i64| {
        let rows: Vec<Value> = (0..1_000).map(|n| json!({ "key": key(n) })).collect();
        let outcome = run(source, &Value::Array(rows));
        let (sorted, comparisons) = outcome.split_once(' ').expect("it has two words");
        assert_eq!(sorted, "true");
        comparisons.parse::<usize>().expect("it is a number")
    };
    assert_eq!(count(|n| n), 999);
    assert_eq!(count(|n| -n), 999);
    assert!(count(|n| n % 500) < 2_000);
    let mixed = count(|n| (n * 7_919) % 1_009);
    assert!((5_000..11_000).contains(&mixed), "{mixed}");
}

#[test]
fn lists_of_every_length_are_sorted_stably() {
    let rows = json!([
        [3, 0],
        [1, 1],
        [2, 2],
        [1, 3],
        [3, 4],
        [2, 5],
        [1, 6],
        [0, 7],
        [3, 8]
    ]);
    let source = "let all = \"\"; for n in 0..10 { let r = params[0].extract(0, n); \
                  r.sort(|x, y| x[0] - y[0]); for x in r { all += x[1]; } all += \" \"; } all";
    assert_eq!(
        run(source, &rows),
        " 0 10 120 1320 13204 132504 1362504 71362504 713625048 "
    );
}

#[test]
fn errors_have_the_place_in_the_script_and_who_called_it() {
    for (source, expected) in [
        ("let x = ;", "`scripts/s.rhai:1:9`: Unexpected ';'"),
        (
            "\n\n  no_such_variable",
            "`scripts/s.rhai:3:3`: Variable not found: no_such_variable",
        ),
        (
            "no_such_function(1)",
            "`scripts/s.rhai:1:1`: Function not found: no_such_function (i64)",
        ),
        ("1 / 0", "`scripts/s.rhai:1:3`: Division by zero: 1 / 0"),
        (
            "params[7]",
            "`scripts/s.rhai:1:8`: Array index 7 out of bounds: only 1 element in array",
        ),
        (
            "throw \"lamp out\"",
            "`scripts/s.rhai:1:1`: Runtime error: lamp out",
        ),
        (
            "fn f(n) { f(n + 1) } f(0)",
            "`scripts/s.rhai:1:22`: Stack overflow",
        ),
        (
            "fn f() { throw \"deep\" } f()",
            "`scripts/s.rhai:1:10`: Runtime error: deep",
        ),
        (
            "console_println(5)",
            "`scripts/s.rhai:1:1`: Function not found: console_println (i64)",
        ),
        (
            "import \"other\" as o; 1",
            "`scripts/s.rhai:1:8`: Module not found: other",
        ),
        (
            "|x| x",
            "`scripts/s.rhai`: the result holds a Fn, which a template cannot use",
        ),
    ] {
        assert_eq!(
            run(source, &Value::Null),
            format!("error: {expected}"),
            "{source}"
        );
    }
    let folder = SiteFolder::new(&[
        ("scripts/s.rhai", "throw 1"),
        ("templates/main.hbs", "\n {{s}}"),
    ]);
    let error = folder.render(Value::Null).expect_err("the script throws");
    assert_eq!(error.hint(), Some("called from `templates/main.hbs:2:2`"));
}

#[test]
fn a_script_that_does_not_end_or_grows_without_bound_is_stopped() {
    for (source, expected) in [
        ("loop { }", "Too many operations"),
        (
            "let s = \"x\"; loop { s += s; }",
            "Length of string too large",
        ),
        (
            "let a = [1]; loop { a += a; }",
            "Size of array/BLOB too large",
        ),
        (
            "let s = \"\"; s.pad(1000000000, 'x'); s",
            "Length of string too large",
        ),
        (
            "let a = [1, 2]; a.sort(|x, y| { loop { } }); a",
            "Too many operations",
        ),
    ] {
        let outcome = run(source, &Value::Null);
        assert!(outcome.contains(expected), "{source}: {outcome}");
    }
}

#[test]
fn a_value_that_is_shared_with_a_closure_may_be_put_anywhere() {
    for source in [
        "let x = #{v: 1}; let f = || x.v; let a = [0]; a.push(x); a[1].v",
        "let x = [1]; let f = || x; let m = #{}; m.k = x; m.k[0]",
        "let x = [#{v: 1}, #{v: 2}]; x.sort(|a, b| { let both = [a, b]; both[0].v - both[1].v }); x[0].v",
        "let x = [#{v: 1}, #{v: 2}]; let seen = []; x.sort(|a, b| { seen.push(a); a.v - b.v }); x[0].v",
    ] {
        assert_eq!(run(source, &Value::Null), "1", "{source}");
    }
}

#[test]
fn names_come_from_file_stems_of_scripts_alone() {
    let folder = SiteFolder::new(&[
        ("scripts/one.rhai", "1"),
        ("scripts/plain", "\"plain\""),
        ("scripts/plain.txt", "\"text\""),
        ("scripts/sub/deep.rhai", "\"deep\""),
        ("scripts/sub/one.rhai", "2"),
        ("scripts/a/b/twice.rhai", "\"deeper\""),
        ("scripts/z/twice.rhai", "\"less deep\""),
        ("scripts/notes.md", "\"notes\""),
        ("scripts/.hidden.rhai", "\"hidden\""),
        (
            "templates/main.hbs",
            "{{one}} {{plain}} {{deep}} {{twice}} [{{notes}}]",
        ),
    ]);
    folder.write("scripts/.DS_Store", b"\0\xff\xfe");
    assert_eq!(
        folder.render(Value::Null).expect("it renders"),
        "1 plain deep less deep []"
    );
}

#[test]
fn a_bad_script_fails_only_what_calls_it() {
    let folder = SiteFolder::new(&[
        ("scripts/bad.rhai", "let x = ;"),
        ("templates/other.hbs", "{{#if false}}{{bad 1}}{{/if}}fine"),
        ("templates/main.hbs", "\n {{#if true}}{{bad 1}}{{/if}}"),
        ("templates/reader.hbs", "{{binary}}"),
    ]);
    folder.write("scripts/binary.rhai", b"\0\xff\xfe");
    let render = |name: &str| {
        let set = folder.load(name).expect("it compiles");
        set.render(Value::Null, &surroundings())
    };
    assert_eq!(render("other").expect("it renders"), "fine");
    let error = render("main").expect_err("it calls the bad script");
    assert_eq!(error.to_string(), "`scripts/bad.rhai:1:9`: Unexpected ';'");
    assert_eq!(error.hint(), Some("called from `templates/main.hbs:2:14`"));
    let error = render("reader").expect_err("it calls what is no text");
    assert_eq!(
        error.to_string(),
        "`scripts/binary.rhai`: the file is not UTF-8"
    );
}

#[test]
fn scripts_win_over_helpers_and_those_of_the_site_over_those_of_the_theme() {
    let folder = SiteFolder::new(&[
        ("themes/t/scripts/dim.rhai", "\"theme dim\""),
        ("themes/t/scripts/glow.rhai", "\"theme glow\""),
        ("scripts/dim.rhai", "\"site dim\""),
        ("scripts/upper.rhai", "\"mine \" + params[0]"),
        ("scripts/len.rhai", "\"my length\""),
        ("scripts/now.rhai", "\"my time\""),
        ("scripts/title.rhai", "\"from script\""),
        (
            "templates/main.hbs",
            "{{dim}},{{glow}},{{upper 'x'}},{{len 'four'}},{{now}},{{#with o}}{{title}},{{this.title}}{{/with}}",
        ),
    ]);
    let templates = Templates::new(folder.root(), Some("t"));
    let text = templates
        .load("main")
        .and_then(|set| set.render(json!({"o": {"title": "field"}}), &surroundings()))
        .expect("it renders");
    assert_eq!(
        text,
        "site dim,theme glow,mine x,my length,my time,from script,field"
    );
}

#[test]
fn scripts_read_the_clock_and_that_is_noticed() {
    for (source, expected, clock) in [
        ("current_date()", "2024-05-06T07:08:09Z", ClockUse::Instant),
        ("type_of(timestamp())", "timestamp", ClockUse::Instant),
        (
            "if false { current_date() } else { 1 }",
            "1",
            ClockUse::None,
        ),
    ] {
        let folder =
            SiteFolder::new(&[("scripts/s.rhai", source), ("templates/main.hbs", "{{s}}")]);
        let surroundings = surroundings();
        let set = folder.load("main").expect("it compiles");
        assert_eq!(
            set.render(Value::Null, &surroundings).expect("it renders"),
            expected
        );
        assert_eq!(surroundings.observed().clock, clock, "{source}");
    }
}

/// What `{{{s site.pages}}}|{{{s site.pages}}}` writes on a site that is large enough for its pages to be shared.
fn run_twice_on_a_large_site(source: &str) -> String {
    let folder = SiteFolder::new(&[
        ("scripts/s.rhai", source),
        (
            "templates/main.hbs",
            "{{{s site.pages}}}|{{{s site.pages}}}",
        ),
    ]);
    let page = |number: usize| {
        let head =
            json!({ "title": format!("t{number}"), "tags": ["x"], "extra": { "n": number } });
        (
            format!("/content/{number:04}.md"),
            json!({ "head": head, "body": "", "published": true }),
        )
    };
    let pages: serde_json::Map<String, Value> = (0..400).map(page).collect();
    folder
        .render(json!({ "site": { "pages": pages } }))
        .unwrap_or_else(|error| format!("error: {error}"))
}

#[test]
fn a_script_that_changes_what_it_was_given_changes_it_for_itself() {
    let first = "let page = params[0][\"/content/0000.md\"];";
    for (change, shown) in [
        ("page.head.title = \"new\"", "t0"),
        ("page[\"head\"][\"title\"] = \"new\"", "t0"),
        ("page.head.title += \"new\"", "t0"),
        ("page.head.title.make_upper()", "t0"),
        ("page.head.tags.push(1)", "t0"),
        ("page.head.remove(\"title\")", "t0"),
        ("let h = page.head; h.mixin(#{title: 1})", "t0"),
        ("fn f() { this.head.title = 1; } page.f()", "t0"),
        ("params[0].remove(\"/content/0001.md\")", "t0"),
        ("params[0][\"/content/0000.md\"].head.extra.n = -1", "t0"),
        ("clear(params[0])", "t0"),
        ("eval(\"page.head.title = 1\")", "t0"),
        ("[page].for_each(|| this.head.title = 1)", "t0"),
    ] {
        let show = "params[0][\"/content/0000.md\"].head.title";
        let source = format!("{first} {change}; {show}");
        let output = run_twice_on_a_large_site(&source);
        assert_eq!(output, format!("{shown}|{shown}"), "{change}");
    }
    let count = "let n = params[0].len(); params[0].clear(); n";
    assert_eq!(run_twice_on_a_large_site(count), "400|400");
    let numbers = "let n = params[0][\"/content/0007.md\"].head.extra.n; params[0][\"/content/0007.md\"].head.extra.n = 0; n";
    assert_eq!(run_twice_on_a_large_site(numbers), "7|7");
}

#[test]
fn scripts_make_lists_of_the_pages_of_large_sites() {
    let source = "let found = []; \
        for key in params[0].keys() { \
            let page = params[0][key]; \
            if page.head.extra != () && page.head.extra.n % 100 == 3 { \
                found.push(#{ uri: key.sub_string(9), page: page, head: page.head }); \
            } \
        } \
        found.sort(|a, b| if a.page.head.title < b.head.title { 1 } else { -1 }); \
        found[0].own = \"changed\"; \
        let text = \"\"; \
        for f in found { text += f.uri + \" \" + f.page.head.title + \" \" + type_of(f.head) + f.head.tags.len() + \";\"; } \
        text";
    let list = "0303.md t303 map1;0003.md t3 map1;0203.md t203 map1;0103.md t103 map1;";
    assert_eq!(run_twice_on_a_large_site(source), format!("{list}|{list}"));
}

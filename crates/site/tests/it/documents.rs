//! Heads and bodies of content files.

use site::{Document, Head};

fn parse(text: &str) -> Result<Document, String> {
    Document::parse("content/a.md", text.to_owned()).map_err(|error| error.to_string())
}

fn head(lines: &str) -> Head {
    let text = format!("title = \"t\"\n{lines}\n---\n");
    parse(&text)
        .unwrap_or_else(|error| panic!("{lines}: {error}"))
        .head
}

#[test]
fn a_document_is_split_at_the_first_line_of_dashes() {
    for (text, title, body) in [
        ("title = \"a\"\n---\nbody", "a", "body"),
        ("title = \"a\"\n---\none\n---\ntwo", "a", "one\n---\ntwo"),
        ("title = \"a\"\r\n---\r\none\r\ntwo", "a", "one\ntwo"),
        ("\u{feff}title = \"a\"\n---\nbody", "a", "body"),
        (
            "title = \"a\"\n--- \nx\n---",
            "Untitled",
            "title = \"a\"\n--- \nx\n---",
        ),
        ("just a body", "Untitled", "just a body"),
        ("", "Untitled", ""),
        ("---\ntitle = \"a\"\n---\nbody", "a", "body"),
        ("+++\ntitle = \"a\"\n+++\nbody", "a", "body"),
        ("+++\ntitle = \"a\"\n---\nbody", "a", "body"),
        (
            "+++\nno head\n+++\nbody",
            "Untitled",
            "+++\nno head\n+++\nbody",
        ),
        ("words\n\n---\nmore", "Untitled", "words\n\n---\nmore"),
        ("# a comment\ntitle = \"a\"\n---\nbody", "a", "body"),
        ("\"title\" = \"a\"\n---\nbody", "a", "body"),
    ] {
        let document = parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(document.head.title, title, "{text:?}");
        assert_eq!(document.body.markdown(), body, "{text:?}");
    }
}

#[test]
fn a_mistake_in_a_head_is_told_with_its_line() {
    for (text, message) in [
        (
            "title = \"a\"\ntitle = \"b\"\n---\n",
            "content/a.md:2: duplicate key",
        ),
        (
            "title = \"a\"\n\ndate = \"soon\"\n---\n",
            "content/a.md:3: `date` is not a date",
        ),
        (
            "title = \"a\"\ndate = 07:08:09\n---\n",
            "content/a.md:2: `date` is not a date",
        ),
        (
            "title = \"a\"\nstatus = \"gone\"\n---\n",
            "content/a.md:2: `status` is not an HTTP status",
        ),
        (
            "title = \"a\"\nstatus = 70000\n---\n",
            "content/a.md:2: `status` is not an HTTP status",
        ),
        (
            "title = \"a\"\ntags = \"b\"\n---\n",
            "content/a.md:2: invalid type: string \"b\", expected a sequence",
        ),
        (
            "template = \"b\"\n---\n",
            "content/a.md:1: the head has no `title`",
        ),
        ("---\ntitle: a\n---\n", "content/a.md:2: "),
        (
            "title = \"a\"\nredirect = \"/b\\nset-cookie: c\"\n---\n",
            "content/a.md:2: a header field cannot",
        ),
        (
            "Words = more\nwords\n---\nmore",
            "content/a.md:2: key with no value",
        ),
        ("# Heading\n\n[link](x)\n---\nmore", "content/a.md:3: "),
    ] {
        match parse(text) {
            Ok(document) => panic!("{text:?}: {document:?}"),
            Err(error) => assert!(error.starts_with(message), "{error}, want {message}"),
        }
    }
}

#[test]
fn a_head_in_yaml_gets_a_hint() {
    let error = Document::parse("content/a.md", "---\ntitle: a\n---\n".to_owned())
        .expect_err("heads are TOML");
    assert_eq!(
        error.hint.as_deref(),
        Some("heads are TOML, not YAML: write `title = \"...\"`")
    );
}

#[test]
fn dates_are_read_in_the_forms_that_people_write_and_kept_in_utc() {
    for (written, date) in [
        ("\"2019-05-06T07:08:09Z\"", "2019-05-06T07:08:09+00:00"),
        ("\"2019-05-06 07:08:09Z\"", "2019-05-06T07:08:09+00:00"),
        ("\"2019-05-06T07:08:09+02:00\"", "2019-05-06T05:08:09+00:00"),
        ("\"2019-05-06T07:08:09+0200\"", "2019-05-06T05:08:09+00:00"),
        (
            "\"2019-05-06 07:08:09 +02:00\"",
            "2019-05-06T05:08:09+00:00",
        ),
        (
            "\"2019-05-06T07:08:09.25Z\"",
            "2019-05-06T07:08:09.250+00:00",
        ),
        ("\"2019-05-06T07:08:09\"", "2019-05-06T07:08:09+00:00"),
        ("\"2019-05-06 07:08:09.5\"", "2019-05-06T07:08:09.500+00:00"),
        ("\"2019-05-06\"", "2019-05-06T00:00:00+00:00"),
        ("2019-05-06T07:08:09Z", "2019-05-06T07:08:09+00:00"),
        ("2019-05-06T07:08:09", "2019-05-06T07:08:09+00:00"),
        ("2019-05-06", "2019-05-06T00:00:00+00:00"),
    ] {
        let read = head(&format!("date = {written}")).date;
        assert_eq!(
            read.map(|date| date.to_rfc3339()).as_deref(),
            Some(date),
            "{written}"
        );
    }
}

#[test]
fn a_status_may_be_a_number_or_a_text_that_starts_with_one() {
    assert_eq!(head("status = 302").status, Some(302));
    assert_eq!(head("status = \"302 Found\"").status, Some(302));
    assert_eq!(head("").status, None);
}

#[test]
fn unknown_keys_are_ignored_and_extra_takes_any_value() {
    let head = head(
        "unknown = 1\n[extra]\ntext = \"a\"\nnumber = 1\nfloat = 1.5\nday = 2019-05-06\nlist = [true]\n[other]\nx = 1",
    );
    let extra = serde_json::Value::Object(head.extra.expect("there is an extra table"));
    let want = serde_json::json!({
        "text": "a", "number": 1, "float": 1.5, "day": "2019-05-06", "list": [true],
    });
    assert_eq!(extra, want);
}

#[test]
fn a_page_is_public_when_it_says_so_or_its_date_has_come() {
    let now = "2024-05-06T07:08:09Z".parse().expect("it is a date");
    let later = "date = \"2024-05-06T07:08:10Z\"";
    let earlier = "date = \"2024-05-06T07:08:09Z\"";
    for (lines, published, scheduled) in [
        (String::new(), true, false),
        (earlier.to_owned(), true, false),
        (later.to_owned(), false, true),
        (format!("{later}\npublished = true"), true, false),
        (format!("{earlier}\npublished = false"), false, false),
        (format!("{later}\npublished = false"), false, false),
    ] {
        let head = head(&lines);
        assert_eq!(head.is_published(now), published, "{lines}");
        assert_eq!(head.scheduled(now).is_some(), scheduled, "{lines}");
    }
}

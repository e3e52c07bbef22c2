//! `If-None-Match` and `If-Match`: lists of entity tags.

use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method};
use web::conditional::{Precondition, evaluate};
use web::etag::{EntityTag, EntityTags};

/// A tag that no input has.
const ABSENT: &str = "a-tag-that-is-not-there";

/// Each line of the input is one of the field.
pub fn check(input: &[u8]) {
    let lines: Option<Vec<HeaderValue>> = input
        .split(|byte| *byte == b'\n')
        .map(|line| HeaderValue::from_bytes(line).ok())
        .collect();
    let Some(mut lines) = lines else {
        return;
    };
    let tags = read(&lines);
    let present = EntityTag::strong("present").expect("it is a tag");
    let absent = EntityTag::strong(ABSENT).expect("it is a tag");
    if let EntityTags::List(list) = &tags {
        assert_read_again(list);
        let listed = list.iter().any(|tag| tag.opaque() == ABSENT);
        assert_eq!(tags.contain_weak(Some(&absent)), listed);
        assert!(!tags.contain_weak(None), "nothing is listed");
    }
    for tag in [&present, &absent] {
        assert!(
            !tags.contain_strong(Some(tag)) || tags.contain_weak(Some(tag)),
            "strong equality is weak equality too"
        );
    }
    // Whatever follows a tag on its line, the tag is there.
    let mut first = b"W/\"other\", \"present\", ".to_vec();
    first.extend_from_slice(lines[0].as_bytes());
    lines[0] = HeaderValue::from_bytes(&first).expect("both parts are field values");
    for (name, expected) in [
        (IF_NONE_MATCH, Precondition::NotModified),
        (IF_MATCH, Precondition::Passed),
    ] {
        let lines = lines.iter().map(|line| (name.clone(), line.clone()));
        let headers: HeaderMap = lines.collect();
        let found = evaluate(&Method::GET, &headers, Some(&present));
        assert_eq!(found, expected, "{name}: {headers:?}");
    }
}

fn read(lines: &[HeaderValue]) -> EntityTags {
    let lines = lines.iter().map(|line| (IF_NONE_MATCH, line.clone()));
    EntityTags::from_headers(&lines.collect(), &IF_NONE_MATCH).expect("there is a line")
}

/// Tags survive being written and read, alone and as a list.
fn assert_read_again(list: &[EntityTag]) {
    for tag in list {
        let again = EntityTag::parse(&tag.to_string()).expect("it is a tag");
        assert_same(tag, &again);
    }
    let written: Vec<String> = list.iter().map(ToString::to_string).collect();
    let line =
        HeaderValue::from_bytes(written.join(", ").as_bytes()).expect("tags are field values");
    let EntityTags::List(again) = read(&[line]) else {
        panic!("a list of tags is no asterisk");
    };
    assert_eq!(list.len(), again.len(), "{written:?}");
    list.iter()
        .zip(&again)
        .for_each(|(one, other)| assert_same(one, other));
}

fn assert_same(one: &EntityTag, other: &EntityTag) {
    assert_eq!(
        (one.is_weak(), one.opaque()),
        (other.is_weak(), other.opaque())
    );
}

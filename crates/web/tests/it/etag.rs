//! Entity tags.

use http::header::IF_NONE_MATCH;
use web::encoding::Coding;
use web::etag::{EntityTag, EntityTags};

use crate::headers;

const DIGEST: &str = "bab055eb24028add6a489a3b706dda0fb8ddf5a5f1ca8ecd7979055af6b01ee7";

#[test]
fn tags_are_read_and_written_as_rfc_9110_section_8_8_3_has_them() {
    for (text, parsed) in [
        (r#""xyzzy""#, Some(r#""xyzzy""#)),
        (r#"W/"xyzzy""#, Some(r#"W/"xyzzy""#)),
        (r#""""#, Some(r#""""#)),
        (r#" "a" "#, Some(r#""a""#)),
        (r#""a,b\c""#, Some(r#""a,b\c""#)),
        (r#"w/"xyzzy""#, None),
        (r#""a b""#, None),
        (r#""a"#, None),
        (r#""a" "b""#, None),
        ("a", None),
        ("*", None),
        ("", None),
    ] {
        assert_eq!(
            EntityTag::parse(text).map(|tag| tag.to_string()).as_deref(),
            parsed,
            "{text}"
        );
    }
}

#[test]
fn comparison_follows_the_table_of_rfc_9110_section_8_8_3_2() {
    for (left, right, strong, weak) in [
        (r#"W/"1""#, r#"W/"1""#, false, true),
        (r#"W/"1""#, r#"W/"2""#, false, false),
        (r#"W/"1""#, r#""1""#, false, true),
        (r#""1""#, r#""1""#, true, true),
    ] {
        let (left, right) = (
            EntityTag::parse(left).expect(left),
            EntityTag::parse(right).expect(right),
        );
        assert_eq!(
            (left.strong_eq(&right), left.weak_eq(&right)),
            (strong, weak),
            "{left} {right}"
        );
    }
}

#[test]
fn each_coding_has_a_tag_of_its_own() {
    let tag = |coding| {
        EntityTag::strong(DIGEST)
            .expect("a digest")
            .with_coding(coding)
            .to_string()
    };
    assert_eq!(tag(Coding::Identity), format!("\"{DIGEST}\""));
    assert_eq!(tag(Coding::Brotli), format!("\"{DIGEST}-br\""));
    assert_eq!(tag(Coding::Gzip), format!("\"{DIGEST}-gzip\""));
    assert_eq!(tag(Coding::Zstd), format!("\"{DIGEST}-zstd\""));
}

#[test]
fn a_tag_cannot_hold_quotes_or_white_space() {
    for opaque in ["a\"b", "a b", "a\nb", "\u{7f}"] {
        assert!(EntityTag::strong(opaque).is_err(), "{opaque:?}");
        assert!(EntityTag::weak(opaque).is_err(), "{opaque:?}");
    }
}

#[test]
fn lists_are_read_over_all_lines_and_what_is_no_tag_is_skipped() {
    let list = |lines: &[&str]| {
        let lines: Vec<_> = lines.iter().map(|line| ("if-none-match", *line)).collect();
        match EntityTags::from_headers(&headers(&lines), &IF_NONE_MATCH) {
            None => "absent".to_owned(),
            Some(EntityTags::Any) => "any".to_owned(),
            Some(EntityTags::List(tags)) => tags
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" "),
        }
    };
    let upper = DIGEST.to_uppercase();
    for (lines, expected) in [
        (&[][..], "absent".to_owned()),
        (&["*"], "any".to_owned()),
        (&[r#""a""#, " * "], "any".to_owned()),
        (&[r#""a", W/"b","c""#], r#""a" W/"b" "c""#.to_owned()),
        (&[r#""a,b", "c""#], r#""a,b" "c""#.to_owned()),
        // RFC 9110 section 5.6.1: empty members.
        (&[r#", ,"a",,"b","#], r#""a" "b""#.to_owned()),
        (&[r#""a""#, r#""b""#], r#""a" "b""#.to_owned()),
        (&[r#"nope, "a""#], r#""a""#.to_owned()),
        (&[r#""a"x, "b""#], r#""b""#.to_owned()),
        (&[r#""a b", "c""#], r#""c""#.to_owned()),
        (&["nope"], String::new()),
        (&[""], String::new()),
        // The unquoted tags of spin-fileserver.
        (&[DIGEST], format!("\"{DIGEST}\"")),
        (
            &[&*format!("\"a\", {DIGEST}")],
            format!("\"a\" \"{DIGEST}\""),
        ),
        (&["nope", DIGEST], format!("\"{DIGEST}\"")),
        (&[&upper], String::new()),
        (&[&DIGEST[1..]], String::new()),
    ] {
        assert_eq!(list(lines), expected, "{lines:?}");
    }
}

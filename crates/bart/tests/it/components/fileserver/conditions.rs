//! Preconditions (RFC 9110 section 13) in all their forms, and their order.

use super::site;

#[test]
fn preconditions_are_evaluated_as_the_rfc_says() {
    let (_site, served) = site(&[]);
    let tag = served.get("/note.txt").header("etag").unwrap().to_owned();
    let weak = format!("W/{tag}");
    let list = format!("\"a\", {tag} , W/\"b\"");
    let weak_list = format!("\"a\",{weak}");
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);
    let cases: [Case<'_>; 20] = [
        ("GET", &[("If-Match", &tag)], 200),
        ("GET", &[("If-Match", &list)], 200),
        ("GET", &[("If-Match", "*")], 200),
        ("GET", &[("If-Match", &weak)], 412),
        ("GET", &[("If-Match", "\"a\", \"b\"")], 412),
        ("HEAD", &[("If-Match", "\"a\"")], 412),
        ("GET", &[("If-None-Match", &list)], 304),
        ("GET", &[("If-None-Match", &weak_list)], 304),
        ("GET", &[("If-None-Match", "\"a\", W/\"b\"")], 200),
        ("HEAD", &[("If-None-Match", &tag)], 304),
        // The first that fails answers (section 13.2.2).
        (
            "GET",
            &[("If-Match", "\"a\""), ("If-None-Match", &tag)],
            412,
        ),
        ("GET", &[("If-Match", &tag), ("If-None-Match", &tag)], 304),
        (
            "GET",
            &[("If-None-Match", &tag), ("Range", "bytes=0-1")],
            304,
        ),
        ("GET", &[("If-Match", &tag), ("Range", "bytes=0-1")], 206),
        ("GET", &[("If-Match", "\"a\""), ("Range", "bytes=99-")], 412),
        // There is no date to compare with.
        (
            "GET",
            &[("If-Modified-Since", "Tue, 01 Jan 2030 00:00:00 GMT")],
            200,
        ),
        (
            "GET",
            &[("If-Unmodified-Since", "Tue, 01 Jan 2019 00:00:00 GMT")],
            200,
        ),
        // `If-Range` compares strongly (section 13.1.5).
        ("GET", &[("Range", "bytes=0-1"), ("If-Range", &tag)], 206),
        ("GET", &[("Range", "bytes=0-1"), ("If-Range", &weak)], 200),
        (
            "GET",
            &[
                ("Range", "bytes=0-1"),
                ("If-Range", "Tue, 01 Jan 2030 00:00:00 GMT"),
            ],
            200,
        ),
    ];
    for (method, headers, status) in cases {
        let answer = served.send(method, "/note.txt", headers);
        assert_eq!(answer.status, status, "{method} {headers:?}");
        assert_eq!(
            answer.body.is_empty(),
            method == "HEAD" || status >= 300,
            "{method} {headers:?}"
        );
    }
}

#[test]
fn a_304_carries_what_its_200_would() {
    let (_site, served) = site(&[]);
    for accepted in ["identity", "br", "gzip"] {
        let file = served.send("GET", "/long.txt", &[("Accept-Encoding", accepted)]);
        let tag = file.header("etag").unwrap();
        let known = [("Accept-Encoding", accepted), ("If-None-Match", tag)];
        let same = served.send("GET", "/long.txt", &known);
        assert_eq!(same.status, 304, "{accepted}");
        for name in ["etag", "vary", "cache-control"] {
            assert_eq!(same.header(name), file.header(name), "{accepted} {name}");
        }
        for name in ["content-type", "content-encoding", "content-length"] {
            assert_eq!(same.header(name), None, "{accepted} {name}");
        }
    }
}

#[test]
fn a_tag_of_one_coding_is_not_that_of_another() {
    let (_site, served) = site(&[]);
    let plain = served.get("/long.txt");
    let tag = plain.header("etag").unwrap();
    for (accepted, status) in [("identity", 304), ("br", 200), ("gzip", 200)] {
        let headers = [("Accept-Encoding", accepted), ("If-None-Match", tag)];
        let answer = served.send("GET", "/long.txt", &headers);
        assert_eq!(answer.status, status, "{accepted}");
    }
    // A compressed file has no ranges: a part of it would be no use to anybody who has a part of another.
    let part = [("Accept-Encoding", "br"), ("Range", "bytes=0-9")];
    let whole = served.send("GET", "/long.txt", &part);
    assert_eq!((whole.status, whole.header("content-range")), (200, None));
    assert_eq!(whole.decoded(), plain.body);
}

//! References as texts.

use artifact::{Reference, Repository, Target};

#[test]
fn references_are_read_and_written() {
    let digest = format!("sha256:{}", "a".repeat(64));
    for text in [
        "ghcr.io/me/site:1.2.3".to_owned(),
        "127.0.0.1:5000/site:0.1.0".to_owned(),
        "localhost/a/b/c:latest".to_owned(),
        format!("registry.example/site@{digest}"),
    ] {
        let reference: Reference = text.parse().expect(&text);
        assert_eq!(reference.to_string(), text);
    }
    let both: Reference = format!("ghcr.io/me/site:1.2.3@{digest}")
        .parse()
        .expect("both");
    assert_eq!(both.to_string(), format!("ghcr.io/me/site@{digest}"));
}

#[test]
fn what_is_no_reference_is_refused_with_the_reason() {
    for (text, reason) in [
        ("site:1.0", "does not begin with a registry"),
        ("me/site:1.0", "does not begin with a registry"),
        ("ghcr.io/me/site", "has no tag"),
        ("127.0.0.1:5000/site", "has no tag"),
        ("ghcr.io/Me/site:1", "not a reference"),
        ("ghcr.io/me/site:-1", "not a reference"),
        ("", "does not begin with a registry"),
        ("ghcr.io/me/site@sha256:12", "not a reference"),
    ] {
        let error = text.parse::<Reference>().expect_err(text).to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
    let tagged = "ghcr.io/me/site:1"
        .parse::<Repository>()
        .expect_err("a tag");
    assert!(tagged.to_string().contains("no tag"), "{tagged}");
}

#[test]
fn a_build_is_named_by_a_tag_or_a_digest() {
    let digest = format!("sha256:{}", "0".repeat(64));
    assert!(matches!(digest.parse(), Ok(Target::Digest(_))));
    for tag in ["1.0.0", "main-12345678-1700000000", "_x", "A"] {
        assert_eq!(tag.parse(), Ok(Target::Tag(tag.to_owned())));
    }
    for text in [
        "",
        ".hidden",
        "-x",
        "a b",
        "a/b",
        "sha256:12",
        &"x".repeat(129),
    ] {
        assert!(text.parse::<Target>().is_err(), "{text}");
    }
}

#[test]
fn names_have_the_grammar_of_the_distribution_project() {
    let long = format!("h.example/{}:1", "a".repeat(255));
    for text in [
        "h.example/a:1",
        "h-1.example:80/a.b/c_d/e__f/g--h:V1._-",
        "LOCAL.example/a:1",
        "localhost:0/a:_",
        long.as_str(),
    ] {
        assert_eq!(text.parse::<Reference>().expect(text).to_string(), text);
    }
    let longer = format!("h.example/{}:1", "a".repeat(256));
    for text in [
        "h.example/a..b:1",
        "h.example/a___b:1",
        "h.example/-a:1",
        "h.example/a-:1",
        "h.example//a:1",
        "h.example/a/:1",
        "-h.example/a:1",
        "h.example:/a:1",
        "h..example/a:1",
        "h.example/a:1:2",
        longer.as_str(),
    ] {
        assert!(text.parse::<Reference>().is_err(), "{text}");
    }
}

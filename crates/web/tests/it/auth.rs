//! Basic authentication.

use http::StatusCode;
use http::header::WWW_AUTHENTICATE;
use web::auth::{Access, BasicAuth};

use crate::{headers, variables};

#[test]
fn credentials_are_checked_as_rfc_7617_says() {
    use Access::{Denied, Granted};
    for (password, lines, expected) in [
        ("lamp9", &[][..], Denied),
        ("lamp9", &["Basic a2VlcGVyOmxhbXA5"], Granted),
        // RFC 9110 section 11.1: the scheme is case-insensitive.
        ("lamp9", &["basic a2VlcGVyOmxhbXA5"], Granted),
        ("lamp9", &["Basic  a2VlcGVyOmxhbXA5"], Granted),
        ("lamp9", &["Basic a2VlcGVyOndyb25n"], Denied),
        // keeper:lamp9:x, keeper, and nothing.
        ("lamp9", &["Basic a2VlcGVyOmxhbXA5Ong="], Denied),
        ("lamp9", &["Basic a2VlcGVy"], Denied),
        ("lamp9", &["Basic "], Denied),
        ("lamp9", &["Basic !!!"], Denied),
        ("lamp9", &["Basic a2VlcGVyOmxhbXA5 x"], Denied),
        ("lamp9", &["Bearer a2VlcGVyOmxhbXA5"], Denied),
        ("lamp9", &["Bearer x", "Basic a2VlcGVyOmxhbXA5"], Granted),
        ("lamp9", &["Basic a2VlcGVyOmxhbXA5", "Bearer x"], Denied),
        // RFC 7617 section 2: a password may hold colons.
        ("la:mp", &["Basic a2VlcGVyOmxhOm1w"], Granted),
    ] {
        let lines: Vec<_> = lines.iter().map(|line| ("authorization", *line)).collect();
        let access = BasicAuth::new("keeper", password, "files").check(&headers(&lines));
        assert_eq!(access, expected, "{password} {lines:?}");
    }
}

#[test]
fn the_challenge_quotes_the_realm() {
    // RFC 9110 section 5.6.4.
    for (realm, value) in [
        ("bartholomew", r#"Basic realm="bartholomew""#),
        ("Keepers only", r#"Basic realm="Keepers only""#),
        (r#"a"b\c"#, r#"Basic realm="a\"b\\c""#),
        ("a\r\nSet-Cookie: x", r#"Basic realm="aSet-Cookie: x""#),
        ("", r#"Basic realm="""#),
        ("été", r#"Basic realm="été""#),
    ] {
        let response = BasicAuth::new("a", "b", realm).denial();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(
            response.headers()[WWW_AUTHENTICATE].as_bytes(),
            value.as_bytes(),
            "{realm}"
        );
    }
}

#[test]
fn both_variables_switch_protection_on() {
    let (user, password) = (
        ("BASIC_AUTH_USERNAME", "keeper"),
        ("BASIC_AUTH_PASSWORD", "lamp9"),
    );
    for (table, realm) in [
        (&[][..], None),
        (&[user], None),
        (&[password], None),
        (&[user, ("BASIC_AUTH_PASSWORD", "")], None),
        (&[("BASIC_AUTH_USERNAME", ""), password], None),
        (&[user, password], Some(r#"Basic realm="bartholomew""#)),
        (
            &[user, password, ("BASIC_AUTH_REALM", "Files")],
            Some(r#"Basic realm="Files""#),
        ),
    ] {
        let auth = BasicAuth::from_variables(variables(table));
        let challenge = auth.map(|auth| auth.denial().headers()[WWW_AUTHENTICATE].clone());
        assert_eq!(
            challenge
                .as_ref()
                .map(|value| value.to_str().expect("visible ASCII")),
            realm,
            "{table:?}"
        );
    }
}

#[test]
fn the_password_is_not_in_the_debug_output() {
    let shown = format!("{:?}", BasicAuth::new("keeper", "lamp9", "files"));
    assert!(
        shown.contains("realm") && !shown.contains("lamp9") && !shown.contains("keeper"),
        "{shown}"
    );
}

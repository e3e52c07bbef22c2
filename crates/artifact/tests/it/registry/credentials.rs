//! Where credentials are found, and for whom.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use artifact::registry::credentials::{Credential, Login, Secret};
use artifact::registry::{CredentialPlaces, Credentials};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

/// Writes a file of a test, with its folders.
fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test's own folder")]
    fs::write(path, text).unwrap();
}

/// A config with a password for each of these keys.
fn config(entries: &[(&str, &str)]) -> String {
    let entry = |(key, password): &(&str, &str)| {
        let auth = STANDARD.encode(format!("me:{password}"));
        format!(r#""{key}":{{"auth":"{auth}"}}"#)
    };
    let entries: Vec<_> = entries.iter().map(entry).collect();
    format!(r#"{{"auths":{{{}}}}}"#, entries.join(","))
}

/// The password that is found for a repository of a host that the user named.
async fn password(credentials: &Credentials, host: &str, repository: &str) -> Option<String> {
    let found = credentials.find(host, repository, true).await.unwrap()?;
    Some(revealed(&found))
}

/// Secrets compare, but do not show themselves.
fn revealed(credential: &Credential) -> String {
    let Login::Password { username, password } = &credential.login else {
        panic!("a password");
    };
    let known = ["a", "b", "c", "d", "e", "x:y", "secret"];
    let is_it = |text: &&&str| *password == Secret::new(**text);
    let text = known.iter().find(is_it).copied().unwrap_or("?");
    assert!(!format!("{credential:?}").contains("secret\""));
    format!("{username}/{text}")
}

/// The credentials of one file.
fn of_file(text: &str) -> Credentials {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config.json");
    write(&path, text);
    let mut places = CredentialPlaces::none();
    places.file = Some(path);
    Credentials::read(places).unwrap()
}

#[tokio::test]
async fn an_entry_is_for_its_host_and_the_longest_name_wins() {
    let credentials = of_file(&config(&[
        ("ghcr.io", "a"),
        ("ghcr.io/me", "b"),
        ("ghcr.io/me/site", "c"),
        ("https://old.example/v1/", "d"),
        ("https://index.docker.io/v1/", "e"),
        ("colon.example:5000", "x:y"),
    ]));
    for (host, repository, expected) in [
        ("ghcr.io", "you/site", Some("a")),
        ("ghcr.io", "me/other", Some("b")),
        ("ghcr.io", "me/site", Some("c")),
        ("ghcr.io", "mean/site", Some("a")),
        ("old.example", "x", Some("d")),
        ("docker.io", "me/site", Some("e")),
        ("colon.example:5000", "x", Some("x:y")),
        ("colon.example", "x", None),
        ("colon.example:5001", "x", None),
        ("evil-ghcr.io", "me/site", None),
        ("ghcr.io.evil.example", "me/site", None),
        ("io", "me/site", None),
    ] {
        let expected = expected.map(|password| format!("me/{password}"));
        assert_eq!(
            password(&credentials, host, repository).await,
            expected,
            "{host}/{repository}"
        );
    }
}

#[tokio::test]
async fn the_first_place_with_an_entry_counts() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let files = [
        ("secret/.dockerconfigjson", "a"),
        ("podman.json", "b"),
        ("docker/config.json", "c"),
        ("home/.docker/config.json", "d"),
        ("run/containers/auth.json", "e"),
    ];
    for (file, password) in files {
        write(&path(file), &config(&[("ghcr.io", password)]));
    }
    let all = [
        ("BART_REGISTRY_USERNAME", OsString::from("bart")),
        ("BART_REGISTRY_PASSWORD", OsString::from("secret")),
        ("BART_REGISTRY_HOST", OsString::from("ghcr.io")),
        ("BART_REGISTRY_CONFIG", path("secret").into()),
        ("REGISTRY_AUTH_FILE", path("podman.json").into()),
        ("DOCKER_CONFIG", path("docker").into()),
        ("HOME", path("home").into()),
        ("XDG_RUNTIME_DIR", path("run").into()),
    ];
    for (without, expected, source) in [
        (0, "bart/secret", "`BART_REGISTRY_USERNAME`"),
        (3, "me/a", "secret/.dockerconfigjson`, entry `ghcr.io`"),
        (4, "me/b", "podman.json`, entry `ghcr.io`"),
        (5, "me/c", "docker/config.json`, entry `ghcr.io`"),
        (6, "me/d", "home/.docker/config.json`, entry `ghcr.io`"),
        (7, "me/e", "run/containers/auth.json`, entry `ghcr.io`"),
    ] {
        let variable = |name: &str| {
            let rest = all.iter().skip(without);
            rest.clone()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.clone())
        };
        let places = CredentialPlaces::from_environment(variable, None);
        let credentials = Credentials::read(places).unwrap();
        let found = credentials
            .find("ghcr.io", "me/site", true)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(revealed(&found), expected);
        assert!(found.source.contains(source), "{}", found.source);
        let elsewhere = credentials
            .find("other.example", "me/site", true)
            .await
            .unwrap();
        assert_eq!(elsewhere, None);
    }
}

#[tokio::test]
async fn a_password_without_a_host_is_for_what_the_user_names() {
    let mut places = CredentialPlaces::none();
    places.given = Some(("me".to_owned(), Secret::new("a"), None));
    let credentials = Credentials::read(places).unwrap();
    assert!(
        credentials
            .find("any.example", "x", true)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        credentials
            .find("mirror.example", "x", false)
            .await
            .unwrap()
            .is_none()
    );
}

#[test]
fn files_that_cannot_be_read_are_named_without_what_is_in_them() {
    let folder = TempDir::new().unwrap();
    let broken = folder.path().join("broken.json");
    write(&broken, "{\"auths\":{\"ghcr.io\":{\"auth\":\n12345}}}");
    let mut places = CredentialPlaces::none();
    places.files = vec![broken.clone(), PathBuf::from("nowhere/at/all")];
    let error = Credentials::read(places.clone()).unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "failed to read credentials from `{}`: line 2, column 5 is not in the form of docker's `config.json`",
            broken.display()
        )
    );
    places.files = vec![PathBuf::from("nowhere/at/all")];
    assert!(
        Credentials::read(places.clone()).is_ok(),
        "nobody asked for it"
    );
    places.file = places.files.pop();
    let error = Credentials::read(places).unwrap_err().to_string();
    assert_eq!(error, "failed to read credentials from `nowhere/at/all`");
}

#[tokio::test]
async fn an_entry_that_is_no_name_and_password_is_named() {
    for auth in ["hunter2", "aHVudGVyMg=="] {
        let credentials = of_file(&format!(r#"{{"auths":{{"ghcr.io":{{"auth":"{auth}"}}}}}}"#));
        let error = credentials
            .find("ghcr.io", "x", true)
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.ends_with("entry `ghcr.io` is not the base64 of `name:password`"),
            "{error}"
        );
        assert!(!error.contains(auth), "{error}");
    }
}

/// Credentials of a file whose helpers are shell scripts: `docker-credential-NAME` does `script`.
fn with_helper(text: &str, script: &str) -> (Credentials, TempDir) {
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("docker-credential-test");
    write(&program, &format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join("config.json");
    write(&path, text);
    let mut places = CredentialPlaces::none();
    places.file = Some(path);
    let system = std::env::var("PATH").unwrap();
    places.path = Some(format!("{}:{system}", folder.path().display()).into());
    (Credentials::read(places).unwrap(), folder)
}

#[tokio::test]
async fn helpers_are_asked_by_the_protocol() {
    let store = r#"{"auths":{"ghcr.io":{}},"credsStore":"test"}"#;
    let one_host = r#"{"credHelpers":{"ghcr.io":"test"}}"#;
    let answer = r#"test "$1" = get && read host; echo "{\"ServerURL\":\"$host\",\"Username\":\"$host\",\"Secret\":\"secret\"}""#;
    for (text, host, expected) in [
        (store, "ghcr.io", Some("ghcr.io/secret")),
        (
            store,
            "docker.io",
            Some("https://index.docker.io/v1//secret"),
        ),
        (one_host, "ghcr.io", Some("ghcr.io/secret")),
        (one_host, "other.example", None),
    ] {
        // `read` fails at the end of the input, as the host comes without a line's end; what it read counts.
        let (credentials, _folder) = with_helper(text, answer);
        assert_eq!(password(&credentials, host, "x").await.as_deref(), expected);
    }
    let unknown = "echo 'credentials not found in native keychain'; exit 1";
    let (credentials, _folder) = with_helper(store, unknown);
    assert_eq!(password(&credentials, "ghcr.io", "x").await, None);

    let token = r#"echo '{"ServerURL":"x","Username":"<token>","Secret":"secret"}'"#;
    let (credentials, _folder) = with_helper(store, token);
    let found = credentials
        .find("ghcr.io", "x", true)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.login, Login::Identity(Secret::new("secret")));
    assert_eq!(
        found.source,
        "the one that `docker-credential-test` has for `ghcr.io`"
    );
}

#[tokio::test]
async fn helpers_that_fail_are_named() {
    for (name, script, message) in [
        (
            "test",
            "echo no keychain; exit 1",
            "the credential helper `docker-credential-test` failed: no keychain",
        ),
        ("test", "exit 1", "failed: it gave no reason"),
        (
            "test",
            "echo '{\"Username\":\"hunter2'",
            "failed: its answer is not in the form of the protocol",
        ),
        (
            "missing",
            "",
            "the credential helper `docker-credential-missing` failed: ",
        ),
        (
            "../test",
            "",
            "failed: its name may have letters, digits, `-`, `_` and `.`",
        ),
    ] {
        let (credentials, _folder) = with_helper(&format!(r#"{{"credsStore":"{name}"}}"#), script);
        let error = credentials
            .find("ghcr.io", "x", true)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

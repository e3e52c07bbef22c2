//! Passwords and tokens: who sees them, and who does not.

use std::sync::{Arc, Mutex};

use artifact::Descriptor;
use artifact::registry::credentials::Secret;
use artifact::registry::{CredentialPlaces, Credentials, Registry};

use super::{client, options, reference, text};
use crate::scripted::{Answer, Request, ScriptedRegistry};

const PASSWORD: &str = "hunter2";
/// `me:hunter2`.
const BASIC: &str = "Basic bWU6aHVudGVyMg==";
const MANIFEST: &[u8] = b"{}";

fn with_password() -> Registry {
    let (mut options, _) = options();
    let mut places = CredentialPlaces::none();
    places.given = Some(("me".to_owned(), Secret::new(PASSWORD), None));
    options.credentials = Credentials::read(places).unwrap();
    Registry::new(options).unwrap()
}

fn filled() -> ScriptedRegistry {
    let registry = ScriptedRegistry::start();
    registry.put_manifest("me/site", "1", MANIFEST);
    registry
}

fn shown(registry: &ScriptedRegistry) -> Vec<Option<String>> {
    let requests = registry.requests();
    let header = |request: &Request| request.header("authorization").map(str::to_owned);
    requests.iter().map(header).collect()
}

/// Wants `wanted` in every request but those for tokens.
fn protect(registry: &ScriptedRegistry, challenge: String, wanted: Arc<Mutex<String>>) {
    registry.script(move |request| {
        let is_ours = request.path.starts_with("/v2/");
        let is_right = request.header("authorization") == Some(&*wanted.lock().unwrap());
        (is_ours && !is_right).then(|| Answer::status(401).with("WWW-Authenticate", &challenge))
    });
}

#[tokio::test]
async fn a_password_is_shown_once_it_is_asked_for_and_from_then_on() {
    let registry = filled();
    protect(
        &registry,
        "Basic realm=\"x\"".to_owned(),
        Arc::new(Mutex::new(BASIC.to_owned())),
    );
    let client = with_password();
    let reference = reference(&registry.host());
    client.manifest(&reference).await.unwrap();
    client.manifest(&reference).await.unwrap();
    let basic = Some(BASIC.to_owned());
    assert_eq!(shown(&registry), [None, basic.clone(), basic]);
}

#[tokio::test]
async fn a_password_that_is_refused_is_named_by_its_source_and_never_shown() {
    let registry = filled();
    protect(
        &registry,
        "Basic".to_owned(),
        Arc::new(Mutex::new("another".to_owned())),
    );
    let error = with_password()
        .manifest(&reference(&registry.host()))
        .await
        .unwrap_err();
    let message = text(&error);
    assert!(
        message.ends_with("wants other credentials: used was the one in `BART_REGISTRY_USERNAME` and `BART_REGISTRY_PASSWORD`"),
        "{message}"
    );
    let everything = format!("{message}{error:?}{:?}", error.hint());
    assert!(
        !everything.contains(PASSWORD) && !everything.contains("bWU6"),
        "{everything}"
    );
    assert_eq!(registry.lines().len(), 2, "it is not shown again and again");
}

/// Gives the tokens `token-1`, `token-2`, ... at `/token`, and takes the newest one only.
fn with_tokens(registry: &ScriptedRegistry) -> Arc<Mutex<String>> {
    let wanted = Arc::new(Mutex::new("nothing yet".to_owned()));
    let challenge = format!(
        "Bearer realm=\"http://{}/token\",service=\"scripted\"",
        registry.host()
    );
    protect(registry, challenge, Arc::clone(&wanted));
    let (newest, mut count) = (Arc::clone(&wanted), 0);
    registry.script(move |request| {
        request.path.starts_with("/token").then(|| {
            count += 1;
            *newest.lock().unwrap() = format!("Bearer token-{count}");
            Answer::status(200).body(format!("{{\"token\":\"token-{count}\",\"expires_in\":60}}"))
        })
    });
    wanted
}

#[tokio::test]
async fn a_token_is_bought_with_the_password_and_again_when_it_is_too_old() {
    let registry = filled();
    let wanted = with_tokens(&registry);
    let client = with_password();
    let reference = reference(&registry.host());
    client.manifest(&reference).await.unwrap();
    client.manifest(&reference).await.unwrap();
    let token = |number: u32| Some(format!("Bearer token-{number}"));
    let bought = vec![None, Some(BASIC.to_owned()), token(1)];
    assert_eq!(shown(&registry), [bought.clone(), vec![token(1)]].concat());
    let line = "GET /token?service=scripted&scope=repository%3Ame%2Fsite%3Apull";
    assert_eq!(registry.lines()[1], line);

    "Bearer another".clone_into(&mut wanted.lock().unwrap());
    client.manifest(&reference).await.unwrap();
    let renewed = vec![token(1), Some(BASIC.to_owned()), token(2)];
    assert_eq!(shown(&registry), [bought, vec![token(1)], renewed].concat());
}

#[tokio::test]
async fn anybody_gets_a_token_without_a_password() {
    let registry = filled();
    with_tokens(&registry);
    client()
        .manifest(&reference(&registry.host()))
        .await
        .unwrap();
    assert_eq!(
        shown(&registry),
        [None, None, Some("Bearer token-1".to_owned())]
    );
}

#[tokio::test]
async fn many_requests_at_once_buy_one_token() {
    let registry = filled();
    with_tokens(&registry);
    let client = client();
    let reference = reference(&registry.host());
    let all = (0..8).map(|_| client.manifest(&reference));
    futures::future::try_join_all(all).await.unwrap();
    let bought = registry
        .lines()
        .iter()
        .filter(|line| line.contains("/token"))
        .count();
    assert_eq!(bought, 1);
}

#[tokio::test]
async fn an_identity_token_buys_tokens_in_a_form() {
    let registry = filled();
    with_tokens(&registry);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let config = format!(
        r#"{{"auths":{{"{}":{{"identitytoken":"long+lived"}}}}}}"#,
        registry.host()
    );
    std::io::Write::write_all(&mut file, config.as_bytes()).unwrap();
    let (mut options, _) = options();
    let mut places = CredentialPlaces::none();
    places.file = Some(file.path().to_path_buf());
    options.credentials = Credentials::read(places).unwrap();
    let client = Registry::new(options).unwrap();
    client.manifest(&reference(&registry.host())).await.unwrap();
    let asked = &registry.requests()[1];
    assert_eq!(asked.line(), "POST /token");
    assert_eq!(asked.header("authorization"), None);
    assert_eq!(
        String::from_utf8_lossy(&asked.body),
        "grant_type=refresh_token&service=scripted&scope=repository%3Ame%2Fsite%3Apull&client_id=bart&refresh_token=long%2Blived"
    );
}

#[tokio::test]
async fn a_place_for_tokens_on_another_host_without_tls_is_refused() {
    let (registry, thief) = (filled(), ScriptedRegistry::start());
    for realm in [
        format!("http://{}/token", thief.host()),
        "http://auth.test/token".to_owned(),
    ] {
        let challenge = format!("Bearer realm=\"{realm}\"");
        registry.script(move |_| Some(Answer::status(401).with("WWW-Authenticate", &challenge)));
        let error = with_password()
            .manifest(&reference(&registry.host()))
            .await
            .unwrap_err();
        let expected = format!(
            "`{}` wants the credentials sent to `{}`, over plain HTTP",
            registry.host(),
            realm.trim_end_matches("/token")
        );
        assert!(text(&error).ends_with(&expected), "{}", text(&error));
    }
    assert!(thief.lines().is_empty());
}

#[tokio::test]
async fn a_place_for_tokens_that_answers_nonsense_is_said() {
    for body in ["", "{}", "{\"token\":\"a\\nb\"}", "<html>"] {
        let registry = filled();
        with_tokens(&registry);
        registry.fail("GET", "/token", 9, Answer::status(200).body(body));
        let error = client()
            .manifest(&reference(&registry.host()))
            .await
            .unwrap_err();
        assert!(
            text(&error).ends_with("it should be a token"),
            "{}",
            text(&error)
        );
    }
}

#[tokio::test]
async fn nothing_is_shown_across_redirects_even_on_the_same_host() {
    let blob = b"the bytes of a page";
    let (registry, elsewhere) = (filled(), ScriptedRegistry::start());
    elsewhere.put_blob("cdn", blob);
    registry.put_blob("cdn", blob);
    let descriptor = Descriptor::of("x", blob);
    for target in [elsewhere.host(), registry.host()] {
        registry.forget_requests();
        let location = format!(
            "http://{target}/v2/cdn/blobs/{}?signature=1",
            descriptor.digest
        );
        registry.script(move |request| {
            let redirect = Answer::status(307).with("Location", &location);
            request.path.starts_with("/v2/me/").then_some(redirect)
        });
        registry.script(|request| {
            let is_anonymous = request.header("authorization").is_none();
            (request.path.starts_with("/v2/me/") && is_anonymous)
                .then(|| Answer::status(401).with("WWW-Authenticate", "Basic"))
        });
        let repository = reference(&registry.host()).repository;
        let bytes = with_password()
            .blob_bytes(&repository, &descriptor)
            .await
            .unwrap();
        assert_eq!(bytes, blob);
        assert_eq!(shown(&registry)[..2], [None, Some(BASIC.to_owned())]);
    }
    assert_eq!(shown(&elsewhere), [None]);
    assert_eq!(shown(&registry)[2..], [None]);
}

#[tokio::test]
async fn an_upload_that_is_sent_elsewhere_shows_nothing_there() {
    let (registry, elsewhere) = (filled(), ScriptedRegistry::start());
    protect(
        &registry,
        "Basic".to_owned(),
        Arc::new(Mutex::new(BASIC.to_owned())),
    );
    let location = format!("http://{}/v2/me/site/blobs/uploads/7", elsewhere.host());
    registry.script(move |request| {
        let redirect = Answer::status(202).with("Location", &location);
        (request.method == "POST" && request.header("authorization").is_some()).then_some(redirect)
    });
    let upload = artifact::registry::Upload {
        descriptor: Descriptor::of("x", b"a page"),
        source: artifact::registry::Source::Memory(bytes::Bytes::from_static(b"a page")),
    };
    let repository = reference(&registry.host()).repository;
    let progress = artifact::registry::Progress::silent();
    with_password()
        .upload(&repository, &upload, &progress)
        .await
        .unwrap();
    assert_eq!(shown(&elsewhere), [None]);
    let line = format!(
        "PUT /v2/me/site/blobs/uploads/7?digest=sha256%3A{}",
        upload.descriptor.digest.hex()
    );
    assert_eq!(elsewhere.lines(), [line]);
}

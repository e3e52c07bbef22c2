//! TLS: whom the client trusts, and what it says of others.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use artifact::Digest;
use artifact::registry::{Registry, RegistryError};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::{options, reference, text};
use crate::scripted::ScriptedRegistry;

/// Speaks TLS before a scripted registry, with a certificate of its own making. Gives its port and the certificate.
async fn terminate(registry: SocketAddr) -> (u16, NamedTempFile) {
    let certified = rcgen::generate_simple_self_signed(["registry.test".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut secure) = acceptor.accept(connection).await else {
                    return;
                };
                let mut plain = TcpStream::connect(registry).await.unwrap();
                // Whoever leaves first ends it.
                let _ = copy_bidirectional(&mut secure, &mut plain).await;
            });
        }
    });
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(certified.cert.pem().as_bytes()).unwrap();
    (port, file)
}

async fn resolved(host: &str, ca_file: Option<PathBuf>) -> Result<Digest, RegistryError> {
    let (mut options, _) = options();
    options.ca_file = ca_file;
    Registry::new(options)?.resolve(&reference(host)).await
}

#[tokio::test]
async fn a_certificate_is_trusted_only_when_its_authority_is_named() {
    let registry = ScriptedRegistry::start();
    registry.put_manifest("me/site", "1", b"{}");
    let (port, certificate) = terminate(registry.address()).await;
    let host = format!("registry.test:{port}");

    let trusted = Some(certificate.path().to_path_buf());
    let digest = resolved(&host, trusted.clone()).await;
    assert_eq!(digest.map_err(|error| text(&error)), Ok(Digest::of(b"{}")));

    let error = resolved(&host, None).await.unwrap_err();
    let expected = format!("no secure connection to `{host}`: ");
    assert!(text(&error).contains(&expected), "{}", text(&error));
    assert!(error.hint().unwrap().contains("--ca-file"));

    let other = format!("other.test:{port}");
    let error = resolved(&other, trusted).await.unwrap_err();
    assert!(
        text(&error).contains("no secure connection"),
        "{}",
        text(&error)
    );
    assert_eq!(registry.lines().len(), 1);
}

#[tokio::test]
async fn a_registry_without_tls_is_not_taken_for_one_with_it() {
    let registry = ScriptedRegistry::start();
    let certificate = terminate(registry.address()).await.1;
    let host = format!("registry.test:{}", registry.address().port());
    let error = resolved(&host, Some(certificate.path().to_path_buf()))
        .await
        .unwrap_err();
    let expected = format!("no secure connection to `{host}`: ");
    assert!(text(&error).contains(&expected), "{}", text(&error));
}

#[tokio::test]
async fn a_file_without_authorities_is_refused_before_anything_is_sent() {
    let empty = NamedTempFile::new().unwrap();
    let error = resolved("registry.test", Some(empty.path().to_path_buf()))
        .await
        .unwrap_err();
    assert!(
        text(&error).ends_with("has no certificate in PEM form"),
        "{}",
        text(&error)
    );
    let error = resolved("registry.test", Some("nowhere/at/all".into()))
        .await
        .unwrap_err();
    assert!(
        text(&error).contains("failed to read `nowhere/at/all`: "),
        "{}",
        text(&error)
    );
}

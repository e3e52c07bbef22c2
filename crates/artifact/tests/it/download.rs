//! Downloads from a scripted server.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use artifact::Digest;
use artifact::download::{DownloadError, fetch};

const FILE: &[u8] = b"the bytes of a component";

/// The address of a server that gives `answer` to one request.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/a.wasm", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        // The whole request is in the first segment; what it says does not matter.
        let _ = stream.read(&mut request).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
    });
    url
}

async fn fetched(url: &str) -> Result<Vec<u8>, DownloadError> {
    fetch(url, Digest::of(FILE)).await
}

#[tokio::test]
async fn a_file_with_the_promised_digest_is_taken() {
    let url = server("HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\nthe bytes of a component");
    assert_eq!(fetched(&url).await.unwrap(), FILE);
}

#[tokio::test]
async fn anything_else_is_an_error_that_names_the_file() {
    let other = server("HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\nthe bytes of a COMPONENT");
    let error = fetched(&other).await.unwrap_err();
    assert!(
        matches!(error, DownloadError::WrongDigest { .. }),
        "{error}"
    );
    assert!(error.to_string().contains(&Digest::of(FILE).to_string()));

    let missing = server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    let error = fetched(&missing).await.unwrap_err();
    assert!(
        matches!(error, DownloadError::Status { status: 404, .. }),
        "{error}"
    );

    let cut_short = server("HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\nthe bytes");
    let error = fetched(&cut_short).await.unwrap_err();
    assert!(matches!(error, DownloadError::Transport { .. }), "{error}");

    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let nobody = format!("http://{closed}/a.wasm");
    let error = fetched(&nobody).await.unwrap_err();
    assert!(matches!(error, DownloadError::Transport { .. }), "{error}");
    assert!(error.to_string().contains(&nobody), "{error}");
}

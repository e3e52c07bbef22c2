//! Binding the addresses that users name.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use engine::Server;

use crate::Failure;

/// A listener for a site.
pub(crate) async fn bind(address: SocketAddr) -> Result<Server, Failure> {
    Server::bind(address)
        .await
        .map_err(|error| failure(address, error))
}

/// Why there is no listener on `address`.
pub(crate) fn failure(address: SocketAddr, error: io::Error) -> Failure {
    let hint = match error.kind() {
        ErrorKind::AddrInUse => {
            Some("choose another with `--listen 127.0.0.1:3001`, or end what uses it")
        }
        ErrorKind::PermissionDenied => {
            Some("ports below 1024 need privileges: choose another with `--listen`")
        }
        ErrorKind::AddrNotAvailable => Some("the address is not one of this machine's"),
        _ => None,
    };
    Failure::failed(anyhow::Error::new(error).context(format!("failed to listen on `{address}`")))
        .hint_if_any(hint)
}

//! docker's credential helpers: programs that keep passwords (the protocol of docker-credential-helpers).

use std::ffi::OsStr;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::credentials::{CredentialsError, Login, Secret};

/// The longest that a helper may take: it may ask a cloud.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most that a helper may print, in bytes.
const LONGEST: u64 = 64 << 10;

/// The name by which Docker Hub's credentials are kept.
const HUB: &str = "https://index.docker.io/v1/";

/// What helpers print, with exit code 1, for a host that they do not know.
const UNKNOWN: &str = "credentials not found in native keychain";

/// The user name that says that the secret is an identity token.
const IDENTITY: &str = "<token>";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// The program of a helper.
pub(super) fn program(name: &str) -> String {
    format!("docker-credential-{name}")
}

/// What a helper has for a host.
pub(super) async fn get(
    name: &str,
    host: &str,
    path: Option<&OsStr>,
) -> Result<Option<Login>, CredentialsError> {
    let failed = |reason: String| CredentialsError::Helper {
        helper: program(name),
        reason,
    };
    let is_name = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if !is_name(name) {
        return Err(failed(
            "its name may have letters, digits, `-`, `_` and `.`".to_owned(),
        ));
    }
    let (success, output) = tokio::time::timeout(PATIENCE, ask(&program(name), host, path))
        .await
        .map_err(|_| failed(format!("no answer within {} s", PATIENCE.as_secs())))?
        .map_err(|error| failed(error.to_string()))?;
    if !success {
        let reason = String::from_utf8_lossy(&output);
        return match reason.trim() {
            UNKNOWN => Ok(None),
            "" => Err(failed("it gave no reason".to_owned())),
            reason => Err(failed(reason.chars().take(200).collect())),
        };
    }
    // The parser's own words may quote the secret.
    let answer: Answer = serde_json::from_slice(&output)
        .map_err(|_| failed("its answer is not in the form of the protocol".to_owned()))?;
    let secret = Secret::new(answer.secret);
    Ok(Some(if answer.username == IDENTITY {
        Login::Identity(secret)
    } else {
        Login::Password {
            username: answer.username,
            password: secret,
        }
    }))
}

/// Whether the helper was content, and what it printed.
async fn ask(program: &str, host: &str, path: Option<&OsStr>) -> io::Result<(bool, Vec<u8>)> {
    let mut command = Command::new(program);
    if let Some(path) = path {
        command.env("PATH", path);
    }
    let mut child: Child = command
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let server = if host == "docker.io" { HUB } else { host };
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // A helper that does not read its input may still answer.
    let _ = stdin.write_all(server.as_bytes()).await;
    drop(stdin);
    let mut output = Vec::new();
    let stdout = child.stdout.take().expect("stdout is piped");
    stdout.take(LONGEST).read_to_end(&mut output).await?;
    let status = child.wait().await?;
    Ok((status.success(), output))
}

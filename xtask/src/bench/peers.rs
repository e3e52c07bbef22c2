//! Those whom bart is compared with: nginx and caddy with the same bytes on the disk, a real Spin with the same release.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use rustix::process::getuid;

use super::client::{self, Answer};
use super::sites;
use super::tools::{CADDY, NGINX, SPIN};
use crate::process::Group;
use crate::server::{Server, free_address};

/// Fields of bart's answers that the others send too, so that all send about as much.
const FIELDS: [&str; 2] = ["cache-control", "vary"];

/// One answer of bart, which another server gives from a file.
pub(super) struct Copied<'a> {
    pub(super) path: &'a str,
    pub(super) answer: &'a Answer,
}

impl Copied<'_> {
    /// Writes the body below `folder`, where a server looks for the path.
    fn write(&self, folder: &Path) -> Result<()> {
        sites::empty(folder)?;
        let file = folder.join(self.path.trim_start_matches('/'));
        let parent = file.parent().context("a path without a folder")?;
        fs::create_dir_all(parent).context("failed to make a folder for files")?;
        sites::write(&file, &self.answer.body)
    }

    /// The fields to send, as lines of a configuration.
    fn fields(&self, line: impl Fn(&str, &str) -> String) -> String {
        let fields = FIELDS.into_iter().filter_map(|name| {
            let value = self.answer.field(name)?;
            Some(line(name, value))
        });
        fields.collect()
    }

    fn media_type(&self) -> &str {
        self.answer
            .field("content-type")
            .unwrap_or("application/octet-stream")
    }
}

/// nginx as Debian has it: a worker for each core, no log, `sendfile`, connections that stay open.
pub(super) fn nginx(folder: &Path, copied: &Copied<'_>) -> Result<Server> {
    let address = free_address()?;
    let files = folder.join("files");
    copied.write(&files)?;
    let fields = copied.fields(|name, value| format!("add_header {name} \"{value}\"; "));
    // A worker of another user may not enter folders of root.
    let user = if getuid().is_root() {
        "user root;\n"
    } else {
        ""
    };
    let config = format!(
        "{user}daemon off;\nworker_processes auto;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{ worker_connections 16384; }}\n\
         http {{\n  access_log off;\n  sendfile on;\n  tcp_nopush on;\n  keepalive_requests 1000000000;\n  types {{ }}\n  default_type \"{media_type}\";\n\
         client_body_temp_path {folder}/t1;\n  proxy_temp_path {folder}/t2;\n  fastcgi_temp_path {folder}/t3;\n  uwsgi_temp_path {folder}/t4;\n  scgi_temp_path {folder}/t5;\n\
         server {{ listen {address}; root {files}; {fields} }}\n}}\n",
        folder = folder.display(),
        files = files.display(),
        media_type = copied.media_type(),
    );
    let path = folder.join("nginx.conf");
    sites::write(&path, config)?;
    let mut command = Command::new(NGINX.program);
    command.arg("-p").arg(folder).arg("-c").arg(&path);
    command.arg("-e").arg(folder.join("error.log"));
    serve(&mut command, address, copied.path)
}

/// caddy without its administration and without certificates.
pub(super) fn caddy(folder: &Path, copied: &Copied<'_>) -> Result<Server> {
    let address = free_address()?;
    let files = folder.join("files");
    copied.write(&files)?;
    let fields = copied.fields(|name, value| format!("  header {name} \"{value}\"\n"));
    let config = format!(
        "{{\n  admin off\n  auto_https off\n}}\nhttp://{address} {{\n  root * {files}\n  header Content-Type \"{media_type}\"\n{fields}  file_server\n}}\n",
        files = files.display(),
        media_type = copied.media_type(),
    );
    let path = folder.join("Caddyfile");
    sites::write(&path, config)?;
    let mut command = Command::new(CADDY.program);
    command
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(&path)
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder.join("data"))
        .env("XDG_CONFIG_HOME", folder.join("config"));
    serve(&mut command, address, copied.path)
}

/// The command that serves a release with a real Spin, without where to listen.
pub(super) fn spin_command(folder: &Path, reference: &str) -> Command {
    let mut command = Command::new(SPIN.program);
    command
        .args(["up", "--quiet", "--insecure", "--from", reference])
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .env("XDG_DATA_HOME", folder.join("data"));
    command
}

/// A real Spin with a release.
pub(super) fn spin(folder: &Path, reference: &str, path: &str) -> Result<Server> {
    let address = free_address()?;
    let mut command = spin_command(folder, reference);
    command.args(["--listen", &address.to_string()]);
    serve(&mut command, address, path)
}

/// Starts a server and waits until it answers `path` with 200.
pub(super) fn serve(command: &mut Command, address: SocketAddr, path: &str) -> Result<Server> {
    command.stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let name = command.get_program().to_string_lossy().into_owned();
    let mut group = Group::spawn(command)?;
    client::first_answer(&mut group, address, path)
        .with_context(|| format!("failed to serve with `{name}`"))?;
    Ok(Server {
        group,
        url: format!("http://{address}"),
        address,
    })
}

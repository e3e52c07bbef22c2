//! What `bart up` prints once it serves, in the form that Spin prints it.

use std::io::{Write, stdout};
use std::net::SocketAddr;

use anyhow::Context;
use engine::app::{App, Route, Target};

pub(super) fn print(app: &App, address: SocketAddr) -> anyhow::Result<()> {
    let text = text(app, address);
    stdout()
        .write_all(text.as_bytes())
        .and_then(|()| stdout().flush())
        .context("failed to print the routes")
}

fn text(app: &App, address: SocketAddr) -> String {
    let origin = format!("http://{address}");
    let mut text = format!("Serving {origin}\nAvailable Routes:\n");
    let base = format!("{origin}{}", app.base_path.trim_end_matches('/'));
    for trigger in &app.triggers {
        let Route::Path(path) = &trigger.route else {
            continue;
        };
        let name = match &trigger.target {
            Target::Component(id) => id,
            Target::StaticResponse(_) => &trigger.id,
        };
        let line = match path.strip_suffix("/...") {
            Some(prefix) => format!("  {name}: {base}{prefix} (wildcard)\n"),
            None => format!("  {name}: {base}{path}\n"),
        };
        text.push_str(&line);
    }
    text
}

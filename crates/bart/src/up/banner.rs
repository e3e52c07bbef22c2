//! What `bart up` prints once it serves, in the form that Spin prints it.

use std::net::SocketAddr;

use engine::app::{App, Route, Target};

use crate::{Failure, log};

pub(super) fn print(app: &App, address: SocketAddr) -> Result<(), Failure> {
    log::print(&text(app, address))
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

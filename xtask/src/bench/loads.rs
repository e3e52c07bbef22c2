//! Pages and files under load: bart and its rivals, run in turn.

use anyhow::{Context, Result, bail};

use super::client::{Answer, Connection};
use super::fixture::Fixture;
use super::load;
use super::peers::{self, Copied};
use super::plan::{Answers, Components, Connections, Rival, Row};
use super::results::BART;
use super::tools::{CADDY, NGINX, SPIN, WRK};
use crate::server::Server;

/// Seconds for which a server is asked before it is measured.
const WARM_UP: u32 = 1;

/// What is asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) pages: usize,
    pub(super) path: &'static str,
    pub(super) answers: Answers,
}

/// A server with its name in results.
pub(super) type Contender = (String, Server);

pub(super) fn measure(
    fixture: &Fixture,
    row: &Row,
    asked: Asked,
    connections: Connections,
    rivals: &[Rival],
) -> Result<()> {
    if let Some(missing) = WRK.missing() {
        return fixture.skip(row, BART, &missing);
    }
    let Some(contenders) = contenders(fixture, row, asked, rivals)? else {
        return Ok(());
    };
    let connections = match connections {
        Connections::Many => fixture.effort.connections,
        Connections::One => 1,
    };
    let load = |server: &Server, seconds| {
        load::run(&fixture.folder, server, asked.path, connections, seconds)
    };
    for (_, server) in &contenders {
        load(server, WARM_UP)?;
    }
    for run in 0..fixture.effort.runs {
        for (who, server) in &contenders {
            let values = load(server, fixture.effort.seconds)
                .with_context(|| format!("failed to measure `{who}`"))?;
            fixture.run(row, who, run, values)?;
        }
    }
    Ok(())
}

/// bart and all rivals that are here, all of which give the same bytes. `None` where bart lacks what the row is about.
pub(super) fn contenders(
    fixture: &Fixture,
    row: &Row,
    asked: Asked,
    rivals: &[Rival],
) -> Result<Option<Vec<Contender>>> {
    if let Some(lack) = fixture.lacks(asked.answers) {
        fixture.skip(row, BART, lack)?;
        return Ok(None);
    }
    let release = fixture.release(asked.pages, Components::Bundled)?;
    let bart = fixture.serve(&release, asked.answers)?;
    let answer = Connection::open(bart.address)
        .and_then(|mut connection| connection.ask(asked.path))
        .with_context(|| format!("failed to ask bart for `{}`", asked.path))?;
    let mut contenders = vec![(BART.to_owned(), bart)];
    for rival in rivals {
        if let Some(missing) = missing(*rival) {
            fixture.skip(row, &rival.name(), &missing)?;
            continue;
        }
        let reference = release.reference();
        let server = start(fixture, asked, *rival, &answer, &reference).and_then(|server| {
            check(&server, asked.path, &answer)?;
            Ok(server)
        });
        match server {
            Ok(server) => contenders.push((rival.name(), server)),
            Err(error) => fixture.fail(row, &rival.name(), &error)?,
        }
    }
    Ok(Some(contenders))
}

fn missing(rival: Rival) -> Option<String> {
    match rival {
        Rival::Nginx => NGINX.missing(),
        Rival::Caddy => CADDY.missing(),
        Rival::Spin => SPIN.missing(),
        Rival::Site(_) => None,
    }
}

fn start(
    fixture: &Fixture,
    asked: Asked,
    rival: Rival,
    answer: &Answer,
    reference: &str,
) -> Result<Server> {
    let copied = Copied {
        path: asked.path,
        answer,
    };
    let folder = |name| {
        let folder = fixture.folder.join(name);
        super::sites::empty(&folder).map(|()| folder)
    };
    match rival {
        Rival::Nginx => peers::nginx(&folder("nginx")?, &copied),
        Rival::Caddy => peers::caddy(&folder("caddy")?, &copied),
        Rival::Spin => peers::spin(&folder("spin")?, reference, asked.path),
        Rival::Site(pages) => {
            let release = fixture.release(pages, Components::Bundled)?;
            fixture.serve(&release, asked.answers)
        }
    }
}

/// Whoever gives other bytes is not comparable.
fn check(server: &Server, path: &str, expected: &Answer) -> Result<()> {
    let answer = Connection::open(server.address)
        .and_then(|mut connection| connection.ask(path))
        .with_context(|| format!("failed to ask for `{path}`"))?;
    if answer.body != expected.body {
        bail!("`{path}` is answered with other bytes than bart's");
    }
    Ok(())
}

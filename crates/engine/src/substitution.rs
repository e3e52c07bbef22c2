//! Recognises the components that bart replaces by its own.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use wasmparser::{Parser, Payload};

use crate::app::Source;

/// A component that is part of bart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bundled {
    /// Renders pages, in place of Bartholomew.
    Renderer,
    /// Serves files, in place of spin-fileserver.
    Fileserver,
    /// Redirects, in place of spin-redirect.
    Redirect,
}

/// What takes a component's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Substitution {
    /// The bundled component.
    pub bundled: Bundled,
    /// Why.
    pub reason: Reason,
}

/// How a component was recognised. `Display` says it to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is where bart's own build puts this component.
    BuildPath,
    /// It is downloaded from the releases of the project that this component succeeds.
    ReleaseUrl,
    /// It has the digest of this release.
    ReleaseDigest(&'static str),
    /// It has the file name that sites use, and there is no such file.
    Absent,
    /// It has the file name that sites use, and was built for an interface too old for bart.
    OldInterface,
}

/// Released modules that sites name by digest, perhaps from a mirror. Each was found in the public file that its comment
/// names, beside the URL of its release.
const RELEASES: [(&str, Bundled, &str); 8] = [
    // fermyon/spin: templates/static-fileserver/metadata/snippets/component.txt.
    (
        "sha256:650376c33a0756b1a52cad7ca670f1126391b79050df0321407da9c741d32375",
        Bundled::Fileserver,
        "spin-fileserver v0.0.1",
    ),
    // fermyon/developer: spin.toml, component hub-fileserver-static.
    (
        "sha256:65456bf4e84cf81b62075e761b2b0afaffaef2d0aeda521b245150f76b96421b",
        Bundled::Fileserver,
        "spin-fileserver v0.0.2",
    ),
    // fermyon/developer: content/spin/serverless-ai-tutorial.md.
    (
        "sha256:38bf971900228222f7f6b2ccee5051f399adca58d71692cdfdea98997965fd0d",
        Bundled::Fileserver,
        "spin-fileserver v0.0.3",
    ),
    // fermyon/developer: content/spin/v2/spin-application-structure.md.
    (
        "sha256:96c76d9af86420b39eb6cd7be5550e3cb5d4cc4de572ce0fd1f6a29471536cb4",
        Bundled::Fileserver,
        "spin-fileserver v0.1.0",
    ),
    // spinframework/spin: tests/testcases/assets-test/spin.toml.
    (
        "sha256:5f05b15f0f7cd353d390bc5ebffec7fe25c6a6d7a05b9366c86dcb1a346e9f0f",
        Bundled::Fileserver,
        "spin-fileserver v0.2.1",
    ),
    // spinframework/spin: templates/static-fileserver/content/spin.toml.
    (
        "sha256:ef88708817e107bf49985c7cefe4dd1f199bf26f6727819183d5c996baa3d148",
        Bundled::Fileserver,
        "spin-fileserver v0.3.0",
    ),
    // fermyon/spin: templates/redirect/metadata/snippets/component.txt.
    (
        "sha256:d57c3d91e9b62a6b628516c6d11daf6681e1ca2355251a3672074cddefd7f391",
        Bundled::Redirect,
        "spin-redirect v0.0.1",
    ),
    // spinframework/spin: templates/redirect/content/spin.toml.
    (
        "sha256:8bee959843f28fef2a02164f5840477db81d350877e1c22cb524f41363468e52",
        Bundled::Redirect,
        "spin-redirect v0.1.0",
    ),
];

const OWNERS: [&str; 2] = ["fermyon", "spinframework"];
/// What a program for Wagi exports, and no handler.
const WAGI_ENTRY: &str = "_start";
/// The handlers of Spin 0.x and 1.x; of components for Spin 1.5 to 2.x; of drafts of `wasi:http`, for Spin 2.0.
const OLD_HANDLERS: [&str; 4] = [
    "handle-http-request",
    "inbound-http",
    "fermyon:spin/inbound-http",
    "wasi:http/incoming-handler@0.2.0-rc",
];

/// What takes the place of a component with this source. A file is read only if it has one of the names that sites use.
pub fn recognise(source: &Source) -> Option<Substitution> {
    match source {
        Source::File(path) => by_path(path).or_else(|| by_module(path)),
        Source::Url { url, digest } => by_url(url).or_else(|| by_digest(digest)),
        Source::Blob { digest } => by_digest(&digest.to_string()),
        Source::Registry { .. } => None,
    }
}

/// Whether a module or component serves HTTP by an interface that is older than `wasi:http` 0.2, and which bart does not
/// implement.
pub fn has_old_interface(wasm: &[u8]) -> bool {
    exports(wasm).iter().any(|name| is_old_handler(name))
}

impl Bundled {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Renderer, Self::Fileserver, Self::Redirect];

    /// Its name, which is also that of its file: `renderer.wasm`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Renderer => "renderer",
            Self::Fileserver => "fileserver",
            Self::Redirect => "redirect",
        }
    }

    /// The file name that its predecessor has in sites.
    const fn old_file(self) -> &'static str {
        match self {
            Self::Renderer => "bartholomew.wasm",
            Self::Fileserver => "spin_static_fs.wasm",
            Self::Redirect => "redirect.wasm",
        }
    }

    /// The repository of its predecessor.
    const fn old_repository(self) -> &'static str {
        match self {
            Self::Renderer => "bartholomew",
            Self::Fileserver => "spin-fileserver",
            Self::Redirect => "spin-redirect",
        }
    }
}

impl fmt::Display for Bundled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuildPath => formatter.write_str("it is part of bart"),
            Self::ReleaseUrl => formatter.write_str("its URL is a release that bart succeeds"),
            Self::ReleaseDigest(release) => {
                write!(formatter, "it is {release}, which bart succeeds")
            }
            Self::Absent => {
                formatter.write_str("its file is missing, and bart has a component for that name")
            }
            Self::OldInterface => {
                formatter.write_str("it was built for an older Spin, and bart has its successor")
            }
        }
    }
}

impl fmt::Display for Substitution {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "bundled {}: {}", self.bundled, self.reason)
    }
}

/// `target/wasm32-wasip2/component/renderer.wasm`, in the folder of a site or above.
fn by_path(path: &Path) -> Option<Substitution> {
    let bundled = Bundled::ALL.into_iter().find(|bundled| {
        path.ends_with(format!(
            "target/wasm32-wasip2/component/{}.wasm",
            bundled.name()
        ))
    })?;
    Some(Substitution {
        bundled,
        reason: Reason::BuildPath,
    })
}

fn by_url(url: &str) -> Option<Substitution> {
    let path = url
        .strip_prefix("https://github.com/")
        .or_else(|| url.strip_prefix("http://github.com/"))?;
    let mut names = path.split('/');
    let owner = names.next()?;
    let repository = names.next()?;
    let bundled = Bundled::ALL
        .into_iter()
        .find(|bundled| bundled.old_repository().eq_ignore_ascii_case(repository))?;
    let known = OWNERS.iter().any(|known| known.eq_ignore_ascii_case(owner))
        && names.next() == Some("releases")
        && names.next() == Some("download")
        && names.nth(1) == Some(bundled.old_file());
    known.then_some(Substitution {
        bundled,
        reason: Reason::ReleaseUrl,
    })
}

fn by_digest(digest: &str) -> Option<Substitution> {
    let (_, bundled, release) = RELEASES.into_iter().find(|(known, ..)| *known == digest)?;
    Some(Substitution {
        bundled,
        reason: Reason::ReleaseDigest(release),
    })
}

fn by_module(path: &Path) -> Option<Substitution> {
    let bundled = Bundled::ALL.into_iter().find(|bundled| {
        path.file_name()
            .is_some_and(|name| name == bundled.old_file())
    })?;
    let reason = match fs::read(path) {
        Ok(wasm) if is_old(bundled, &wasm) => Reason::OldInterface,
        Err(error) if error.kind() == ErrorKind::NotFound => Reason::Absent,
        // Whoever loads the module will report why it cannot be read.
        Ok(_) | Err(_) => return None,
    };
    Some(Substitution { bundled, reason })
}

/// bart runs components, no modules. But `redirect.wasm` is a name that any site may have given to a module of its own,
/// so it takes more: the first release of spin-redirect is a program for Wagi.
fn is_old(bundled: Bundled, wasm: &[u8]) -> bool {
    let module = Parser::is_core_wasm(wasm);
    match bundled {
        Bundled::Renderer | Bundled::Fileserver => module || has_old_interface(wasm),
        Bundled::Redirect => {
            has_old_interface(wasm) || (module && exports(wasm).contains(&WAGI_ENTRY))
        }
    }
}

/// A function of an interface is `interface#function`, a version is `interface@version`.
fn is_old_handler(name: &str) -> bool {
    OLD_HANDLERS.iter().any(|old| {
        name.strip_prefix(old)
            .is_some_and(|rest| matches!(rest.chars().next(), None | Some('@' | '#' | '-')))
    })
}

/// The names that a module or a component exports, not those of modules inside of it. What follows a defect is left out.
fn exports(wasm: &[u8]) -> Vec<&str> {
    let mut names = Vec::new();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload {
            Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => depth += 1,
            Ok(Payload::End(_)) => depth = depth.saturating_sub(1),
            Ok(Payload::ExportSection(section)) if depth == 0 => {
                names.extend(
                    section
                        .into_iter()
                        .map_while(Result::ok)
                        .map(|export| export.name),
                );
            }
            Ok(Payload::ComponentExportSection(section)) if depth == 0 => {
                names.extend(
                    section
                        .into_iter()
                        .map_while(Result::ok)
                        .map(|export| export.name.name),
                );
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    names
}

//! The picture of a release as a tree of text.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::picture::{Change, Comparison, ComponentPicture, ContentPicture, Picture, Place};
use crate::quantity::Bytes;
use crate::table::{Alignment, Table, plain};

/// What the names of common annotations begin with (image-spec, `annotations.md`).
const COMMON: &str = "org.opencontainers.image.";

/// Draws a picture, for a terminal with colours if `colours` are wanted.
pub(super) fn draw(picture: &Picture, colours: bool) -> String {
    let mut text = head(picture);
    let mut table = Table::untitled(vec![
        Alignment::Left,
        Alignment::Right,
        Alignment::Left,
        Alignment::Left,
    ]);
    for component in &picture.components {
        draw_component(&mut table, component, colours);
    }
    // Writing to a string cannot fail.
    let _ = write!(text, "\n{table}");
    if let Some(comparison) = &picture.compared {
        for gone in &comparison.gone {
            let path = gone.path.as_deref().map(|path| format!("/{path}"));
            let name = format!("{}{}", gone.component, path.unwrap_or_default());
            let _ = writeln!(text, "gone: {}", plain(&name));
        }
    }
    text
}

/// Everything about the artifact as a whole.
fn head(picture: &Picture) -> String {
    let mut table = Table::untitled(vec![Alignment::Left, Alignment::Left]);
    let packs = match picture.packs {
        0 => String::new(),
        packs => format!(", {packs} of them packs"),
    };
    let (layers, bytes) = (picture.layers, Bytes(picture.bytes));
    let content = format!(
        "{layers} layers{packs}, {bytes}; manifest {}",
        Bytes(picture.manifest_bytes)
    );
    let mut line = |name: &str, value: &str| table.row(vec![plain(name), plain(value)]);
    line("digest", &picture.digest.to_string());
    line("content", &content);
    for (key, value) in &picture.annotations {
        line(key.strip_prefix(COMMON).unwrap_or(key), value);
    }
    if let Some(comparison) = &picture.compared {
        line("compared", &compared(comparison));
        line("a pull", &pull(comparison));
    }
    format!("{}\n{table}", plain(&picture.reference))
}

fn compared(comparison: &Comparison) -> String {
    let Comparison {
        reference,
        digest,
        new,
        changed,
        same,
        gone,
        ..
    } = comparison;
    let gone = gone.len();
    format!("with {reference} ({digest}): {new} new, {changed} changed, {same} same, {gone} gone")
}

fn pull(comparison: &Comparison) -> String {
    let pull = &comparison.pull;
    match pull.bytes {
        0 => "needs nothing".to_owned(),
        bytes => format!(
            "needs {} layers, {} with the manifest",
            pull.layers,
            Bytes(bytes)
        ),
    }
}

fn draw_component(table: &mut Table, component: &ComponentPicture, colours: bool) {
    let routes = match component.routes.join(", ") {
        none if none.is_empty() => none,
        routes => format!(" ({routes})"),
    };
    let name = plain(&format!("{}{routes}", component.id));
    table.row(cells(name, &component.wasm, colours));
    let mut root = Folder::default();
    for (path, content) in &component.files {
        root.add(path, content);
    }
    root.draw(table, "", colours);
}

/// A folder of a component: what is in it, by name.
#[derive(Default)]
struct Folder<'a>(BTreeMap<&'a str, Node<'a>>);

enum Node<'a> {
    Folder(Folder<'a>),
    File(&'a ContentPicture),
}

impl<'a> Folder<'a> {
    /// Adds a file. No path is that of a file and a folder, since contents are checked.
    fn add(&mut self, path: &'a str, content: &'a ContentPicture) {
        let Some((folder, rest)) = path.split_once('/') else {
            self.0.insert(path, Node::File(content));
            return;
        };
        let node = self.0.entry(folder);
        if let Node::Folder(folder) = node.or_insert_with(|| Node::Folder(Folder::default())) {
            folder.add(rest, content);
        }
    }

    fn draw(&self, table: &mut Table, indentation: &str, colours: bool) {
        let last = self.0.len().saturating_sub(1);
        for (index, (name, node)) in self.0.iter().enumerate() {
            let (branch, below) = match index == last {
                true => ("└─ ", "   "),
                false => ("├─ ", "│  "),
            };
            let name = format!("{indentation}{branch}{}", plain(name));
            match node {
                Node::File(content) => table.row(cells(name, content, colours)),
                Node::Folder(folder) => {
                    table.row(vec![
                        format!("{name}/"),
                        String::new(),
                        String::new(),
                        String::new(),
                    ]);
                    folder.draw(table, &format!("{indentation}{below}"), colours);
                }
            }
        }
    }
}

fn cells(name: String, content: &ContentPicture, colours: bool) -> Vec<String> {
    let size = content.bytes.map(|bytes| Bytes(bytes).to_string());
    let digest = &content.digest.hex()[..12];
    let place = match content.place {
        Place::Layer => format!("layer {digest}"),
        Place::Pack => format!("in a pack {digest}"),
        Place::Inline => "inline".to_owned(),
    };
    vec![
        name,
        size.unwrap_or_default(),
        place,
        content
            .change
            .map(|change| mark(change, colours))
            .unwrap_or_default(),
    ]
}

fn mark(change: Change, colours: bool) -> String {
    let (word, colour) = match change {
        Change::New => ("new", "\u{1b}[32m"),
        Change::Changed => ("changed", "\u{1b}[33m"),
        Change::Same => ("same", "\u{1b}[2m"),
    };
    match colours {
        true => format!("{colour}{word}\u{1b}[0m"),
        false => word.to_owned(),
    }
}

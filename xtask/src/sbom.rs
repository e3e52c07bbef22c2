//! `cargo xtask sbom`: what is compiled into bart and its components, as an SPDX 2.3 document.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::metadata::{Dependency, Metadata, Node, Package};
use crate::{components, tool};

/// The program. The components are inside it.
const PROGRAM: &str = "bart";

/// Writes the document.
///
/// # Errors
///
/// When cargo or git say nothing, or the file cannot be written.
pub(crate) fn write(path: &Path) -> Result<()> {
    let metadata = Metadata::read()?;
    let commit = tool::output(tool::program("git").args(["rev-parse", "HEAD"]))?;
    let time = tool::output(
        tool::program("git")
            .args([
                "log",
                "-1",
                "--format=%cd",
                "--date=format-local:%Y-%m-%dT%H:%M:%SZ",
            ])
            .env("TZ", "UTC"),
    )?;
    let roots = [components::packages()?, vec![PROGRAM.to_owned()]].concat();
    let document = document(&metadata, &roots, commit.trim(), time.trim());
    let file =
        File::create(path).with_context(|| format!("failed to make `{}`", path.display()))?;
    serde_json::to_writer_pretty(BufWriter::new(file), &document)
        .with_context(|| format!("failed to write `{}`", path.display()))
}

fn document(metadata: &Metadata, roots: &[String], commit: &str, time: &str) -> Value {
    let compiled = compiled(metadata, roots);
    let packages = metadata.packages.iter();
    let packages = packages.filter(|package| compiled.contains(package.id.as_str()));
    let version = packages
        .clone()
        .find(|package| package.name == PROGRAM)
        .map_or("", |package| &package.version);
    let nodes = metadata.resolve.nodes.iter();
    let relationships: Vec<Value> = nodes
        .filter(|node| compiled.contains(node.id.as_str()))
        .flat_map(|node| {
            compiled_for(node).map(|dependency| {
                json!({
                    "spdxElementId": element(&node.id),
                    "relationshipType": "DEPENDS_ON",
                    "relatedSpdxElement": element(dependency),
                })
            })
        })
        .collect();
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": format!("{PROGRAM}-{version}"),
        "documentNamespace": format!("https://spdx.org/spdxdocs/{PROGRAM}-{version}-{commit}"),
        "creationInfo": { "created": time, "creators": ["Tool: cargo-xtask-sbom"] },
        "documentDescribes": packages
            .clone()
            .filter(|package| package.name == PROGRAM)
            .map(|package| element(&package.id))
            .collect::<Vec<_>>(),
        "packages": packages.map(describe).collect::<Vec<_>>(),
        "relationships": relationships,
    })
}

/// The packages that end up in the program: what its roots need to run, not to be built or tested.
fn compiled<'a>(metadata: &'a Metadata, roots: &[String]) -> BTreeSet<&'a str> {
    let nodes: BTreeMap<&str, &Node> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node))
        .collect();
    let packages = metadata.packages.iter();
    let mut open: Vec<&str> = packages
        .filter(|package| package.source.is_none() && roots.contains(&package.name))
        .map(|package| package.id.as_str())
        .collect();
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if found.insert(id)
            && let Some(node) = nodes.get(id)
        {
            open.extend(compiled_for(node));
        }
    }
    found
}

/// What a package needs to run.
fn compiled_for(node: &Node) -> impl Iterator<Item = &str> {
    let is_compiled =
        |dependency: &&Dependency| dependency.kinds.iter().any(|kind| kind.kind.is_none());
    let dependencies = node.deps.iter().filter(is_compiled);
    dependencies.map(|dependency| dependency.package.as_str())
}

/// A package in the document.
fn describe(package: &Package) -> Value {
    // Older packages write `MIT/Apache-2.0`.
    let licence = package
        .license
        .as_ref()
        .map(|text| text.replace('/', " OR "));
    json!({
        "SPDXID": element(&package.id),
        "name": package.name,
        "versionInfo": package.version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": licence.as_deref().unwrap_or("NOASSERTION"),
        "copyrightText": "NOASSERTION",
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": format!("pkg:cargo/{}@{}", package.name, package.version),
        }],
    })
}

/// The identifier of a package in the document, of the characters that SPDX allows.
fn element(id: &str) -> String {
    let name = id.rsplit('/').next().unwrap_or(id);
    let legal = name.replace(
        |character: char| !character.is_ascii_alphanumeric() && character != '.',
        "-",
    );
    format!("SPDXRef-{legal}")
}

//! Who may depend on what, and under which licences: `deny.toml`, through `cargo deny` or, where that is not installed, read here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use spdx::{Expression, Licensee};

use crate::metadata::Metadata;
use crate::tool;

/// The part of `deny.toml` that the check here understands.
#[derive(Deserialize)]
struct Policy {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

/// A crate that only its wrappers may depend on directly.
#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    #[serde(default)]
    wrappers: BTreeSet<String>,
}

/// The only source of packages beside this repository.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(crate) fn check() -> Result<()> {
    if tool::is_present("cargo-deny") {
        return tool::run(tool::cargo().args(["deny", "check", "bans", "licenses", "sources"]));
    }
    tool::say("`cargo deny` is not installed: reading deny.toml here");
    let path = tool::root().join("deny.toml");
    let text = fs::read_to_string(&path).context("failed to read `deny.toml`")?;
    let policy: Policy = toml::from_str(&text).context("failed to read `deny.toml`")?;
    let metadata = Metadata::read()?;
    let mut problems = wrong_dependencies(&policy.bans, &metadata);
    problems.extend(wrong_licences(&policy.licenses, &metadata)?);
    problems.extend(wrong_sources(&metadata));
    if !problems.is_empty() {
        bail!("deny.toml forbids:\n  {}", problems.join("\n  "));
    }
    Ok(())
}

fn wrong_dependencies(bans: &Bans, metadata: &Metadata) -> Vec<String> {
    let names: BTreeMap<&str, &str> = metadata
        .packages
        .iter()
        .map(|package| (package.id.as_str(), package.name.as_str()))
        .collect();
    let bans: BTreeMap<&str, &Ban> = bans
        .deny
        .iter()
        .map(|ban| (ban.name.as_str(), ban))
        .collect();
    let mut problems = Vec::new();
    for node in &metadata.resolve.nodes {
        let user = names.get(node.id.as_str()).copied().unwrap_or_default();
        for dependency in &node.deps {
            let used = names
                .get(dependency.package.as_str())
                .copied()
                .unwrap_or_default();
            if bans
                .get(used)
                .is_some_and(|ban| !ban.wrappers.contains(user))
            {
                problems.push(format!("`{user}` depends on `{used}`"));
            }
        }
    }
    problems
}

fn wrong_licences(licenses: &Licenses, metadata: &Metadata) -> Result<Vec<String>> {
    let allowed: Vec<Licensee> = licenses
        .allow
        .iter()
        .map(|name| {
            Licensee::parse(name)
                .with_context(|| format!("`{name}` in deny.toml is not an SPDX licence"))
        })
        .collect::<Result<_>>()?;
    let mut problems = Vec::new();
    for package in &metadata.packages {
        let Some(licence) = &package.license else {
            problems.push(format!(
                "`{}` {} without a licence",
                package.name, package.version
            ));
            continue;
        };
        // Older packages write `MIT/Apache-2.0`.
        let expression = Expression::parse_mode(licence, spdx::ParseMode::LAX)
            .with_context(|| format!("the licence `{licence}` of `{}`", package.name))?;
        let fits = expression
            .evaluate(|requirement| allowed.iter().any(|licence| licence.satisfies(requirement)));
        if !fits {
            problems.push(format!(
                "`{}` {} under {licence}",
                package.name, package.version
            ));
        }
    }
    Ok(problems)
}

fn wrong_sources(metadata: &Metadata) -> Vec<String> {
    metadata
        .packages
        .iter()
        .filter_map(|package| {
            let source = package
                .source
                .as_deref()
                .filter(|source| *source != CRATES_IO)?;
            Some(format!("`{}` from {source}", package.name))
        })
        .collect()
}

//! One component of a manifest.

use std::collections::BTreeMap;
use std::path::Path;

use toml::Spanned;

use super::draft::DraftComponent;
use super::error::Problem;
use super::names;
use super::values::{Map, RawBuild, RawCommands, RawPlacement, RawSource, TextOr};
use crate::app::{Build, Component, FileEntry, Source, Subject, Unsupported, Variable};
use crate::mounts;
use crate::outbound_hosts::{self, EntryProblem};
use crate::variables::{Template, VariableError};

/// The application's variables, which templates may use.
type Declared = BTreeMap<String, Variable>;

pub(super) fn component(
    written: DraftComponent,
    folder: &Path,
    declared: &Declared,
    unsupported: &mut Vec<Unsupported>,
) -> Result<Component, Problem> {
    let DraftComponent { id, at, table } = written;
    let Some(written_source) = table.source else {
        return Err(Problem::new(
            at,
            format!("component `{id}` has no `source`"),
        ));
    };
    if !table.dependencies.is_empty() {
        let reason = "is composed with dependencies, which bart does not do".to_owned();
        unsupported.push(Unsupported {
            subject: Subject::Component(id.clone()),
            reason,
        });
    }
    Ok(Component {
        id,
        description: table.description,
        source: source(written_source, folder)?,
        files: table
            .files
            .into_iter()
            .map(file_entry)
            .collect::<Result<_, _>>()?,
        exclude_files: table
            .exclude_files
            .into_iter()
            .map(exclude)
            .collect::<Result<_, _>>()?,
        environment: table.environment,
        variables: variables(table.variables, declared)?,
        allowed_outbound_hosts: hosts(
            &table.allowed_outbound_hosts,
            &table.allowed_http_hosts,
            declared,
        )?,
        key_value_stores: table
            .key_value_stores
            .into_iter()
            .map(label)
            .collect::<Result<_, _>>()?,
        sqlite_databases: table
            .sqlite_databases
            .into_iter()
            .map(label)
            .collect::<Result<_, _>>()?,
        ai_models: table.ai_models,
        build: table.build.map(build),
    })
}

fn source(written: Spanned<TextOr<RawSource>>, folder: &Path) -> Result<Source, Problem> {
    let at = written.span().start;
    let table = match written.into_inner() {
        TextOr::Text(path) if path.is_empty() => {
            return Err(Problem::new(at, "the path of `source` is empty"));
        }
        TextOr::Text(path) => return Ok(Source::File(folder.join(path))),
        TextOr::Table(table) => table,
    };
    match table {
        RawSource {
            url: Some(url),
            digest: Some(digest),
            registry: None,
            package: None,
            version: None,
        } => {
            if !is_sha256(&digest) {
                let message = format!("`{digest}` is not a digest");
                return Err(
                    Problem::new(at, message).hint("it is `sha256:` and 64 hexadecimal digits")
                );
            }
            Ok(Source::Url {
                url,
                digest: digest.to_ascii_lowercase(),
            })
        }
        RawSource {
            url: None,
            digest: None,
            registry,
            package: Some(package),
            version: Some(version),
        } => Ok(Source::Registry {
            registry,
            package,
            version,
        }),
        RawSource {
            url: Some(_),
            digest: None,
            ..
        } => Err(Problem::new(at, "`source` has a `url` but no `digest`")
            .hint("add `digest = \"sha256:...\"`, so that nothing else is ever run")),
        _ => Err(Problem::new(
            at,
            "`source` is a path, `{ url, digest }` or `{ registry, package, version }`",
        )),
    }
}

fn is_sha256(digest: &str) -> bool {
    let hex = digest.strip_prefix("sha256:");
    hex.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn file_entry(written: Spanned<TextOr<RawPlacement>>) -> Result<FileEntry, Problem> {
    let at = written.span().start;
    let entry = match written.into_inner() {
        TextOr::Text(pattern) => FileEntry::Pattern(pattern),
        TextOr::Table(RawPlacement {
            source,
            destination,
        }) => FileEntry::Placement {
            source,
            destination,
        },
    };
    match mounts::check(&entry) {
        Ok(()) => Ok(entry),
        Err(problem) => Err(Problem::new(
            at,
            format!("`{entry}` cannot be mounted: {problem}"),
        )),
    }
}

fn exclude(pattern: Spanned<String>) -> Result<String, Problem> {
    let at = pattern.span().start;
    let pattern = pattern.into_inner();
    match glob::Pattern::new(&pattern) {
        Ok(_) => Ok(pattern),
        Err(error) => Err(Problem::new(
            at,
            format!("`{pattern}` is not a pattern: {}", error.msg),
        )),
    }
}

fn variables(
    written: Map<Spanned<String>>,
    declared: &Declared,
) -> Result<BTreeMap<String, Template>, Problem> {
    let mut variables = BTreeMap::new();
    for (name, text) in written {
        let at = name.span().start;
        let name = name.into_inner();
        names::check_variable(&name).map_err(|problem| {
            Problem::new(
                at,
                format!("`{name}` cannot be a variable's name: {problem}"),
            )
        })?;
        variables.insert(name, template(&text, declared)?);
    }
    Ok(variables)
}

fn template(text: &Spanned<String>, declared: &Declared) -> Result<Template, Problem> {
    let problem = |error: VariableError| Problem::new(text.span().start, error.to_string());
    let template = Template::parse(text.get_ref()).map_err(problem)?;
    let undefined = template.names().find(|name| !declared.contains_key(*name));
    match undefined {
        Some(name) => {
            let error = VariableError::Undefined {
                name: name.to_owned(),
            };
            Err(problem(error).nearest(name, declared.keys().map(String::as_str)))
        }
        None => Ok(template),
    }
}

fn hosts(
    hosts: &[Spanned<String>],
    old: &[Spanned<String>],
    declared: &Declared,
) -> Result<Vec<Template>, Problem> {
    let mut templates = Vec::new();
    for host in hosts {
        let template = template(host, declared)?;
        if let Some(literal) = template.as_literal() {
            outbound_hosts::check(literal).map_err(|problem| invalid_host(host, problem))?;
        }
        templates.push(template);
    }
    for host in old {
        let rewritten = outbound_hosts::from_allowed_http_host(host.get_ref())
            .map_err(|problem| invalid_host(host, problem))?;
        for entry in rewritten {
            templates.push(template(&Spanned::new(host.span(), entry), declared)?);
        }
    }
    Ok(templates)
}

fn invalid_host(host: &Spanned<String>, problem: EntryProblem) -> Problem {
    let message = format!("`{}` is not an outbound host: {problem}", host.get_ref());
    Problem::new(host.span().start, message).hint(problem.hint())
}

fn label(written: Spanned<String>) -> Result<String, Problem> {
    let at = written.span().start;
    let label = written.into_inner();
    match names::check_label(&label) {
        Ok(()) => Ok(label),
        Err(problem) => Err(Problem::new(
            at,
            format!("`{label}` cannot be the label of a store: {problem}"),
        )),
    }
}

fn build(written: RawBuild) -> Build {
    let commands = match written.command {
        RawCommands::One(command) => vec![command],
        RawCommands::Several(commands) => commands,
    };
    Build {
        commands,
        workdir: written.workdir,
        watch: written.watch,
    }
}

//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use engine::Connections;

use crate::cache::Cache;
use crate::check::Check;
use crate::image::Image;
use crate::inspect::Inspect;
use crate::log::Format;
use crate::native::{Native, NativeArguments};
use crate::publish::Push;
use crate::pull::Pull;
use crate::quantity::Bytes;
use crate::release::Release;
use crate::runtime;
use crate::serve::Serve;
use crate::settings::Configuration;

/// GitOps static-site host built on Spin components.
#[derive(Debug, Parser)]
#[command(name = "bart", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
// The options of the others would take a start longer than those of the one that runs. Those come with a description of their own, which is the same.
#[command(defer = true)]
pub(crate) enum Command {
    /// Serve the site of a folder on this machine.
    Up(Up),
    /// Check that all of a site can be shown and that its links lead somewhere.
    Check(Check),
    /// Make a release: new versions, a commit and a tag.
    Release(Release),
    /// Publish a site and its components as one immutable artifact.
    Push(Box<Push>),
    /// Make the image of a release out of an image without one.
    Image(Box<Image>),
    /// Show what an artifact is made of.
    Inspect(Box<Inspect>),
    /// Bring a release from a registry into the cache.
    Pull(Pull),
    /// Look into the cache of releases, check it, and clean it up.
    Cache(Cache),
    /// Serve a published release: what the shim image runs.
    Serve(Box<Serve>),
    /// Compile bart's own components for an image.
    #[command(hide = true)]
    Native(Native),
}

/// Serve the site of a folder on this machine.
#[derive(Clone, Debug, Args)]
pub struct Up {
    /// The site: a folder with a `spin.toml`, or the manifest itself.
    #[arg(value_name = "DIR|spin.toml", default_value = ".")]
    pub site: PathBuf,
    /// Where to listen. Port 0 takes a free one.
    #[arg(
        long,
        value_name = "ADDR",
        env = "BART_LISTEN",
        default_value = "127.0.0.1:3000"
    )]
    pub listen: SocketAddr,
    /// What runs the site.
    #[arg(long, value_enum, default_value_t = Engine::Bart)]
    pub engine: Engine,
    /// Run the components that the manifest names, on a real Spin, instead of bart's own in their place.
    #[arg(long)]
    pub original: bool,
    /// Treat a component or trigger that cannot run here as an error.
    #[arg(long)]
    pub strict: bool,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// The form of log lines on stderr.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub log: Format,
    /// The folder in which native code is kept, for the next time.
    #[arg(
        long,
        value_name = "DIR",
        env = "BART_CACHE_DIR",
        help_heading = "Cache"
    )]
    pub cache_dir: Option<PathBuf>,
    /// Native code that is there already.
    #[command(flatten)]
    pub native: NativeArguments,
    /// Memory for responses that are answered with again, such as `32MiB`; with 0 each page is made anew.
    #[arg(
        long,
        value_name = "SIZE",
        env = "BART_RESPONSE_CACHE",
        default_value = "0"
    )]
    pub response_cache: Bytes,
    /// Environment variables of the components.
    #[command(flatten)]
    pub configuration: Configuration,
    /// Bounds of the engine.
    #[command(flatten)]
    pub limits: Limits,
}

/// What runs a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// The engine inside bart.
    Bart,
    /// The `spin` on PATH.
    Spin,
}

/// Bounds of the engine.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Requests that run at once; further ones wait 5 s, then get 503.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub concurrency: u16,
    /// Seconds until a request without an answer gets 504.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub request_timeout: u64,
    /// Memory of one instance in MiB; one that needs more fails with 500.
    #[arg(long, value_name = "MIB", default_value_t = 128, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub memory: u16,
    /// Connections at once; further clients wait. Without it 16384, or what the limit of open files leaves.
    #[arg(long, value_name = "N", env = "BART_MAX_CONNECTIONS", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: Option<u32>,
    /// Seconds that requests in flight get to end after SIGTERM or Ctrl-C.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub drain_timeout: u64,
}

impl Limits {
    pub(crate) fn engine(&self, response_cache: Bytes) -> engine::Limits {
        engine::Limits {
            response_cache: usize::try_from(response_cache.0).unwrap_or(usize::MAX),
            concurrency: usize::from(self.concurrency),
            request_timeout: Duration::from_secs(self.request_timeout),
            memory: usize::from(self.memory) << 20,
            ..engine::Limits::default()
        }
    }

    /// The bounds of the listener. Raises the limit of open files as far as that goes.
    pub(crate) fn connections(&self) -> Connections {
        // What is stored takes no file and no time.
        let limits = self.engine(Bytes(0));
        let connections = Connections::default();
        Connections {
            most: runtime::connections(self.max_connections, limits.instances()),
            // A stream may pause for as long as a request may take.
            quiet: connections.quiet.max(limits.request_timeout * 2),
            ..connections
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn a_command_is_described_alike_in_the_list_and_in_its_own_help() {
        let listed = Cli::command();
        let mut built = listed.clone();
        built.build();
        for command in listed.get_subcommands() {
            let own = built.find_subcommand(command.get_name()).unwrap();
            let (listed, own) = (command.get_about(), own.get_about());
            assert_eq!(
                listed.map(ToString::to_string),
                own.map(ToString::to_string),
                "{}",
                command.get_name()
            );
            assert!(listed.is_some());
        }
    }
}

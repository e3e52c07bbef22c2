//! `bart serve`: a published release, pulled into the cache and served. What the shim image runs.

mod activate;
mod admin;
mod after;
mod choose;
mod health;
mod identity;
mod metrics;
mod start;
mod store;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use engine::{Current, Drained, Server};
use http::uri::PathAndQuery;
use tokio::task::JoinHandle;

use self::activate::Activation;
use self::admin::Admin;
use self::health::Health;
pub use self::identity::{Identity, IdentityArguments, image_variable};
use self::metrics::Metrics;
use self::start::Start;
use self::store::Place;
use crate::Failure;
use crate::caches::CacheArguments;
use crate::cli::Limits;
use crate::log::{self, Format};
use crate::native::NativeArguments;
use crate::quantity::Bytes;
use crate::registries::RegistryArguments;
use crate::settings::Configuration;
use crate::{listening, runtime, signals};

/// Serve a published release: what the shim image runs.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Which release.
    #[command(flatten)]
    pub identity: IdentityArguments,
    /// Where to listen for visitors.
    #[arg(
        long,
        value_name = "ADDR",
        env = "BART_LISTEN",
        default_value = "0.0.0.0:8080"
    )]
    pub listen: SocketAddr,
    /// Where to listen for the cluster: `/livez`, `/readyz` and `/metrics`.
    #[arg(
        long,
        value_name = "ADDR",
        env = "BART_ADMIN_LISTEN",
        default_value = "0.0.0.0:9090"
    )]
    pub admin_listen: SocketAddr,
    /// The path that must be answered below 500 for the site to be ready.
    #[arg(
        long,
        value_name = "PATH",
        env = "BART_READY_PATH",
        default_value = "/",
        value_parser = ready_path
    )]
    pub ready_path: String,
    /// Seconds to go on serving after SIGTERM, not ready, before connections are closed.
    #[arg(long, value_name = "SECONDS", env = "BART_SHUTDOWN_DELAY", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub shutdown_delay: u64,
    /// Log how long after the start of the process each step of the start was done.
    #[arg(long)]
    pub log_startup: bool,
    /// Memory for responses that are answered with again, such as `256MiB`; with 0 each page is made anew.
    #[arg(
        long,
        value_name = "SIZE",
        env = "BART_RESPONSE_CACHE",
        default_value = "32MiB"
    )]
    pub response_cache: Bytes,
    /// Print nothing but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// The form of log lines on stderr.
    #[arg(long, value_enum, env = "BART_LOG_FORMAT", default_value_t = Format::Text)]
    pub log: Format,
    /// The way to registries.
    #[command(flatten)]
    pub registry: RegistryArguments,
    /// Where releases are kept.
    #[command(flatten)]
    pub cache: CacheArguments,
    /// Native code that is there already.
    #[command(flatten)]
    pub native: NativeArguments,
    /// Environment variables of the components.
    #[command(flatten)]
    pub configuration: Configuration,
    /// Bounds of the engine.
    #[command(flatten)]
    pub limits: Limits,
}

/// Serves, in a process that began at `start`.
pub(crate) fn run(arguments: &Serve, start: Instant) -> Result<(), Failure> {
    log::start(arguments.log, arguments.quiet);
    let identity = Identity::read(&arguments.identity)?;
    let place = Place::open(&arguments.cache)?;
    let metrics = Metrics::new(start, arguments.log_startup);
    let activation = Activation::start(arguments, &place, &metrics)?;
    let runtime = runtime::start()?;
    let result = runtime.block_on(serve(identity, arguments, place, metrics, activation));
    // What still waits for a disk or a registry holds up nobody.
    runtime.shutdown_background();
    result
}

async fn serve(
    identity: Identity,
    arguments: &Serve,
    place: Place,
    metrics: Metrics,
    activation: Activation,
) -> Result<(), Failure> {
    let server = listening::bind(arguments.listen).await?;
    let address = server
        .address()
        .context("failed to read the bound address")?;
    let current = Arc::new(Current::none());
    let health = Arc::new(Health::new(
        Arc::clone(&current),
        arguments.ready_path.clone(),
    ));
    let admin = Admin {
        health: Arc::clone(&health),
        metrics: metrics.clone(),
    };
    let admin_address = admin
        .start(arguments.admin_listen)
        .await
        .map_err(|error| listening::failure(arguments.admin_listen, error))?;
    metrics.reached("bound");
    tracing::info!("listening on http://{address}, for the cluster on http://{admin_address}");
    let mut serving = listen(server, &current, health, &metrics, arguments)?;
    let start = Start {
        identity,
        registry: arguments.registry.registry()?,
        place,
        arguments: arguments.clone(),
        current,
        metrics,
    };
    let started = tokio::select! {
        started = start.run(address, activation) => started?,
        drained = &mut serving => return ended(drained, arguments),
    };
    let after = tokio::spawn(started.look_after());
    let drained = serving.await;
    // With it go the lease, and a store in memory.
    after.abort();
    let _ = after.await;
    ended(drained, arguments)
}

/// Serves from now on: 503, until there is a release.
fn listen(
    server: Server,
    current: &Arc<Current>,
    health: Arc<Health>,
    metrics: &Metrics,
    arguments: &Serve,
) -> Result<JoinHandle<Drained>, Failure> {
    let signal = signals::shutdown().context("failed to handle signals")?;
    let delay = Duration::from_secs(arguments.shutdown_delay);
    let shutdown = async move {
        signal.await;
        health.stop();
        tokio::time::sleep(delay).await;
    };
    let drain = Duration::from_secs(arguments.limits.drain_timeout);
    let server = server
        .observed_by(metrics.observer())
        .bounded_by(arguments.limits.connections());
    let current = Arc::clone(current);
    Ok(tokio::spawn(async move {
        server.run(current, shutdown, drain).await
    }))
}

fn ended(
    drained: Result<Drained, tokio::task::JoinError>,
    arguments: &Serve,
) -> Result<(), Failure> {
    if drained.map_err(Failure::failed)? == Drained::DeadlinePassed {
        let seconds = arguments.limits.drain_timeout;
        tracing::warn!("stopped with requests unanswered after {seconds} s");
    }
    Ok(())
}

fn ready_path(text: &str) -> Result<String, String> {
    let path: Result<PathAndQuery, _> = text.parse();
    if text.starts_with('/') && path.is_ok() {
        return Ok(text.to_owned());
    }
    Err("a path begins with `/` and has no blanks".to_owned())
}

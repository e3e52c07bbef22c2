//! How the command line says in which way registries are reached, and what becomes of their faults.

use std::env;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use artifact::registry::{
    CredentialPlaces, Credentials, Mirror, PARALLELISM, Platform, Proxies, Registry,
    RegistryOptions, RetryPolicy, Timeouts,
};
use clap::Args;
use clap::builder::FalseyValueParser;

use crate::Failure;

/// The way to registries.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Registry")]
pub struct RegistryArguments {
    /// Speak plain HTTP to registries other than those on this machine.
    #[arg(long, env = "BART_INSECURE", value_parser = FalseyValueParser::new())]
    pub insecure: bool,
    /// Trust the authorities in a PEM file besides those of the system.
    #[arg(long, value_name = "FILE", env = "BART_CA_FILE")]
    pub ca_file: Option<PathBuf>,
    /// Pull from a mirror first; several are asked in their order.
    #[arg(
        long = "mirror",
        value_name = "[REGISTRY=]HOST[/PREFIX]",
        env = "BART_MIRRORS",
        value_delimiter = ','
    )]
    pub mirrors: Vec<Mirror>,
    /// Take credentials from a file in the form of docker's `config.json`, before the usual places.
    #[arg(long, value_name = "FILE")]
    pub registry_config: Option<PathBuf>,
    /// Blobs on their way at once.
    #[arg(long, value_name = "N", default_value_t = PARALLELISM)]
    pub parallel: NonZeroUsize,
}

impl RegistryArguments {
    /// The way to registries that the arguments and this process's environment describe. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// When credentials or authorities cannot be read.
    pub fn registry(&self) -> Result<Registry, Failure> {
        let places = CredentialPlaces::from_environment(
            |name| env::var_os(name),
            self.registry_config.clone(),
        );
        let credentials = Credentials::read(places).map_err(Failure::usage)?;
        let registry = Registry::new(RegistryOptions {
            credentials,
            insecure: self.insecure,
            ca_file: self.ca_file.clone(),
            mirrors: self.mirrors.clone(),
            timeouts: Timeouts::DEFAULT,
            retries: RetryPolicy::DEFAULT,
            parallelism: self.parallel,
            proxies: Proxies::Environment,
            platform: Platform::system(),
        })?;
        Ok(registry)
    }
}

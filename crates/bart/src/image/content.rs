//! The release that an image is for, as its registry has it: a shim never exists before its content.

use std::collections::BTreeMap;

use anyhow::anyhow;
use artifact::registry::{Fault, Registry};
use artifact::{Digest, Manifest, Reference, Repository, Target};

use super::arguments::Image;
use crate::Failure;
use crate::failure::exit;

/// What an image is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// Where it is, if that is said.
    pub(super) repository: Option<Repository>,
    /// What it is called.
    pub(super) build_id: Target,
    /// Its digest, if it is known.
    pub(super) digest: Option<Digest>,
    /// The notes on it.
    pub(super) annotations: BTreeMap<String, String>,
}

impl Content {
    /// Finds the content in the registry, or takes the user's word for it.
    pub(super) async fn find(
        registry: &Registry,
        arguments: &Image,
        of_base: Option<&str>,
    ) -> Result<Content, Failure> {
        let of_base = of_base.map(str::parse).transpose();
        let repository = match &arguments.repository {
            Some(repository) => Some(repository.clone()),
            None => of_base.map_err(|error| {
                Failure::usage(anyhow!("the base is for no repository: {error}"))
                    .hint("use `--repository`, such as `--repository ghcr.io/me/site`")
            })?,
        };
        let mut content = Content {
            repository,
            build_id: arguments.build_id.clone(),
            digest: pin(&arguments.build_id, arguments.digest)?,
            annotations: BTreeMap::new(),
        };
        if !arguments.allow_missing_content {
            content.look(registry).await?;
        }
        Ok(content)
    }

    /// Asks the registry.
    async fn look(&mut self, registry: &Registry) -> Result<(), Failure> {
        let Some(repository) = &self.repository else {
            return Err(Failure::usage(anyhow!("there is no repository")).hint(
                "use `--repository`, such as `--repository ghcr.io/me/site`: the release must be there before its image",
            ));
        };
        let tagged = repository.at(self.build_id.clone());
        let reference = match self.digest {
            Some(digest) => repository.at(Target::Digest(digest)),
            None => tagged.clone(),
        };
        let (digest, bytes) = registry
            .manifest(&reference)
            .await
            .map_err(|error| missing(&reference, error))?;
        if reference != tagged {
            check_tag(registry, &tagged, digest).await?;
        }
        self.annotations = Manifest::parse(&bytes)?.annotations;
        self.digest = Some(digest);
        Ok(())
    }
}

/// The only digest that the content may have.
fn pin(build_id: &Target, digest: Option<Digest>) -> Result<Option<Digest>, Failure> {
    match (build_id, digest) {
        (Target::Digest(named), Some(digest)) if *named != digest => Err(Failure::usage(anyhow!(
            "the BUILD_ID is `{named}`, and `--digest` is `{digest}`"
        ))),
        (Target::Digest(named), _) => Ok(Some(*named)),
        (Target::Tag(_), digest) => Ok(digest),
    }
}

/// A tag may be missing, as in a registry that was filled by digest, but must not be something else.
async fn check_tag(registry: &Registry, tagged: &Reference, digest: Digest) -> Result<(), Failure> {
    match registry.resolve(tagged).await {
        Ok(there) if there != digest => Err(Failure::failed(anyhow!(
            "`{tagged}` is `{there}`, not `{digest}`"
        ))
        .code(exit::WRONG_BYTES)
        .hint("somebody moved the tag: name the release that is meant")),
        Ok(_) => Ok(()),
        Err(error) if matches!(error.fault, Fault::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn missing(reference: &Reference, error: artifact::registry::RegistryError) -> Failure {
    if !matches!(error.fault, Fault::NotFound { .. }) {
        return error.into();
    }
    let error = anyhow::Error::new(error).context(format!("there is no release `{reference}`"));
    Failure::failed(error).code(exit::NOT_FOUND).hint(
        "publish it with `bart push` first, or use `--allow-missing-content`: the image runs only once it is there",
    )
}

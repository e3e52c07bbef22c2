//! Which components and files of an application have some content.

use std::collections::BTreeMap;

use artifact::{Digest, LockedApp};
use serde::Serialize;

/// A place of some content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Use {
    /// The component.
    pub(crate) component: String,
    /// Where it sees the file; none for its Wasm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
}

/// The places of each content, in the order of the application.
#[derive(Debug, Default)]
pub(crate) struct Uses(BTreeMap<Digest, Vec<Use>>);

impl Uses {
    /// Those in an application whose content is named by digest.
    pub(crate) fn of(app: &LockedApp) -> Uses {
        let mut uses = Uses::default();
        for component in &app.components {
            uses.add(component.source.content.digest, &component.id, None);
            for file in &component.files {
                uses.add(file.content.digest, &component.id, Some(&file.path));
            }
        }
        uses
    }

    /// The places of some content.
    pub(crate) fn get(&self, digest: &Digest) -> &[Use] {
        self.0.get(digest).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, digest: Option<Digest>, component: &str, path: Option<&str>) {
        if let Some(digest) = digest {
            self.0.entry(digest).or_default().push(Use {
                component: component.to_owned(),
                path: path.map(str::to_owned),
            });
        }
    }
}

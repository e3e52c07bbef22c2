//! The page index of a site. A page is parsed once for as long as its file stays as it is.

use std::collections::HashMap;
use std::fs;
use std::io;

use engine::mounts::{Plan, PlannedFile};
use site::SourceError;
use site::index::IndexedDocument;

/// Pages by their paths in the guest, each with what its file looked like.
#[derive(Debug, Default)]
pub(super) struct Pages(HashMap<String, (PlannedFile, IndexedDocument)>);

/// Why a file is in no list of pages.
#[derive(Debug, thiserror::Error)]
enum Unlisted {
    #[error("failed to read it")]
    Read(#[from] io::Error),
    #[error(transparent)]
    Mistake(#[from] SourceError),
}

impl Pages {
    /// The index of the pages among the files of a plan. A file that is no page is left out, with a warning.
    pub(super) fn index(&mut self, plan: &Plan) -> String {
        let listed: Vec<_> = plan
            .files()
            .iter()
            .filter(|(path, _)| IndexedDocument::is_listed(path))
            .collect();
        self.0.retain(|path, _| plan.files().contains_key(path));
        for (path, file) in &listed {
            if self.0.get(*path).is_some_and(|(known, _)| known == *file) {
                continue;
            }
            self.0.remove(*path);
            match page(path, file) {
                Ok(Some(page)) => drop(self.0.insert((*path).clone(), ((*file).clone(), page))),
                Ok(None) => {}
                Err(Unlisted::Read(error)) => {
                    tracing::warn!("left `{path}` out of the lists of pages: {error}");
                }
                Err(Unlisted::Mistake(error)) => {
                    tracing::warn!("left a page out of the lists of pages: {error}");
                }
            }
        }
        IndexedDocument::index(self.0.values().map(|(_, page)| page))
    }
}

fn page(path: &str, file: &PlannedFile) -> Result<Option<IndexedDocument>, Unlisted> {
    let text = fs::read_to_string(&file.source)?;
    Ok(IndexedDocument::new(path, text)?)
}

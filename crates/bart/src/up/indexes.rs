//! What bart adds to the files of its own components, so that the cost of a request does not grow with the site.

use std::collections::BTreeMap;

use engine::mounts::Plan;
use engine::substitution::Bundled;
use web::files::index;

use super::digests::Digests;
use super::pages::Pages;

/// Makes the files below [`FOLDER`](index::FOLDER), and remembers what was costly in it for the next release.
#[derive(Debug, Default)]
pub struct Indexes {
    digests: Digests,
    pages: Pages,
}

impl Indexes {
    /// Adds to the files of one of bart's components what it looks for among them.
    pub(super) fn add(&mut self, component: Bundled, plan: &mut Plan) {
        let files = match component {
            Bundled::Fileserver => {
                let index = index::write(self.digests.of(plan));
                BTreeMap::from([(index::NAME.to_owned(), index)])
            }
            Bundled::Renderer => {
                let index = self.pages.index(plan).into_bytes();
                BTreeMap::from([(site::index::NAME.to_owned(), index)])
            }
            Bundled::Redirect => BTreeMap::new(),
        };
        // Also without a file: what the author put there was not made by bart.
        plan.generate(index::FOLDER, files);
    }
}

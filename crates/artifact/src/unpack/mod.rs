//! What an artifact holds: the files of its components, checked, and how their bytes come out of its blobs.

mod archive;
mod contents;
mod error;
mod needed;
mod sink;

pub use archive::{ArchiveError, Limits};
pub use contents::{ComponentContents, Contents};
pub use error::{ContentError, ReadError};
pub use needed::Needed;
pub use sink::Sink;

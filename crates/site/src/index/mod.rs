//! The page index: the heads of all pages in one file, so that a list of pages need not read each of them.
//!
//! Whoever makes a site's tree of files puts the index in it at [`PATH`]; it is never part of a site's sources. Its first
//! line names the format. Each further line is a page, in the order of the names, in fields that tabs separate:
//!
//! ```text
//! "blog/hello.md"  1  1714979289.000000000  57  0  {"tags":["a"],"title":"Hello"}
//! ```
//!
//! the name below `content/` as a JSON string, `published` as 1, 0 or nothing, the date in seconds since 1970 or nothing, where
//! the body begins in bytes (its line ends normalised), `enable_shortcodes` as `published`, and the head without what is absent.

mod read;
mod write;

pub(crate) use self::read::{IndexedPage, Malformed, PageIndex};
pub use self::write::IndexedDocument;

/// Where the index is, relative to the site's root. No request reaches it, as it is not below `content/`.
pub const PATH: &str = ".bart/pages";
/// Its name in the folder of what bart adds to a site's files.
pub const NAME: &str = "pages";

/// The first line. Another version is another format, which is not read.
const HEADER: &str = "bart page index 1\n";

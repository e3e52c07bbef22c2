//! HTTP rules, pure and without I/O: what a request asks for and what may be answered.
//!
//! Everything works on the types of the `http` crate. A module decides (a value comes back) and says how the decision
//! looks on the wire; who reads files or sockets sits elsewhere.

pub mod accept;
pub mod auth;
pub mod compress;
pub mod conditional;
pub mod encoding;
pub mod etag;
pub mod files;
pub mod freshness;
pub mod media;
pub mod method;
pub mod path;
pub mod range;
pub mod redirect;
pub mod representation;
pub mod route;

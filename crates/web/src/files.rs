//! The rules of the file server: its settings, which file answers a request, and with what head.

mod answer;
pub mod index;
mod lookup;
mod settings;

pub use answer::{Answer, Role, failure, not_found};
pub use lookup::{Candidate, Icon, candidates};
pub use settings::Settings;
